/**
 * Which kernels of a pass worker threads may run, and whether that pays. Others run on the deciding thread over all rows;
 * of two plugins that refuse a row, the one that stands first in the profile keeps the blame, whoever ran when.
 */
import type { PodRequest } from '../../../cluster/pod-request.ts';
import type { View } from '../../framework.ts';
import type { ActiveFilter } from '../pre-filter.ts';
import type { RoomMemory } from '../room/memory.ts';
import type { RoomThreads } from '../room/room.ts';
import type { ScanProfile } from '../scan-profile.ts';
import { type ScoreRun, slotOf } from '../score-run.ts';
import type { Scratch } from '../scratch.ts';
import type { Kernel } from './job.ts';
import type { ScanPool } from './pool.ts';

/**
 * From so many rows on, times the kernels that are split, threads may pay. On two cores a filter of 100,000 rows gains 1.3
 * with workers awake and nothing with workers asleep, one of 20,000 rows loses where they sleep; scores gain nothing up
 * to 100,000. Measured: bench/workers.bench.ts.
 */
export const PARALLEL_FROM = 100_000;

/** From so many rows on, threads share the one pass over cpu and memory, which takes 5 ns a row. Measured: the same. */
export const PARALLEL_ROOM_FROM = 100_000;

export interface Pass {
  profile: ScanProfile;
  request: PodRequest;
  view: View;
  scratch: Scratch;
}

export class SplitScan implements RoomThreads {
  readonly #pool: ScanPool;
  readonly #from: number;
  readonly #roomFrom: number;

  /** @param from the work that pays, of either sort. */
  constructor(pool: ScanPool, from?: number) {
    this.#pool = pool;
    this.#from = from ?? PARALLEL_FROM;
    this.#roomFrom = from ?? PARALLEL_ROOM_FROM;
  }

  pass({ posted, pass }: RoomMemory, rows: number, most: boolean): number | 'spoilt' {
    if (!posted || rows < this.#roomFrom || rows === 0) return 0;
    const job = { work: { pass: 'room', most } as const, length: rows, nodeCount: 0 };
    const own = (from: number, to: number, part: number): void => pass(from, to, most, part);
    return this.#pool.run(job, { room: posted }, own) ? this.#pool.chunkOf(rows) : 'spoilt';
  }

  /** Whether so many kernels over so many rows are work for threads, should they be able to do it. */
  mayPay(kernels: number, rows: number): boolean {
    return kernels * rows >= this.#from;
  }

  /** Who refused each row first; undefined when it is to be found out inline. */
  filter(active: readonly ActiveFilter[], pass: Pass): Uint8Array | undefined {
    const { profile, request, view, scratch } = pass;
    const { rows } = view.cluster;
    const kernels: Kernel[] = [];
    const split: ActiveFilter[] = [];
    const whole: ActiveFilter[] = [];
    for (const filter of active) {
      const { plugin, facts, self } = filter;
      const posted = profile.outside.has(plugin) ? undefined : plugin.onWorkers?.filter?.(facts);
      if (posted) kernels.push({ plugin: plugin.name, facts: posted.facts, into: self });
      (posted ? split : whole).push(filter);
    }
    if (!this.#pays(kernels, rows, pass)) return undefined;
    const rejectedBy = scratch.rejectedBy(rows);
    const run = (filters: readonly ActiveFilter[], from: number, to: number, into: Uint8Array): void => {
      for (const { plugin, facts, self } of filters) plugin.filter?.(facts, request, view, from, to, into, self);
    };
    const done = this.#run('filter', kernels, rows, pass, (from, to) => run(split, from, to, rejectedBy));
    if (!done) return undefined;
    if (whole.length > 0) {
      const others = scratch.oneRow(rows).fill(0, 0, rows);
      run(whole, 0, rows, others);
      keepFirst(rejectedBy, others, rows);
    }
    return rejectedBy;
  }

  /** [run]: whether its scores now stand in its slot. */
  score(runs: readonly ScoreRun[], feasible: ArrayLike<number>, pass: Pass): boolean[] {
    const { profile, request, view, scratch } = pass;
    const { length } = feasible;
    const kernels: Kernel[] = [];
    const split: { run: ScoreRun; slot: number }[] = [];
    const posted = runs.map((run, i) => {
      const { plugin, facts } = run;
      const post = profile.outside.has(plugin) ? undefined : plugin.onWorkers?.score?.(facts);
      if (!post) return false;
      kernels.push({ plugin: plugin.name, facts: post.facts, into: slotOf(i) });
      split.push({ run, slot: slotOf(i) });
      return true;
    });
    if (!this.#pays(kernels, length, pass)) return [];
    const shared = scratch.feasible(feasible);
    const slots = split.map(({ slot }) => scratch.scores(slot, length));
    const done = this.#run('score', kernels, length, pass, (from, to) => {
      const slice = shared.subarray(from, to);
      split.forEach(({ run: { plugin, facts } }, i) => {
        plugin.score?.(facts, request, view, slice, slots[i].subarray(from, to));
      });
    });
    return done ? posted : [];
  }

  #pays({ length: kernels }: readonly Kernel[], length: number, { request, view }: Pass): boolean {
    // Amounts that doubles cannot hold are summed from the pods, which workers do not know.
    if (request.exact || view.cluster.wideRows > 0) return false;
    return kernels > 0 && kernels * length >= this.#from;
  }

  #run(
    pass: 'filter' | 'score',
    kernels: readonly Kernel[],
    length: number,
    { profile, view: { cluster }, scratch }: Pass,
    own: (from: number, to: number) => void,
  ): boolean {
    const { columns, nodeCount } = cluster;
    const job = { work: { pass, kernels }, length, nodeCount };
    const done = this.#pool.run(job, { columns, args: profile.args, scratch }, own);
    if (!done) scratch.renew();
    return done;
  }
}

function keepFirst(rejectedBy: Uint8Array, others: Uint8Array, rows: number): void {
  for (let n = 0; n < rows; n++) {
    if (others[n] !== 0 && (rejectedBy[n] === 0 || others[n] < rejectedBy[n])) rejectedBy[n] = others[n];
  }
}
