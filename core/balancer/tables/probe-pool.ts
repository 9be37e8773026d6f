/**
 * Where the latest replies to probes stand (policies/prequal.ts): one pool for each service of each worker, in the memory that
 * picks by WebAssembly read and write, too. All 0 is an empty pool.
 */
import { POOL, POOL_PLACES, reals, type SharedTables, words } from './layout.ts';

const { COUNT, WORST_NEXT, VERSION, GROUP, OLDEST_US, SLOTS, RIFS, USES, LATENCIES, TIMES } = POOL_PLACES;

/** In rising order of requests in flight (`rifs`). */
export class ProbePool {
  readonly slots: Int32Array;
  readonly rifs: Int32Array;
  readonly uses: Int32Array;
  readonly latencies: Float64Array;
  readonly times: Float64Array;
  /** One double, as a field would put every new number on the heap. */
  readonly oldestUs: Float64Array;
  readonly #words: Int32Array;

  /** @param at where it begins, in bytes. */
  constructor(shared: SharedTables, at: number) {
    this.#words = words(shared, at, OLDEST_US >> 2);
    this.oldestUs = reals(shared, at + OLDEST_US, 1);
    this.slots = words(shared, at + SLOTS, POOL);
    this.rifs = words(shared, at + RIFS, POOL);
    this.uses = words(shared, at + USES, POOL);
    this.latencies = reals(shared, at + LATENCIES, POOL);
    this.times = reals(shared, at + TIMES, POOL);
  }

  get count(): number {
    return this.#words[COUNT >> 2];
  }

  set count(count: number) {
    this.#words[COUNT >> 2] = count;
  }

  get worstNext(): boolean {
    return this.#words[WORST_NEXT >> 2] === 1;
  }

  set worstNext(next: boolean) {
    this.#words[WORST_NEXT >> 2] = Number(next);
  }

  get version(): number {
    return this.#words[VERSION >> 2];
  }

  set version(version: number) {
    this.#words[VERSION >> 2] = version;
  }

  get group(): number {
    return this.#words[GROUP >> 2];
  }

  set group(group: number) {
    this.#words[GROUP >> 2] = group;
  }
}
