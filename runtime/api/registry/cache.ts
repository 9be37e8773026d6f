/**
 * Everything the store holds, in memory: loaded once, then kept by one watch, in the order of the writes. Reads never
 * wait; a write is over when the cache has it. When the watch loses its place, all is loaded anew and watchers are told.
 */
import { CompactedError } from '../../store/errors.ts';
import type { Store, StoreEntry, StoreEvent, StoreWatch } from '../../store/store.ts';
import type { ApiObject } from '../object.ts';
import type { ObjectsView } from '../objects-view.ts';
import { decode, withRevision } from './codec.ts';
import { type CacheEntry, Collection, DEFAULT_HISTORY, gone, type HistoryLimits } from './collection.ts';
import { collectionKey, objectKey, ROOT, splitKey } from './keys.ts';

/** A store counts what comes behind each page. */
const PAGE = 5_000;
const RELOAD_PAUSE_MS = 500;
/** So far back watches can go on that were open at another server, or before this one started anew. */
const REPLAYED_REVISIONS = 5_000;

interface State {
  collections: Map<string, CacheEntry[]>;
  revision: number;
}

export interface CacheOptions {
  store: Store;
  history?: HistoryLimits;
  /** A value that cannot be read, a watch that broke: the cache goes on without. */
  problem(error: Error): void;
}

function* objectsOf(entries: Iterable<CacheEntry>): Generator<ApiObject> {
  for (const { object } of entries) yield object;
}

interface Waiter {
  revision: number;
  resolve(): void;
}

export class Cache implements ObjectsView {
  readonly #store: Store;
  readonly #history: HistoryLimits;
  readonly #problem: (error: Error) => void;
  readonly #collections = new Map<string, Collection>();
  /** What this process is writing: it need not be parsed when it comes back. */
  readonly #written = new Map<Uint8Array, ApiObject>();
  #waiters: Waiter[] = [];
  #watch: StoreWatch | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  /** Everything up to here is in. */
  revision = 0;
  /** Nothing from before can be read any more. */
  #loadedAt = 0;
  /** Told after each batch of events of a kind, with its collection's name ('core/pods'). */
  readonly listeners = new Set<(collection: string) => void>();
  /** Told when the cache was loaded anew: every place in history is lost. */
  readonly resets = new Set<() => void>();

  constructor({ store, history = DEFAULT_HISTORY, problem }: CacheOptions) {
    this.#store = store;
    this.#history = history;
    this.#problem = problem;
  }

  /** Resolves when everything is in. Errors are the store's. */
  async start(): Promise<void> {
    const newest = await this.#store.revision();
    // As it was a while ago: what the store's watch then tells makes it new, and is history for watches that go on.
    this.#load(await this.#oldest(newest));
    await this.reached(newest);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#watch?.close();
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
  }

  // --- reads --------------------------------------------------------------------------------------------------------

  get(group: string, resource: string, namespace: string, name: string): ApiObject | undefined {
    return this.#collections.get(collectionKey(group, resource))?.get(objectKey(namespace, name))?.object;
  }

  list(group: string, resource: string, namespace?: string): Iterable<ApiObject> {
    const collection = this.#collections.get(collectionKey(group, resource));
    return collection && collection.size > 0 ? objectsOf(collection.range(namespace ? `${namespace}/` : '')) : [];
  }

  /** Changes whenever an object of the kind does. */
  version(group: string, resource: string): number {
    const collection = this.#collections.get(collectionKey(group, resource));
    return collection ? collection.end + this.#loadedAt * 2 ** 20 : 0;
  }

  /** Made when it is first asked for. */
  collection(group: string, plural: string): Collection {
    const key = collectionKey(group, plural);
    let collection = this.#collections.get(key);
    if (!collection) this.#collections.set(key, (collection = new Collection(this.#loadedAt, this.#history)));
    return collection;
  }

