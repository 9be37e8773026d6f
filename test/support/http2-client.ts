/** Requests over one connection of HTTP/2, as a test makes them. */
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type SecureClientSessionOptions } from 'node:http2';
import type { TestServer } from './api-server.ts';

export interface Http2Answer {
  code: number;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into answers of every shape.
  body: any;
  headers: Record<string, unknown>;
}

export interface Http2Ask {
  headers?: Record<string, string | string[]>;
  body?: unknown;
  bytes?: string | Uint8Array;
}

export class Http2Client {
  readonly session: ClientHttp2Session;
  readonly #token: string;

  /** Resolves when the server has said its settings. @param token '': none is sent. */
  static async connect(
    { url, server }: Pick<TestServer, 'url' | 'server'>,
    { token = server.auth.adminToken, ...options }: SecureClientSessionOptions & { token?: string } = {},
  ): Promise<Http2Client> {
    const session = connect(url, { ca: server.auth.authority.pair.certificate, ...options });
    session.on('error', () => {}); // Requests are told.
    await once(session, 'remoteSettings');
    return new Http2Client(session, token);
  }

  private constructor(session: ClientHttp2Session, token: string) {
    this.session = session;
    this.#token = token;
  }

  /** Not ended: `end` of it sends the request. */
  open(method: string, path: string, headers: Http2Ask['headers'] = {}): ClientHttp2Stream {
    const authorization = this.#token === '' ? {} : { authorization: `Bearer ${this.#token}` };
    const all = { ':method': method, ':path': path, ...authorization, ...headers };
    return this.session.request(all, { endStream: false });
  }

  async ask(method: string, path: string, { headers, body, bytes }: Http2Ask = {}): Promise<Http2Answer> {
    const content = bytes ?? (body === undefined ? undefined : JSON.stringify(body));
    const stream = this.open(method, path, {
      ...(content !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    });
    const answered = Promise.all([once(stream, 'response'), textOf(stream)]);
    stream.end(content);
    const [[head], all] = await answered;
    const isJson = String(head['content-type']).startsWith('application/json') && all !== '';
    return { code: Number(head[':status']), headers: head, text: all, body: isJson ? JSON.parse(all) : {} };
  }

  async close(): Promise<void> {
    if (this.session.destroyed) return;
    this.session.destroy();
    await once(this.session, 'close');
  }
}

async function textOf(stream: ClientHttp2Stream): Promise<string> {
  let text = '';
  stream.setEncoding('utf8').on('data', (piece) => (text += piece));
  await once(stream, 'close');
  return text;
}
