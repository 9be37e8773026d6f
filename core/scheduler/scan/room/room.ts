/**
 * What each row has left of cpu and memory, as one pass over all rows wants it (layout.ts): derived from the cluster's
 * columns, kept current by its change log. Rows that the pass cannot judge are listed as odd.
 */
import type { Cluster } from '../../../cluster/cluster.ts';
import { CPU, MEMORY } from '../../../cluster/columns.ts';
import { balanceOfTwo } from '../../plugins/node-resources-balanced-allocation.ts';
import type { Ranks } from '../ranks.ts';
import {
  ASKED,
  FOUND,
  FOUND_COUNT,
  foundAt,
  KEYS_AT,
  keyRank,
  MAX_PARTS,
  pairsAt,
  pairsEnd,
  placeOf,
  RAISE_ROWS,
  RANKS,
  SLOT,
} from './layout.ts';
import { makeRoom, type RoomMemory } from './memory.ts';
import { MAX_CAPACITY, percentOf, type RoomAsk, writeAsk } from './pass.ts';
import { unitOf } from './raise.ts';

/** Room for that many is room enough. */
const MANY_PODS = 2 ** 30;

/** Parts of so many rows or more: small enough to look for a key in, large enough that a call costs nothing. */
const LEAST_PART = 512;

/** What a pass found. */
export interface RoomVerdict {
  /** [row]: total and rank of the row in one number, 0 for rows that do not fit (layout.ts). Valid until the next pass. */
  keys: Float64Array;
  /** Rows that fit, and the highest key. */
  found: number;
  best: number;
  /** Rows with the highest key are in [from, to). */
  from: number;
  to: number;
}

/** A plugin's filters or scores as they go into the keys. */
export interface RaiseAsk {
  /** Filters rows [from, to), and scores them, each into the room's arrays. */
  filter(from: number, to: number, rejectedBy: Uint8Array): void;
  /** Weights of scores; none where only filters have a say. */
  weights: readonly number[];
  /** The i-th of them: scores[n - from] for row n. */
  score(i: number, from: number, to: number, scores: Float64Array): void;
}

/** Threads that share a pass. */
export interface RoomThreads {
  /**
   * Does the pass over rows [0, rows), an even number, in parts. Returns how many rows each has; 0 where one thread is as
   * fast, and nothing has been done; 'spoilt' when somebody may be writing to keys and findings yet.
   */
  pass(memory: RoomMemory, rows: number, most: boolean): number | 'spoilt';
}

export class Room {
  readonly #cluster: Cluster;
  readonly #ranks: Ranks;
  readonly #make: (capacity: number) => RoomMemory;
  readonly #threads: RoomThreads | undefined;
  readonly #odd = new Set<number>();
  #memory: RoomMemory;
  #position = 0;

  /** @param simd false: the plain pass, even where there is SIMD. */
  constructor(
    cluster: Cluster,
    ranks: Ranks,
    { simd = true, threads }: { simd?: boolean; threads?: RoomThreads } = {},
  ) {
    this.#cluster = cluster;
    this.#ranks = ranks;
    this.#threads = threads;
    this.#make = (capacity) => makeRoom(capacity, { simd, shared: threads !== undefined });
    this.#memory = makeRoom(0, { simd: false });
  }

  /** Rows with a node of no cpu or memory, or of amounts beyond MAX_CAPACITY: the pass says of them that they do not fit. */
  get oddRows(): Iterable<number> {
    return this.#odd;
  }

  /** Judges all rows as they are now. */
  judge(ask: RoomAsk): RoomVerdict {
    this.#catchUp();
    const { rows } = this.#cluster;
    writeAsk(this.#memory.values, ask);
    const part = this.#pass(rows + (rows & 1), ask.share.most);
    const { values } = this.#memory;
    const keys = values.subarray(KEYS_AT, KEYS_AT + rows);
    const verdict: RoomVerdict = { keys, found: 0, best: 0, from: 0, to: 0 };
    for (let from = 0, at = foundAt(0); from < rows; from += part, at += FOUND_COUNT) {
      verdict.found += values[at + FOUND.count] + values[at + FOUND.count + 1];
      const best = Math.max(values[at + FOUND.best], values[at + FOUND.best + 1]);
      if (best < verdict.best) continue;
      if (best > verdict.best) verdict.from = from;
      verdict.best = best;
      verdict.to = Math.min(from + part, rows);
    }
    return verdict;
  }

  /** How many rows each part of it had. */
  #pass(rows: number, most: boolean): number {
    const shared = this.#threads?.pass(this.#memory, rows, most) ?? 0;
    if (shared === 'spoilt') this.#move(this.#memory.capacity);
    else if (shared > 0) return shared;
    const wanted = Math.max(LEAST_PART, Math.ceil(rows / MAX_PARTS));
    const part = wanted + (wanted & 1);
    for (let from = 0, i = 0; from < rows; from += part)
      this.#memory.pass(from, Math.min(from + part, rows), most, i++);
    return part;
  }

