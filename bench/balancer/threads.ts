/** Picks by several threads over the same tables, and how long until all of them see a change. */
import { Worker } from 'node:worker_threads';
import { BalancerTables } from '../../core/index.ts';
import type { PickThreadData } from './pick-thread.ts';
import { BATCH, makeEndpoints, percentile, type Spread, spreadOf } from './spread.ts';

export interface ScalingRow {
  policy: string;
  threads: number;
  /** Million picks a second and thread. */
  perThread: Spread;
  /** To one thread alone, by medians. */
  ratio: number;
}

export interface ChangeRow {
  services: number;
  endpoints: number;
  threads: number;
  policy: string;
  changes: number;
  /** From the call until every thread has passed, ms. */
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Of it the writer's own part. */
  applyP50Ms: number;
}

const pause = new Int32Array(new SharedArrayBuffer(4));

class Threads {
  readonly words: Int32Array;
  readonly #workers: Worker[] = [];
  readonly #board = new SharedArrayBuffer(64);

  constructor() {
    this.words = new Int32Array(this.#board);
  }

  async start(tables: BalancerTables, count: number, services: number, warmUp: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const workerData: PickThreadData = {
        shared: tables.shared,
        worker: tables.join(),
        services,
        warmUp,
        board: this.#board,
      };
      const worker = new Worker(new URL('./pick-thread.ts', import.meta.url), { workerData });
      this.#workers.push(worker);
      await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    }
  }

  /** Picks of all threads in so many ms. */
  pick(ms: number): number {
    const picks = (): number => this.words.subarray(1).reduce((sum, batches) => sum + batches, 0) * BATCH;
    Atomics.store(this.words, 0, 1);
    Atomics.wait(pause, 0, 0, ms / 4);
    const [before, startedMs] = [picks(), performance.now()];
    Atomics.wait(pause, 0, 0, ms);
    const rate = (picks() - before) / (performance.now() - startedMs);
    Atomics.store(this.words, 0, 0);
    return rate * ms;
  }

  async stop(): Promise<void> {
    Atomics.store(this.words, 0, 2);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

export async function measureScaling(policies: readonly string[], smoke: boolean): Promise<ScalingRow[]> {
  const ms = smoke ? 5 : 300;
  const rows: ScalingRow[] = [];
  for (const policy of policies) {
    const rates = new Map<number, Spread>();
    for (const count of [1, 2]) {
      const tables = new BalancerTables();
      tables.apply('web', { policy, endpoints: makeEndpoints(1000) }, 0);
      const threads = new Threads();
      await threads.start(tables, count, 1, smoke ? 1 : 300);
      rates.set(count, spreadOf(Array.from({ length: smoke ? 1 : 5 }, () => threads.pick(ms) / ms / 1000 / count)));
      await threads.stop();
    }
    for (const [threads, perThread] of rates) {
      rows.push({ policy, threads, perThread, ratio: perThread.median / (rates.get(1) as Spread).median });
    }
  }
  return rows;
}

/** One endpoint leaves or joins one of many services, again and again. */
export async function measureChanges(threads: number, policy: string, smoke: boolean): Promise<ChangeRow> {
  const [services, each, changes] = smoke ? [50, 10, 20] : [5000, 10, 2000];
  const tables = new BalancerTables();
  for (let s = 0; s < services; s++) tables.apply(`s${s}`, { policy, endpoints: makeEndpoints(each, s * each) }, 0);
  const pool = new Threads();
  await pool.start(tables, threads, services, smoke ? 1 : 300);
  Atomics.store(pool.words, 0, 1);
  const seen: number[] = [];
  const applied: number[] = [];
  for (let i = 0; i < changes; i++) {
    const s = (i * 7919) % services;
    const endpoints = makeEndpoints(each - (Math.floor(i / services) % 2 === 0 ? 1 : 0), s * each);
    const startedMs = performance.now();
    const epoch = tables.apply(`s${s}`, { policy, endpoints }, i);
    applied.push(performance.now() - startedMs);
    // As many threads as cores leave none to spin on.
    while (tables.passed() < epoch) if (threads > 1) Atomics.wait(pause, 0, 0, 0.02);
    seen.push(performance.now() - startedMs);
    tables.collect(i);
  }
  await pool.stop();
  return {
    services,
    endpoints: services * each,
    threads,
    policy,
    changes,
    p50Ms: percentile(seen, 0.5),
    p99Ms: percentile(seen, 0.99),
    maxMs: percentile(seen, 1),
    applyP50Ms: percentile(applied, 0.5),
  };
}
