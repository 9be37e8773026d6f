/**
 * ClientIP affinity: which endpoint a client was sent to last, shared by all workers without locks. Bounded: a client may
 * stand in one of eight places; where all are taken it replaces one that has timed out, else the one away for longest.
 *
 * An entry names a client by 32 bits, and nobody relies on it: an endpoint counts only if it stands in the service's table
 * now. A collision, or two workers that see a new client at once, costs a client its endpoint, never sends it to a wrong one.
 */
import { mix32 } from '../hashing/text.ts';
import { CLIENT_SLOT, ENTRY_WORDS, reals, type SharedTables, TAG, WAYS, words } from '../tables/layout.ts';

const SEEN_DOUBLE = 1;

export class Affinity {
  readonly #words: Int32Array;
  readonly #seen: Float64Array;
  readonly #buckets: number;

  constructor(shared: SharedTables) {
    const { limits, places } = shared;
    this.#words = words(shared, places.affinity, ENTRY_WORDS * limits.clients);
    this.#seen = reals(shared, places.affinity, (ENTRY_WORDS * limits.clients) >> 1);
    this.#buckets = limits.clients / WAYS;
  }

  /** The entry of the client, -1 where it has none that was seen since `sinceUs`. */
  find(service: number, client: number, sinceUs: Float64Array): number {
    const tag = tagOf(service, client);
    const first = this.#bucketOf(tag, client);
    for (let entry = first; entry < first + ENTRY_WORDS * WAYS; entry += ENTRY_WORDS) {
      if (this.#words[entry + TAG] !== tag) continue;
      return this.#seen[(entry >> 1) + SEEN_DOUBLE] >= sinceUs[0] ? entry : -1;
    }
    return -1;
  }

  slotAt(entry: number): number {
    return this.#words[entry + CLIENT_SLOT];
  }

  /** The client was here again. */
  touch(entry: number, nowUs: Float64Array): void {
    this.#seen[(entry >> 1) + SEEN_DOUBLE] = nowUs[0];
  }

  remember(service: number, client: number, slot: number, nowUs: Float64Array): void {
    const tag = tagOf(service, client);
    const entry = this.#placeFor(tag, this.#bucketOf(tag, client));
    // The slot stands before the tag names its client: another worker may read in between.
    Atomics.store(this.#words, entry + TAG, 0);
    this.#words[entry + CLIENT_SLOT] = slot;
    this.#seen[(entry >> 1) + SEEN_DOUBLE] = nowUs[0];
    Atomics.store(this.#words, entry + TAG, tag);
  }

  /** Its own place, or an empty one, or that of who is away for longest: whoever timed out is among those. */
  #placeFor(tag: number, first: number): number {
    let place = first;
    for (let entry = first; entry < first + ENTRY_WORDS * WAYS; entry += ENTRY_WORDS) {
      if (this.#words[entry + TAG] === tag) return entry;
      if (this.#rank(entry) < this.#rank(place)) place = entry;
    }
    return place;
  }

  #rank(entry: number): number {
    return this.#words[entry + TAG] === 0 ? Number.NEGATIVE_INFINITY : this.#seen[(entry >> 1) + SEEN_DOUBLE];
  }

  #bucketOf(tag: number, client: number): number {
    return (mix32(tag ^ client) & (this.#buckets - 1)) * ENTRY_WORDS * WAYS;
  }
}

/** Never 0. */
function tagOf(service: number, client: number): number {
  return mix32(client ^ mix32(service + 1)) | 1;
}