  /** Resolves when the events of this revision are in. */
  reached(revision: number): Promise<void> {
    if (this.revision >= revision || this.#closed) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ revision, resolve }));
  }

  /** Everything that any server on this store has written is in when it resolves. */
  async fresh(): Promise<void> {
    await this.reached(await this.#store.revision());
  }

  /** The cache keeps `object` (without a resourceVersion) for when `value` comes back from the store, until `unexpect`. */
  expect(value: Uint8Array, object: ApiObject): void {
    this.#written.set(value, object);
  }

  /** However the write ended. */
  unexpect(value: Uint8Array): void {
    this.#written.delete(value);
  }

  /** Forgets history up to `revision`. */
  forget(revision: number): void {
    this.#loadedAt = Math.max(this.#loadedAt, revision);
    for (const collection of this.#collections.values()) collection.forget(revision);
  }

  // --- the store's watch ----------------------------------------------------------------------------------------------

  #load({ collections, revision }: State): void {
    if (this.#closed) return;
    this.#collections.clear();
    this.#loadedAt = revision;
    for (const [key, entries] of collections) {
      const collection = new Collection(revision, this.#history);
      for (const entry of entries) collection.load(entry);
      this.#collections.set(key, collection);
    }
    this.#advance(revision);
    this.#watch = this.#store.watch(
      { prefix: ROOT, after: revision },
      {
        events: (events, at) => this.#take(events, at),
        progress: (at) => this.#advance(at),
        failed: (error) => this.#lost(error),
      },
    );
  }

  /** The state from which on history is read: some thousand revisions ago, or as old as the store can show. */
  async #oldest(newest: number): Promise<State> {
    try {
      return await this.#stateAt(Math.max(1, newest - REPLAYED_REVISIONS));
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      return this.#stateAt(error.compacted > 0 ? error.compacted : newest);
    }
  }

  async #stateAt(revision: number): Promise<State> {
    const collections = new Map<string, CacheEntry[]>();
    let after: string | undefined;
    for (;;) {
      const page = await this.#store.list({ prefix: ROOT, after, limit: PAGE, revision });
      for (const stored of page.entries) this.#collect(stored, collections);
      if (!page.more) return { collections, revision };
      after = page.entries.at(-1)?.key;
    }
  }

  #collect(stored: StoreEntry, collections: Map<string, CacheEntry[]>): void {
    const place = splitKey(stored.key);
    const entry = place && this.#entryOf(place.object, stored);
    if (!place || !entry) return;
    const entries = collections.get(place.collection);
    if (entries) entries.push(entry);
    else collections.set(place.collection, [entry]);
  }

  #take(events: readonly StoreEvent[], revision: number): void {
    const changed = new Set<string>();
    for (const event of events) {
      const place = splitKey(event.key);
      if (!place) continue;
      let collection = this.#collections.get(place.collection);
      if (!collection) {
        collection = new Collection(this.#loadedAt, this.#history);
        this.#collections.set(place.collection, collection);
      }
      const previous = collection.get(place.object);
      const entry = event.entry ? this.#entryOf(place.object, event.entry) : previous && gone(previous, revision);
      if (!entry) continue;
      collection.apply({ revision, entry, previous, deleted: event.type === 'delete' });
      changed.add(place.collection);
    }
    this.#advance(revision);
    for (const key of changed) for (const listener of this.listeners) listener(key);
  }

  #entryOf(key: string, { value, modRevision }: StoreEntry): CacheEntry | undefined {
    try {
      const known = this.#written.get(value);
      const object = known ? withRevision(known, modRevision) : decode(value, modRevision);
      return { key, object, revision: modRevision, value };
    } catch (error) {
      this.#problem(new Error(`what the store holds as ${key} cannot be read`, { cause: error }));
      return undefined;
    }
  }

  #advance(revision: number): void {
    if (revision <= this.revision) return;
    this.revision = revision;
    if (this.#waiters.length === 0) return;
    const waiting = this.#waiters;
    this.#waiters = waiting.filter((waiter) => waiter.revision > revision);
    for (const waiter of waiting) if (waiter.revision <= revision) waiter.resolve();
  }

  #lost(error: Error): void {
    if (this.#closed) return;
    this.#problem(new Error('the watch on the store broke; everything is read anew', { cause: error }));
    this.#watch = undefined;
    this.#reload();
  }

  #reload(): void {
    const newest = this.#store.revision().then((revision) => this.#stateAt(revision));
    newest.then(
      (state) => {
        this.#load(state);
        for (const reset of this.resets) reset();
      },
      (error: unknown) => {
        if (this.#closed) return;
        this.#problem(new Error('the store cannot be read', { cause: error }));
        this.#retry = setTimeout(() => this.#reload(), RELOAD_PAUSE_MS);
      },
    );
  }
}
