/**
 * Constant load of HTTP requests by clients that never try again: a request is whole, or it has failed. Half of the clients
 * keep their connection for as long as the server lets them, the others take a new one for each request.
 */
import { connect, type Socket } from 'node:net';

const KEPT = 'GET / HTTP/1.1\r\nHost: web\r\n\r\n';
const SHORT = 'GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n';

export class RolloutLoad {
  /** Requests that were answered whole, and those that were not, with the reasons. */
  readonly whole = { kept: 0, short: 0 };
  failed = 0;
  readonly reasons = new Map<string, number>();
  readonly #port: number;
  readonly #clients: Promise<void>[];
  #going = true;
  #waiting: { count: number; resolve(): void } | undefined;

  constructor(port: number, clients: number) {
    this.#port = port;
    this.#clients = Array.from({ length: clients }, (_, i) => this.#client(i % 2 === 0));
  }

  get done(): number {
    return this.whole.kept + this.whole.short + this.failed;
  }

  /** Resolves once so many requests are over. */
  reached(count: number): Promise<void> {
    if (this.done >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = { count, resolve };
    });
  }

  /** Resolves when the last request is over. */
  async stop(): Promise<void> {
    this.#going = false;
    await Promise.all(this.#clients);
  }

  async #client(keeps: boolean): Promise<void> {
    while (this.#going) await this.#connection(keeps);
  }

  /** As many requests as one connection takes. */
  #connection(keeps: boolean): Promise<void> {
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true });
    const { promise, resolve } = Promise.withResolvers<void>();
    let text = '';
    let asked = true;
    socket.on('data', (data) => {
      text += data.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      if (!text.startsWith('HTTP/1.1 200 ')) {
        asked = false;
        this.#fail(text.slice(0, 12));
        socket.destroy();
        return;
      }
      if (!text.endsWith('ok\n')) return;
      asked = false;
      this.#whole(keeps);
      const goesOn = keeps && this.#going && !/^connection: close\r?$/im.test(text.slice(0, head));
      text = '';
      if (goesOn) asked = this.#ask(socket, KEPT);
      else socket.end();
    });
    const over = (reason: string): void => {
      if (asked) this.#fail(reason);
      asked = false;
    };
    socket.on('error', (error: NodeJS.ErrnoException) => over(error.code ?? 'error'));
    socket.on('end', () => over('ended before the answer'));
    socket.on('close', () => resolve());
    this.#ask(socket, keeps ? KEPT : SHORT);
    return promise;
  }

  #ask(socket: Socket, request: string): boolean {
    socket.write(request);
    return true;
  }

  #whole(keeps: boolean): void {
    if (keeps) this.whole.kept++;
    else this.whole.short++;
    this.#count();
  }

  #fail(reason: string): void {
    this.failed++;
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    this.#count();
  }

  #count(): void {
    if (this.#waiting === undefined || this.done < this.#waiting.count) return;
    this.#waiting.resolve();
    this.#waiting = undefined;
  }
}
