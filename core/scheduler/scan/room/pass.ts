/**
 * NodeResourcesFit's filter, its LeastAllocated or MostAllocated score, and NodeResourcesBalancedAllocation's score over all
 * rows in one pass, without a division. The plugins' own kernels say what is right; a property compares. This is the plain
 * form, for where there is no SIMD and as the check of simd.ts, which does the same step by step.
 *
 * Why multiplying by a reciprocal is exact. A share is floor(x), x = 100·a/c, with whole 0 ≤ a ≤ c ≤ 2^42. The reciprocal is
 * made larger by MORE; with its own roundings, what is computed is at least x and exceeds it by less than 7·2^-53·100 <
 * 2^-43. As x is a whole number or at least 2^-42 below the next one, both round down to the same. The share used is
 * 100 - ceil(x); with 2^-43 taken off, both round up to the same. The mean of shares is a fraction of whole numbers below
 * 2^20, with far more room. A balance is floor(v) of doubles as Go has them; the pass knows v to 2^-42, and where a whole
 * number is nearer than 2^-40, it divides as Go does.
 */
import { balanceOfTwo } from '../../plugins/node-resources-balanced-allocation.ts';
import { ASKED, FOUND, foundAt, KEYS_AT, pairsAt, placeOf, RANKS, SLOT } from './layout.ts';

/** What a pod needs and what its scores are made of. Weights of scores that are not wanted are 0. */
export interface RoomAsk {
  /** What a row must have left to pass; -Infinity, or 0 for pods, where that is not asked. */
  filter: { cpu: number; memory: number; pods: number };
  /** Shares that stay free (or, with `most`, are used), averaged by weights; their sum is at most MAX_WEIGHTS. */
  share: { weight: number; most: boolean; cpu: number; memory: number; cpuWeight: number; memoryWeight: number };
  balance: { weight: number; cpu: number; memory: number };
}

/** Allocatable amounts of cpu and memory: 4 TiB. */
export const MAX_CAPACITY = 2 ** 42;
export const MAX_WEIGHTS = 2 ** 20;

/** Reciprocals are made larger by this factor. */
const MORE = 1 + 2 ** -51;
/** Taken off a share before it is rounded up. */
export const LESS = 2 ** -43;
/** How near a whole number a balance has to be divided for. */
export const NEAR = 2 ** -40;

/**
 * Goes over rows [from, to), both even, and writes their keys, and what it finds where that part's findings belong.
 * @param most MostAllocated instead of Least.
 */
export type RoomPass = (from: number, to: number, most: boolean, part: number) => void;

/** What one unit is of an amount, in percent; for slots. */
export function percentOf(amount: number): number {
  return (100 / amount) * MORE;
}

export function writeAsk(values: Float64Array, { filter, share, balance }: RoomAsk): void {
  values[ASKED.filterCpu] = filter.cpu;
  values[ASKED.filterMemory] = filter.memory;
  values[ASKED.filterPods] = filter.pods;
  values[ASKED.shareCpu] = share.cpu;
  values[ASKED.shareMemory] = share.memory;
  values[ASKED.cpuWeight] = share.cpuWeight;
  values[ASKED.memoryWeight] = share.memoryWeight;
  values[ASKED.perWeight] = (1 / (share.cpuWeight + share.memoryWeight)) * MORE;
  values[ASKED.shareWeight] = share.weight;
  values[ASKED.evenCpu] = balance.cpu;
  values[ASKED.evenMemory] = balance.memory;
  values[ASKED.evenWeight] = balance.weight;
}

/** Over memory laid out for `capacity` rows. */
export function plainPass(values: Float64Array, capacity: number): RoomPass {
  return (from, to, most, part) => {
    let count = 0;
    let best = 0;
    for (let n = from; n < to; n++) {
      const key = keyOf(values, pairsAt(capacity) + placeOf(n), most);
      values[KEYS_AT + n] = key;
      if (key > 0) count++;
      if (key > best) best = key;
    }
    const at = foundAt(part);
    values[at + FOUND.count] = count;
    values[at + FOUND.count + 1] = 0;
    values[at + FOUND.best] = best;
    values[at + FOUND.best + 1] = 0;
  };
}

/** The key of the row at `at`. */
function keyOf(v: Float64Array, at: number, most: boolean): number {
  const cpu = v[at + 2 * SLOT.cpu];
  const memory = v[at + 2 * SLOT.memory];
  if (cpu < v[ASKED.filterCpu] || memory < v[ASKED.filterMemory]) return 0;
  if (v[at + 2 * SLOT.pods] < v[ASKED.filterPods]) return 0;
  const perCpu = v[at + 2 * SLOT.perCpu];
  const perMemory = v[at + 2 * SLOT.perMemory];
  const shareCpu = shareOf(v[at + 2 * SLOT.nonZeroCpu] - v[ASKED.shareCpu], perCpu, most);
  const shareMemory = shareOf(v[at + 2 * SLOT.nonZeroMemory] - v[ASKED.shareMemory], perMemory, most);
  const shares = shareCpu * v[ASKED.cpuWeight] + shareMemory * v[ASKED.memoryWeight];
  const mean = Math.floor(shares * v[ASKED.perWeight]);
  const leftCpu = cpu - v[ASKED.evenCpu];
  const leftMemory = memory - v[ASKED.evenMemory];
  const apart = Math.max(0, leftCpu) * perCpu - Math.max(0, leftMemory) * perMemory;
  const about = 100 + NEAR - 0.5 * Math.abs(apart);
  let after = Math.floor(about);
  if (about - after < 2 * NEAR) {
    const allCpu = v[at + 2 * SLOT.allCpu];
    const allMemory = v[at + 2 * SLOT.allMemory];
    after = balanceOfTwo(Math.min(1, (allCpu - leftCpu) / allCpu), Math.min(1, (allMemory - leftMemory) / allMemory));
  }
  const even = Math.floor((after + v[at + 2 * SLOT.uneven]) * 0.5);
  const total = v[ASKED.shareWeight] * mean + v[ASKED.evenWeight] * even;
  return total * RANKS + v[at + 2 * SLOT.rank];
}

function shareOf(free: number, per: number, most: boolean): number {
  const percent = Math.max(0, free) * per;
  return most ? 100 - Math.ceil(percent - LESS) : Math.floor(percent);
}