  /**
   * Takes rows out of a verdict that filters refuse, and adds scores to the keys of the others; totals stay below MAX_TOTAL.
   * False where a row that stays has a score that is no whole number from 0 to 100: keys are good for nothing then.
   */
  raise(verdict: RoomVerdict, { filter, weights, score }: RaiseAsk): boolean {
    const { values, inputs, raise } = this.#memory;
    const rows = verdict.keys.length;
    const { scores, rejectedBy } = inputs;
    rejectedBy.fill(0, 0, rows);
    if (weights.length === 0) scores.fill(0);
    const at = foundAt(0);
    let good = true;
    verdict.found = 0;
    verdict.best = 0;
    for (let from = 0; from < rows; from += RAISE_ROWS) {
      const to = Math.min(from + RAISE_ROWS, rows);
      filter(from, to, rejectedBy);
      for (let i = 0; i < Math.max(1, weights.length); i++) {
        if (weights.length > 0) score(i, from, to, to - from === RAISE_ROWS ? scores : scores.subarray(0, to - from));
        values[ASKED.unit] = unitOf(weights[i] ?? 0);
        raise(from, to + (to & 1));
        good &&= values[at + FOUND.bad] === 0 && values[at + FOUND.bad + 1] === 0;
      }
      verdict.found += values[at + FOUND.count] + values[at + FOUND.count + 1];
      const best = Math.max(values[at + FOUND.best], values[at + FOUND.best + 1]);
      if (best < verdict.best) continue;
      if (best > verdict.best) verdict.from = from;
      verdict.best = best;
      verdict.to = to;
    }
    return good;
  }

  /** The key of a row that fits. */
  keyOf(row: number, total: number): number {
    return total * RANKS + keyRank(this.#ranks.rank(row));
  }

  #catchUp(): void {
    const { log, rows } = this.#cluster;
    if (log.position === this.#position) return;
    const behind = log.position - this.#position;
    if (this.#memory.capacity < rows) this.#move(rows + (rows >> 1));
    const renew = (row: number): void => this.#renew(row);
    if (behind > rows || !log.since(this.#position, renew)) for (let row = 0; row < rows; row++) renew(row);
    this.#position = log.position;
  }

  /** To other memory, for as many rows or more: with what is asked and the rows, without keys. */
  #move(rows: number): void {
    const { capacity, values } = this.#memory;
    const other = this.#make(rows + (rows & 1));
    const to = pairsAt(other.capacity);
    other.values.set(values.subarray(0, foundAt(0)));
    other.values.set(values.subarray(pairsAt(capacity), pairsEnd(capacity)), to);
    for (let row = capacity; row < other.capacity; row++) other.values[to + placeOf(row) + 2 * SLOT.pods] = -1;
    this.#memory = other;
  }

  #renew(row: number): void {
    const { columns } = this.#cluster;
    const { allocatable, requested, nonZeroRequested } = columns;
    const [cpu, memory] = [allocatable[CPU][row], allocatable[MEMORY][row]];
    const exists = columns.exists[row] !== 0;
    const odd = !isPlain(cpu) || !isPlain(memory) || columns.wide[row] !== 0;
    if (odd && exists) this.#odd.add(row);
    else this.#odd.delete(row);
    const pods = Math.min(MANY_PODS, Math.max(0, columns.allowedPods[row] - columns.podCount[row]));
    const used = (r: number): number => Math.min(1, requested[r][row] / allocatable[r][row]);
    const { values, capacity } = this.#memory;
    const at = pairsAt(capacity) + placeOf(row);
    values[at + 2 * SLOT.cpu] = cpu - requested[CPU][row];
    values[at + 2 * SLOT.memory] = memory - requested[MEMORY][row];
    values[at + 2 * SLOT.pods] = odd || !exists ? -1 : pods;
    values[at + 2 * SLOT.nonZeroCpu] = cpu - nonZeroRequested[CPU][row];
    values[at + 2 * SLOT.nonZeroMemory] = memory - nonZeroRequested[MEMORY][row];
    values[at + 2 * SLOT.perCpu] = odd ? 0 : percentOf(cpu);
    values[at + 2 * SLOT.perMemory] = odd ? 0 : percentOf(memory);
    values[at + 2 * SLOT.uneven] = odd ? 0 : 150 - balanceOfTwo(used(CPU), used(MEMORY));
    values[at + 2 * SLOT.allCpu] = cpu;
    values[at + 2 * SLOT.allMemory] = memory;
    values[at + 2 * SLOT.rank] = keyRank(this.#ranks.rank(row));
  }
}

function isPlain(amount: number): boolean {
  return amount > 0 && amount <= MAX_CAPACITY;
}
