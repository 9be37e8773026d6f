/**
 * What each row has left of cpu and memory, as one pass over all rows wants it (layout.ts): derived from the cluster's
 * columns, kept current by its change log. Rows that the pass cannot judge are listed as odd.
 */
import type { Cluster } from '../../../cluster/cluster.ts';
import { CPU, MEMORY } from '../../../cluster/columns.ts';
import { balanceOfTwo } from '../../plugins/node-resources-balanced-allocation.ts';
import type { Ranks } from '../ranks.ts';
import { bytesFor, FOUND, KEYS_AT, keyRank, pairsAt, placeOf, RANKS, SLOT } from './layout.ts';
import { MAX_CAPACITY, percentOf, plainPass, type RoomAsk, type RoomPass, writeAsk } from './pass.ts';
import { simdRoom } from './simd.ts';

/** Room for that many is room enough. */
const MANY_PODS = 2 ** 30;

/** What a pass found. */
export interface RoomVerdict {
  /** [row]: total and rank of the row in one number, 0 for rows that do not fit (layout.ts). Valid until the next pass. */
  keys: Float64Array;
  /** Rows that fit, and the highest key. */
  found: number;
  best: number;
}

/** Room for `capacity` rows. */
interface RoomMemory {
  capacity: number;
  values: Float64Array;
  pass: RoomPass;
}

export class Room {
  readonly #cluster: Cluster;
  readonly #ranks: Ranks;
  readonly #make: (capacity: number) => RoomMemory;
  readonly #odd = new Set<number>();
  #memory: RoomMemory;
  #position = 0;

  /** @param simd false: the plain pass, even where there is SIMD. */
  constructor(cluster: Cluster, ranks: Ranks, { simd = true } = {}) {
    this.#cluster = cluster;
    this.#ranks = ranks;
    this.#make = (capacity) => (simd ? makeMemory(capacity) : makePlainMemory(capacity));
    this.#memory = makePlainMemory(0);
  }

  /** Rows with a node of no cpu or memory, or of amounts beyond MAX_CAPACITY: the pass says of them that they do not fit. */
  get oddRows(): Iterable<number> {
    return this.#odd;
  }

  /** Judges all rows as they are now. */
  judge(ask: RoomAsk): RoomVerdict {
    this.#catchUp();
    const { rows } = this.#cluster;
    const { values, pass } = this.#memory;
    writeAsk(values, ask);
    pass(rows + (rows & 1), ask.share.most);
    return {
      keys: values.subarray(KEYS_AT, KEYS_AT + rows),
      found: values[FOUND.count] + values[FOUND.count + 1],
      best: Math.max(values[FOUND.best], values[FOUND.best + 1]),
    };
  }

  /** The key of a row that fits. */
  keyOf(row: number, total: number): number {
    return total * RANKS + keyRank(this.#ranks.rank(row));
  }

  #catchUp(): void {
    const { log, rows } = this.#cluster;
    if (log.position === this.#position) return;
    const behind = log.position - this.#position;
    if (this.#memory.capacity < rows) this.#grow(rows + (rows >> 1));
    const renew = (row: number): void => this.#renew(row);
    if (behind > rows || !log.since(this.#position, renew)) for (let row = 0; row < rows; row++) renew(row);
    this.#position = log.position;
  }

  #grow(rows: number): void {
    const { capacity, values } = this.#memory;
    const grown = this.#make(rows + (rows & 1));
    const to = pairsAt(grown.capacity);
    grown.values.set(values.subarray(pairsAt(capacity), bytesFor(capacity) / 8), to);
    for (let row = capacity; row < grown.capacity; row++) grown.values[to + placeOf(row) + 2 * SLOT.pods] = -1;
    this.#memory = grown;
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

function makeMemory(capacity: number): RoomMemory {
  const made = simdRoom(bytesFor(capacity), capacity);
  return made ? { capacity, ...made } : makePlainMemory(capacity);
}

function makePlainMemory(capacity: number): RoomMemory {
  const values = new Float64Array(bytesFor(capacity) / 8);
  return { capacity, values, pass: plainPass(values, capacity) };
}
