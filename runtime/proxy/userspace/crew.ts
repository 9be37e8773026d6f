/**
 * The worker threads: started, told, and replaced when they are lost. An order is done when every worker that was there has
 * answered or ended; a new worker begins with what the others know.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { assert } from '../../../core/index.ts';
import type { Call, ListenerSpec, ListenFailure, Order, Reply, WorkerStart } from './messages.ts';

export interface CrewOptions {
  readonly threads: number;
  /** A worker that has not answered for so long is ended. */
  readonly stallMs: number;
  /** What the worker of a place is given. Its place is taken from `join`. */
  startOf(place: number): WorkerStart;
  join(): number;
  /** The worker has ended: its place is free. */
  leave(place: number): void;
  /** What a new worker is to listen on. */
  listeners(): readonly ListenerSpec[];
  onEvent(event: CrewEvent): void;
}

export interface CrewEvent {
  readonly type: 'worker-started' | 'worker-lost' | 'worker-stalled' | 'listen-failed';
  /** Of the thread. */
  readonly worker: number;
  readonly reason?: string;
}

interface Member {
  readonly worker: Worker;
  /** The thread's, still known when it has ended. */
  readonly id: number;
  readonly place: number;
  /** By call. */
  readonly pending: Map<number, Pending>;
  ready: boolean;
  /** It did not answer, and is being ended. */
  stalled: boolean;
}

interface Pending {
  readonly sinceMs: number;
  /** It has so long to answer. */
  readonly limitMs: number;
  answer(failures: readonly ListenFailure[]): void;
}

/** For a worker to load its modules and listen, however busy the machine. */
const START_MS = 60_000;
/** Between a loss and the replacement, growing while workers are lost young. */
const MIN_RESTART_MS = 10;
const MAX_RESTART_MS = 5_000;
/** Who lived for longer was not lost by starting. */
const YOUNG_MS = 10_000;

export class Crew {
  readonly #options: CrewOptions;
  readonly #members = new Set<Member>();
  #calls = 0;
  #closing = false;
  #restartMs = MIN_RESTART_MS;
  #lastLossMs = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** How many have started and listen. */
  get ready(): number {
    return [...this.#members].filter(({ ready }) => ready).length;
  }

  /** Threads' ids, for who watches or ends them. */
  get workers(): readonly Worker[] {
    return [...this.#members].map(({ worker }) => worker);
  }

  async start(): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.threads }, () => this.#hire()));
  }

  /** Resolves when all have answered, with what failed anywhere. @param patient it may take as long as it likes. */
  async order(order: Order, patient = false): Promise<ListenFailure[]> {
    const limitMs = patient ? Number.POSITIVE_INFINITY : this.#options.stallMs;
    const answers = await Promise.all([...this.#members].map((member) => this.#tell(member, order, limitMs)));
    return answers.flat();
  }

  /** Ends workers that have not answered for too long. To be called now and then. */
  watch(): void {
    const now = performance.now();
    for (const member of this.#members) {
      const { worker, id, pending, stalled } = member;
      if (stalled) continue;
      const stuck = [...pending.values()].some((one) => now - one.sinceMs > one.limitMs);
      if (!stuck) continue;
      member.stalled = true;
      this.#options.onEvent({ type: 'worker-stalled', worker: id });
      void worker.terminate();
    }
  }

  /** Ends them all. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#members].map(({ worker }) => worker.terminate()));
  }

  /** Resolves when the worker listens on what all do. */
  async #hire(): Promise<void> {
    const place = this.#options.join();
    const worker = new Worker(new URL(`worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: this.#options.startOf(place),
    });
    const member: Member = { worker, id: worker.threadId, place, pending: new Map(), ready: false, stalled: false };
    this.#members.add(member);
    let reason = 'it was ended';
    worker.on('message', (reply: Reply) => this.#onReply(member, reply));
    worker.on('error', (error) => {
      reason = String(error);
    });
    worker.on('exit', () => this.#onExit(member, reason));
    // Sent before anything else can be, so that a later change of a listener finds it there.
    const set = this.#options.listeners();
    const failures = await this.#tell(member, { type: 'listen', set, close: [] }, START_MS);
    if (!this.#members.has(member)) return;
    for (const { id, message } of failures) {
      this.#options.onEvent({ type: 'listen-failed', worker: member.id, reason: `${id}: ${message}` });
    }
    member.ready = true;
    this.#options.onEvent({ type: 'worker-started', worker: member.id });
  }

  /** @param limitMs longer where the worker is still starting. */
  #tell(member: Member, order: Order, limitMs: number): Promise<readonly ListenFailure[]> {
    const { promise, resolve } = Promise.withResolvers<readonly ListenFailure[]>();
    const call = ++this.#calls;
    const own = member.ready ? limitMs : Math.max(START_MS, limitMs);
    member.pending.set(call, { sinceMs: performance.now(), limitMs: own, answer: resolve });
    member.worker.postMessage({ call, order } satisfies Call);
    return promise;
  }

  #onReply({ pending }: Member, { call, failures }: Reply): void {
    const waiting = pending.get(call);
    assert(waiting !== undefined, () => `an answer to call ${call}, which nobody made`);
    pending.delete(call);
    waiting.answer(failures);
  }

  #onExit(member: Member, reason: string): void {
    this.#members.delete(member);
    this.#options.leave(member.place);
    for (const { answer } of member.pending.values()) answer([]);
    if (this.#closing) return;
    this.#options.onEvent({ type: 'worker-lost', worker: member.id, reason });
    const now = performance.now();
    const waitMs = this.#restartMs;
    this.#restartMs = now - this.#lastLossMs > YOUNG_MS ? MIN_RESTART_MS : Math.min(MAX_RESTART_MS, 2 * waitMs);
    this.#lastLossMs = now;
    setTimeout(() => {
      if (!this.#closing) void this.#hire();
    }, waitMs);
  }
}
