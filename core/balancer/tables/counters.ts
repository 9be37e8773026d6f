/**
 * Counters of work in flight: every worker counts its own, without atomics, and a fold every few milliseconds tells each what
 * is in flight at the others. So a worker's view is its own count, exact, and the rest as of the last fold.
 */
import { LOAD_WORDS, MARK_DOUBLES, OUTCOME_WORDS, POOL_BYTES, reals, type SharedTables, words } from './layout.ts';

/** Endpoints [0, slots) and services [0, services), over the workers that are there. */
export function foldLoads(shared: SharedTables, workers: readonly number[], slots: number, services: number): void {
  const { loads, serviceLoads } = shared.places;
  fold(workers.map((worker) => words(shared, loads[worker], LOAD_WORDS * slots)));
  fold(workers.map((worker) => words(shared, serviceLoads[worker], LOAD_WORDS * services)));
}

/** A worker has ended, and with it all that it had in flight. Its place may be another's next. */
export function clearWorker(shared: SharedTables, worker: number, slots: number, services: number): void {
  const { loads, serviceLoads, outcomes, marks, pools } = shared.places;
  words(shared, loads[worker], LOAD_WORDS * slots).fill(0);
  words(shared, serviceLoads[worker], LOAD_WORDS * services).fill(0);
  words(shared, outcomes[worker], OUTCOME_WORDS * slots).fill(0);
  reals(shared, marks[worker], MARK_DOUBLES * slots).fill(0);
  words(shared, pools[worker], (POOL_BYTES >> 2) * services).fill(0);
}

function fold(columns: readonly Int32Array[]): void {
  const length = columns.length === 0 ? 0 : columns[0].length;
  for (let at = 0; at < length; at += LOAD_WORDS) {
    let sum = 0;
    for (const column of columns) sum += column[at];
    for (const column of columns) {
      const others = sum - column[at];
      if (column[at + 1] !== others) column[at + 1] = others;
    }
  }
}
