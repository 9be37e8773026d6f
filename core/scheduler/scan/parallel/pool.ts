/**
 * The worker threads of the scan. A decision is made synchronously, so jobs are handed over through shared words
 * (board.ts) and not through the event loop, which is why piscina does not run these threads. The thread that decides works
 * too: a pool without a living worker is just slower.
 */
import { Worker } from 'node:worker_threads';
import { assert } from '../../../assert.ts';
import type { Columns } from '../../../cluster/columns.ts';
import type { SharedFacts } from '../../engine/judged-class.ts';
import type { PluginArgs } from '../../profile.ts';
import type { SharedRoom } from '../room/memory.ts';
import type { Scratch } from '../scratch.ts';
import { Board, MAX_CHUNKS } from './board.ts';
import { chunksOf, type Job, type Message, type WorkerData } from './job.ts';
import type { WorkerReplaced } from './worker-replaced.ts';

export interface PoolOptions {
  /** Threads that work on a decision, the deciding one included. */
  threads: number;
  onEvent?: (event: WorkerReplaced) => void;
  /** How long a chunk may take that some worker has begun. */
  timeoutMs?: number;
  /** Chunks have at least that many rows. */
  minChunk?: number;
  /** The module that workers run. */
  module?: URL;
}

/** What a job reads and writes, as far as it does. */
export interface Surroundings {
  columns?: Columns;
  args?: PluginArgs;
  scratch?: Scratch;
  room?: SharedRoom;
  facts?: SharedFacts;
}

interface Member {
  thread: Worker;
  /** What happened to it, as far as is known. */
  reason: string;
  /** It failed at a chunk, and has been replaced for that. */
  failed: boolean;
  /** What it was told last. */
  columns?: Columns;
  args?: PluginArgs;
  scratch?: Scratch;
  outputs?: number;
  room?: SharedRoom;
  facts?: SharedFacts;
}

/** A worker this many jobs behind is told nothing more until it has caught up. */
const MAX_BEHIND = 32;
/** Workers that may die in a row, none of them of any help, before no new ones are started. */
const MAX_DEATHS = 8;
const CHUNKS_PER_THREAD = 4;
const MAX_JOB = 2 ** 31 - 1;

export class ScanPool {
  readonly threads: number;
  readonly #onEvent: (event: WorkerReplaced) => void;
  readonly #timeoutMs: number;
  readonly #minChunk: number;
  readonly #module: URL;
  #board: Board;
  #members: (Member | undefined)[] = [];
  #job = 0;
  #chunks = 0;
  #deaths = 0;
  #closed = false;

  constructor({ threads, onEvent = () => {}, timeoutMs = 1000, minChunk = 256, module = ownWorker() }: PoolOptions) {
    assert(Number.isInteger(threads) && threads >= 1, `${threads} is no number of threads`);
    this.threads = threads;
    this.#onEvent = onEvent;
    this.#timeoutMs = timeoutMs;
    this.#minChunk = minChunk;
    this.#module = module;
    this.#board = new Board(threads - 1);
  }

