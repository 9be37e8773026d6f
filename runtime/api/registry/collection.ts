/**
 * The objects of one kind in memory, in order, and the events of its recent past. Every watcher of the kind is a place
 * in that past, so one that is stuck holds nothing of its own: when the past moves on, it has lost its place.
 */
import type { ApiObject } from '../object.ts';
import { withRevision } from './codec.ts';
import { SortedKeys } from './sorted-keys.ts';

export interface CacheEntry {
  /** 'web/front': within the collection. */
  readonly key: string;
  /** In the storage version, with its resourceVersion. */
  readonly object: ApiObject;
  readonly revision: number;
  /** As stored. */
  readonly value: Uint8Array;
}

export interface CacheEvent {
  readonly revision: number;
  /** After the event: what was deleted carries the revision of the deletion. */
  readonly entry: CacheEntry;
  /** Before it; undefined: created. */
  readonly previous: CacheEntry | undefined;
  readonly deleted: boolean;
  /** What encoders remember of it: watchers by the thousand share one text. */
  encoded?: Map<string, Uint8Array>;
}

export interface HistoryLimits {
  events: number;
  /** Of the values that the events hold. */
  bytes: number;
}

export const DEFAULT_HISTORY: HistoryLimits = { events: 65_536, bytes: 64 << 20 };

const NOTHING = { key: '', object: {} as ApiObject, revision: 0, value: new Uint8Array() };
const DROPPED: CacheEvent = { revision: 0, entry: NOTHING, previous: undefined, deleted: true };

export class Collection {
  readonly #entries = new Map<string, CacheEntry>();
  readonly #keys = new SortedKeys();
  readonly #limits: HistoryLimits;
  /** Events still held; the first has the sequence number `#first`. */
  #events: CacheEvent[] = [];
  #first = 0;
  /** Where in #events the held ones begin: shifting one by one would move all of them. */
  #start = 0;
  #bytes = 0;
  #oldest: number;
  /** Called when events were added. */
  readonly listeners = new Set<() => void>();

  /** @param revision the history begins after it. */
  constructor(revision: number, limits: HistoryLimits = DEFAULT_HISTORY) {
    this.#oldest = revision;
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Events after this revision are all there. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The sequence number of the first event held. */
  get first(): number {
    return this.#first;
  }

  /** The sequence number that the next event will have. */
  get end(): number {
    return this.#first + this.#events.length - this.#start;
  }

  get(key: string): CacheEntry | undefined {
    return this.#entries.get(key);
  }

  /** In order. @param prefix 'web/' for one namespace. @param after only behind this key. */
  *range(prefix = '', after = ''): Generator<CacheEntry> {
    for (const key of this.#keys.range(prefix, after)) {
      const entry = this.#entries.get(key);
      if (entry) yield entry;
    }
  }

  /** @param sequence first <= sequence < end. */
  eventAt(sequence: number): CacheEvent {
    return this.#events[this.#start + sequence - this.#first];
  }

  /** The sequence number of the first event with a revision above `revision`, which must not be below `oldest`. */
  sequenceAfter(revision: number): number {
    let low = this.#start;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#events[middle].revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#first + low - this.#start;
  }

  /** What a key held before everything that came after `revision`, for the keys that have changed since. */
  changedSince(revision: number): Map<string, CacheEntry | undefined> {
    const before = new Map<string, CacheEntry | undefined>();
    for (let sequence = this.sequenceAfter(revision); sequence < this.end; sequence++) {
      const { entry, previous } = this.eventAt(sequence);
      if (!before.has(entry.key)) before.set(entry.key, previous);
    }
    return before;
  }

  /** The first load: no event comes of it. */
  load(entry: CacheEntry): void {
    this.#entries.set(entry.key, entry);
    this.#keys.add(entry.key);
  }

  apply(event: CacheEvent): void {
    const { key } = event.entry;
    if (event.deleted) {
      this.#entries.delete(key);
      this.#keys.delete(key);
    } else {
      this.#entries.set(key, event.entry);
      if (!event.previous) this.#keys.add(key);
    }
    this.#events.push(event);
    this.#bytes += event.entry.value.length;
    while (this.end - this.#first > this.#limits.events || this.#bytes > this.#limits.bytes) this.#dropFirst();
    for (const listener of this.listeners) listener();
  }

  /** Forgets what happened up to `revision`. */
  forget(revision: number): void {
    while (this.end > this.#first && this.#events[this.#start].revision <= revision) this.#dropFirst();
    this.#oldest = Math.max(this.#oldest, revision);
  }

  #dropFirst(): void {
    const event = this.#events[this.#start];
    this.#oldest = event.revision;
    this.#bytes -= event.entry.value.length;
    this.#events[this.#start] = DROPPED; // Its values are held no longer, even while its place is.
    this.#start++;
    this.#first++;
    if (this.#start > 1024 && this.#start * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#start);
      this.#start = 0;
    }
  }
}

/** What is shown of an object that was deleted or left a watcher's sight: its last state, at the revision of that event. */
export function gone(previous: CacheEntry, revision: number): CacheEntry {
  return { ...previous, object: withRevision(previous.object, revision), revision };
}
