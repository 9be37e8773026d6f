/** Requests to an API server over HTTP or HTTPS as a test makes them: every answer is a value, whatever its code. */
import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as SecureAgent } from 'node:https';

export interface Answer {
  code: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body where it is JSON, {} otherwise. */
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into answers of every shape.
  body: any;
}

export interface Ask {
  body?: unknown;
  /** Instead of `body`: as it is. */
  bytes?: string | Uint8Array;
  headers?: Record<string, string>;
  /** Instead of the administrator's; '' for none. */
  token?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: as above.
export type SeenEvent = { type: string; object: any };

export interface SeenWatch {
  events: SeenEvent[];
  /** Waits until `enough` holds of the events so far; rejects after ten seconds. */
  until(enough: (events: readonly SeenEvent[]) => boolean): Promise<SeenEvent[]>;
  /** Resolves when the server has ended it. */
  ended: Promise<void>;
  stop(): void;
}

export interface TestClient {
  url: string;
  ask(method: string, path: string, ask?: Ask): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  patch(path: string, type: 'json' | 'merge' | 'strategic' | 'apply', body: unknown): Promise<Answer>;
  delete(path: string, body?: unknown): Promise<Answer>;
  watch(path: string, headers?: Record<string, string>): SeenWatch;
  /** Lets go of its connections. */
  disconnect(): void;
}

const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

export interface ClientOptions {
  url: string;
  /** The certificate that signed the server's; plain HTTP without it. */
  authority?: string;
  /** Sent with every request that names no other. */
  token?: string;
}

export function connect({ url, authority, token: own = '' }: ClientOptions): TestClient {
  const agent =
    authority === undefined ? new Agent({ keepAlive: true }) : new SecureAgent({ keepAlive: true, ca: authority });
  const send = (method: string, path: string, { headers, token }: Ask, done: (answer: IncomingMessage) => void) => {
    const bearer = token ?? own;
    const authorization: Record<string, string> = bearer === '' ? {} : { authorization: `Bearer ${bearer}` };
    const make = authority === undefined ? httpRequest : httpsRequest;
    return make(url + path, { method, agent, headers: { ...authorization, ...headers } }, done);
  };
  const ask: TestClient['ask'] = (method, path, given = {}) =>
    new Promise((resolve, reject) => {
      const { body, bytes = body === undefined ? undefined : JSON.stringify(body) } = given;
      const length = bytes === undefined ? undefined : String(Buffer.byteLength(bytes));
      const bodyHeaders: Record<string, string> =
        length === undefined ? {} : { 'content-type': 'application/json', 'content-length': length };
      const headers = { ...bodyHeaders, ...given.headers };
      const request = send(method, path, { ...given, headers }, (message) => {
        const chunks: Buffer[] = [];
        message.on('data', (chunk: Buffer) => chunks.push(chunk));
        message.on('end', () => resolve(answerOf(message, Buffer.concat(chunks).toString())));
        message.on('error', reject);
      });
      request.on('error', reject);
      request.end(bytes);
    });
  return {
    url,
    ask,
    get: (path, headers) => ask('GET', path, { headers }),
    post: (path, body, headers) => ask('POST', path, { body, headers }),
    put: (path, body) => ask('PUT', path, { body }),
    patch: (path, type, body) => ask('PATCH', path, { body, headers: { 'content-type': PATCH_TYPES[type] } }),
    delete: (path, body) => ask('DELETE', path, { body }),
    watch: (path, headers) => openWatch((done) => send('GET', path, { headers }, done)),
    disconnect: () => agent.destroy(),
  };
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, text: string): Answer {
  // A watch's answer is an object a line, and so no JSON as a whole.
  const isJson = headers['content-type']?.startsWith('application/json') && text !== '' && !text.includes('}\n{');
  return { code: statusCode, headers, text, body: isJson ? JSON.parse(text) : {} };
}

function openWatch(send: (done: (answer: IncomingMessage) => void) => ReturnType<typeof httpRequest>): SeenWatch {
  const events: SeenEvent[] = [];
  const waiting = new Set<() => void>();
  let end: () => void;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let rest = '';
  const request = send((message) => {
    message.setEncoding('utf8');
    message.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') events.push(parsed(line));
      for (const check of waiting) check();
    });
    message.on('close', () => {
      if (rest !== '') events.push(parsed(rest));
      for (const check of waiting) check();
      end();
    });
    message.on('error', () => end());
  });
  request.on('error', () => end());
  request.end();
  return {
    events,
    ended,
    stop: () => void request.destroy(),
    until: (enough) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(check);
          reject(new Error(`after ten seconds the watch has seen ${JSON.stringify(events).slice(0, 2000)}`));
        }, 10_000);
        const check = (): void => {
          if (!enough(events)) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(events);
        };
        waiting.add(check);
        check();
      }),
  };
}

/** A refusal before the first event comes as a Status and not as an event. */
function parsed(line: string): SeenEvent {
  const value = JSON.parse(line) as SeenEvent;
  return value.type === undefined ? { type: 'REFUSED', object: value } : value;
}
