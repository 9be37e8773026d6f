/**
 * One kept connection over TLS, one request at a time. It reads no more of an answer than where it ends: what is measured
 * is the server, beside which the client has the other core.
 */
import { connect, type TLSSocket } from 'node:tls';
import type { UpProcess } from '../../test/runtime/api/faults/up-process.ts';

const HEAD_END = Buffer.from('\r\n\r\n');

export interface Answer {
  code: number;
  bytes: number;
}

export class HttpsClient {
  readonly #socket: TLSSocket;
  readonly #head: string;
  #done: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  #before: Buffer | undefined;
  #code = 0;
  #bytes = 0;
  #left = -1;

  static async connect({ url, token, authority }: UpProcess): Promise<HttpsClient> {
    const { hostname, port, host } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), ca: authority, ALPNProtocols: ['http/1.1'] });
    socket.setNoDelay(true);
    await new Promise((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    return new HttpsClient(socket, `Host: ${host}\r\nAuthorization: Bearer ${token}\r\n`);
  }

  private constructor(socket: TLSSocket, head: string) {
    this.#socket = socket;
    this.#head = head;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#done?.reject(error));
    socket.on('close', () => this.#done?.reject(new Error('the connection was closed')));
  }

  /** Rejects when the connection breaks. @param body JSON. */
  ask(method: string, path: string, body = ''): Promise<Answer> {
    const length =
      body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    return new Promise((resolve, reject) => {
      this.#done = { resolve, reject };
      this.#socket.write(`${method} ${path} HTTP/1.1\r\n${this.#head}${length}\r\n${body}`);
    });
  }

  close(): void {
    this.#done = undefined;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    if (this.#left < 0) {
      const all = this.#before ? Buffer.concat([this.#before, chunk]) : chunk;
      const end = all.indexOf(HEAD_END);
      if (end < 0) {
        this.#before = all;
        return;
      }
      this.#before = undefined;
      const head = all.toString('latin1', 0, end);
      this.#code = Number(head.slice(9, 12));
      this.#left = this.#bytes = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
      rest = all.subarray(end + HEAD_END.length);
    }
    this.#left -= rest.length;
    if (this.#left > 0) return;
    this.#left = -1;
    const done = this.#done;
    this.#done = undefined;
    done?.resolve({ code: this.#code, bytes: this.#bytes });
  }
}