  /** Chunks that each worker has done since it, or its board, was made. */
  get chunksByWorker(): number[] {
    return Array.from({ length: this.threads - 1 }, (_, i) => this.#board.chunksBy(i));
  }

  /** Chunks of all jobs so far, this thread's included. */
  get chunks(): number {
    return this.#chunks;
  }

  /** The threads themselves, for tests that end one. */
  get workers(): readonly (Worker | undefined)[] {
    return this.#members.map((member) => member?.thread);
  }

  /**
   * Runs a job on all threads; returns when all of it is done. False when some worker took a part and did not finish it:
   * the outputs hold rubbish then, may be written yet, and must be dropped.
   * @param work cut into chunks as the pool sees fit, where it does not say how large they are.
   * @param own does [from, to), the chunk of that number, on this thread.
   */
  run(
    work: Omit<Job, 'number' | 'chunk'> & { chunk?: number },
    around: Surroundings,
    own: (from: number, to: number, chunk: number) => void,
  ): boolean {
    this.#job = this.#job === MAX_JOB ? 1 : this.#job + 1;
    const job: Job = { ...work, number: this.#job, chunk: work.chunk ?? this.chunkOf(work.length) };
    if (this.#members.length === 0 && !this.#closed) {
      this.#members = Array.from({ length: this.threads - 1 }, (_, i) => this.#start(i));
    }
    for (const [i, member] of this.#members.entries()) {
      if (member && job.number - this.#board.lastReadBy(i) <= MAX_BEHIND) tell(member, job, around);
    }
    const board = this.#board;
    board.open(job.number);
    const chunks = chunksOf(job);
    this.#chunks += chunks;
    const mine = new Set<number>();
    for (let chunk = board.claim(job.number, chunks); chunk >= 0; chunk = board.claim(job.number, chunks)) {
      own(chunk * job.chunk, Math.min((chunk + 1) * job.chunk, job.length), chunk);
      mine.add(chunk);
    }
    for (let chunk = 0; chunk < chunks; chunk++) {
      if (mine.has(chunk)) continue;
      const outcome = board.wait(job.number, chunk, this.#timeoutMs);
      this.#deaths = outcome === 'done' ? 0 : this.#deaths + 1;
      if (outcome === 'done') continue;
      this.#restart(board.ownerOf(chunk), outcome);
      return false;
    }
    return true;
  }

  /** Ends the workers. A closed pool still does jobs, on this thread alone. */
  async close(): Promise<void> {
    const members = this.#members;
    this.#closed = true;
    this.#members = [];
    await Promise.all(members.map((member) => member?.thread.terminate()));
  }

  /** How many rows make a chunk. Even, since the pass over cpu and memory takes two rows at a time. */
  chunkOf(length: number): number {
    const wanted = Math.ceil(length / (this.threads * CHUNKS_PER_THREAD));
    const chunk = Math.max(wanted, this.#minChunk, Math.ceil(length / MAX_CHUNKS));
    return chunk + (chunk & 1);
  }

  #start(i: number): Member | undefined {
    if (this.#deaths > MAX_DEATHS) return undefined;
    const data: WorkerData = { board: this.#board.buffer, worker: i, workers: this.threads - 1 };
    const thread = new Worker(this.#module, { workerData: data });
    thread.unref();
    const member: Member = { thread, reason: 'it exited', failed: false };
    thread.on('error', (error: unknown) => {
      member.reason = error instanceof Error ? error.message : String(error);
    });
    thread.on('exit', () => this.#exited(i, member));
    return member;
  }

  #exited(i: number, member: Member): void {
    if (this.#members[i] === member) {
      // It had nothing in hand: a job is never left open.
      this.#deaths++;
      this.#members[i] = this.#start(i);
    } else if (!member.failed) {
      return;
    }
    this.#report(i, member.reason);
  }

  /** A worker that may still be alive holds the board and outputs: both are left to it, and all workers start anew. */
  #restart(owner: number, outcome: 'failed' | 'late'): void {
    const before = this.#members;
    this.#board = new Board(this.threads - 1);
    this.#job = 0;
    this.#members = before.map((_, i) => this.#start(i));
    for (const [i, member] of before.entries()) {
      // One that failed is about to exit with its error, which is then reported.
      if (member && i === owner && outcome === 'failed') member.failed = true;
      else void member?.thread.terminate();
    }
    if (outcome === 'late') this.#report(owner, `it took longer than ${this.#timeoutMs} ms`);
  }

  #report(worker: number, reason: string): void {
    this.#onEvent({ kind: 'workerReplaced', worker, reason, replaced: this.#members[worker] !== undefined });
  }
}

/** Tells a worker of a job, with what has changed since it was last told. */
function tell(member: Member, job: Job, { columns, args, scratch, room, facts }: Surroundings): void {
  const message: Message = { job };
  if (columns && member.columns !== columns) {
    message.columns = { capacities: columns.capacities, buffer: columns.buffer };
    member.columns = columns;
  }
  if (args && member.args !== args) message.args = member.args = args;
  if (scratch && (member.scratch !== scratch || member.outputs !== scratch.version)) {
    message.outputs = scratch.outputs;
    member.scratch = scratch;
    member.outputs = scratch.version;
  }
  if (room && member.room !== room) message.room = member.room = room;
  if (facts && member.facts !== facts) message.facts = member.facts = facts;
  member.thread.postMessage(message);
}

/** Its file ends as this one does: .ts in the sources, .js in the package. */
function ownWorker(): URL {
  return new URL(import.meta.url.replace(/pool(\.\w+)$/, 'worker$1'));
}
