/**
 * The words that threads share to hand over work: which job is open, which of its chunks are taken, and which are done.
 * Threads claim chunks one by one, so a slow, sleeping or dead thread leaves its share to the others.
 */

/** More would not fit into the claim word. */
export const MAX_CHUNKS = 127;

/** The open job's number and its next free chunk, in one word: a late thread cannot claim from a job it does not know. */
const CLAIM = 0;
/** Threads sleep on this word. It holds the number of the last job. */
const OPENED = 1;
/** [chunk]: the last job it was done for. */
const DONE = 2;
/** [chunk]: the worker that took it. */
const OWNER = DONE + MAX_CHUNKS;
/** [worker]: the last job it has read of, then [worker]: chunks it has done. */
const WORKERS = OWNER + MAX_CHUNKS;

const CHUNK_BITS = 7;
const JOB_MASK = 2 ** (32 - CHUNK_BITS) - 1;
const FAILED = -1;
/** Looks at a word before sleeping on it: a chunk is often done within microseconds. */
const LOOKS = 2000;

export class Board {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #workers: number;

  constructor(workers: number, buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(4 * (WORKERS + 2 * workers));
    this.#words = new Int32Array(this.buffer);
    this.#workers = workers;
  }

  // --- the thread that opens jobs ----------------------------------------------------------------------------------

  /** Everything written before is visible to who claims a chunk. `job` is above 0 and not that of the job before. */
  open(job: number): void {
    Atomics.store(this.#words, CLAIM, (job & JOB_MASK) << CHUNK_BITS);
    Atomics.store(this.#words, OPENED, job);
    Atomics.notify(this.#words, OPENED);
  }

  /** Waits until the chunk is done; `late` when that takes longer than `timeoutMs`. */
  wait(job: number, chunk: number, timeoutMs: number): 'done' | 'failed' | 'late' {
    const at = DONE + chunk;
    for (let look = 0; look < LOOKS; look++) if (Atomics.load(this.#words, at) === job) return 'done';
    for (;;) {
      const last = Atomics.load(this.#words, at);
      if (last === job) return 'done';
      if (last === FAILED) return 'failed';
      if (Atomics.wait(this.#words, at, last, timeoutMs) === 'timed-out') return 'late';
    }
  }

  ownerOf(chunk: number): number {
    return Atomics.load(this.#words, OWNER + chunk);
  }

  lastReadBy(worker: number): number {
    return Atomics.load(this.#words, WORKERS + worker);
  }

  chunksBy(worker: number): number {
    return Atomics.load(this.#words, WORKERS + this.#workers + worker);
  }

  // --- every thread ------------------------------------------------------------------------------------------------

  /** A chunk of the job that nobody has; -1 when none is left, or another job is open. */
  claim(job: number, chunks: number): number {
    for (;;) {
      const word = Atomics.load(this.#words, CLAIM);
      const chunk = word & MAX_CHUNKS;
      if (word >>> CHUNK_BITS !== (job & JOB_MASK) || chunk >= chunks) return -1;
      if (Atomics.compareExchange(this.#words, CLAIM, word, word + 1) === word) return chunk;
    }
  }

  finish(job: number, chunk: number): void {
    Atomics.store(this.#words, DONE + chunk, job);
  }

  // --- workers -----------------------------------------------------------------------------------------------------

  /** Sleeps until a job other than the last one seen is open; returns its number. */
  sleep(seen: number): number {
    Atomics.wait(this.#words, OPENED, seen);
    return Atomics.load(this.#words, OPENED);
  }

  hasRead(worker: number, job: number): void {
    Atomics.store(this.#words, WORKERS + worker, job);
  }

  own(worker: number, chunk: number): void {
    Atomics.store(this.#words, OWNER + chunk, worker);
  }

  finishBy(worker: number, job: number, chunk: number): void {
    Atomics.add(this.#words, WORKERS + this.#workers + worker, 1);
    this.finish(job, chunk);
    Atomics.notify(this.#words, DONE + chunk);
  }

  fail(chunk: number): void {
    Atomics.store(this.#words, DONE + chunk, FAILED);
    Atomics.notify(this.#words, DONE + chunk);
  }
}
