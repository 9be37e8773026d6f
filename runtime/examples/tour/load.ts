/**
 * A constant rate of HTTP requests, each on a connection of its own, by a client that never tries again: a request is
 * answered whole, or it has failed. Those that are due are sent whether or not earlier ones are answered.
 */
import { connect } from 'node:net';

export interface LoadTarget {
  host: string;
  port: number;
}

export interface LoadCounts {
  sent: number;
  whole: number;
  failed: number;
  /** What failed requests met, and how often. */
  reasons: Record<string, number>;
  /** How often each body came. */
  bodies: Record<string, number>;
  /** From connecting to the end of the answer, in ms; 0 where none was whole. */
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

const REQUEST = 'GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n';
const TICK_MS = 5;
const ANSWER_MS = 10_000;

export class ConstantLoad {
  readonly #target: LoadTarget;
  readonly #timer: NodeJS.Timeout;
  readonly #under = new Set<Promise<void>>();
  readonly #tookMs: number[] = [];
  readonly #reasons = new Map<string, number>();
  readonly #bodies = new Map<string, number>();
  #sent = 0;

  constructor(target: LoadTarget, perSecond: number) {
    this.#target = target;
    const beganMs = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - beganMs) * perSecond) / 1000);
      while (this.#sent < due) this.#send();
    }, TICK_MS);
  }

  /** Nothing more is sent; resolves when the last request is over. */
  async stop(): Promise<LoadCounts> {
    clearInterval(this.#timer);
    await Promise.all(this.#under);
    const took = this.#tookMs.sort((a, b) => a - b);
    const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
    return {
      sent: this.#sent,
      whole: took.length,
      failed: this.#sent - took.length,
      reasons: Object.fromEntries(this.#reasons),
      bodies: Object.fromEntries(this.#bodies),
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
    };
  }

  #send(): void {
    this.#sent++;
    const beganMs = performance.now();
    const over = ask(this.#target).then(
      (body) => {
        this.#tookMs.push(performance.now() - beganMs);
        count(this.#bodies, body);
      },
      (error: Error) => count(this.#reasons, error.message),
    );
    this.#under.add(over);
    over.finally(() => this.#under.delete(over));
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** The body of a whole answer with status 200. @throws Error that says in a few words what came instead. */
export function ask(target: LoadTarget): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  const socket = connect({ ...target, noDelay: true });
  socket.setEncoding('latin1').setTimeout(ANSWER_MS, () => socket.destroy(new Error(`no answer in ${ANSWER_MS} ms`)));
  socket.on('data', (piece: string) => (text += piece));
  socket.on('error', (error: NodeJS.ErrnoException) => reject(new Error(error.code ?? error.message)));
  socket.on('close', () => {
    const body = bodyOf(text);
    if (body === undefined) reject(new Error(text === '' ? 'closed without an answer' : `'${text.slice(0, 40)}'`));
    else resolve(body);
  });
  socket.end(REQUEST);
  return promise;
}

/** undefined for an answer that is not whole, or not good. */
function bodyOf(text: string): string | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0 || !/^HTTP\/1\.[01] 200 /.test(text)) return undefined;
  const length = /^content-length: (\d+)\r?$/im.exec(text.slice(0, end))?.[1];
  const body = text.slice(end + 4);
  return length !== undefined && body.length === Number(length) ? body.trim() : undefined;
}
