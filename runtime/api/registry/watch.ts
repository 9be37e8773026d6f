/**
 * A watch: a place in a kind's history that moves on with it, and the events a selector lets through on the way.
 * It keeps nothing but its place: a receiver that does not take its events is left behind, and gets the 410 of one who is.
 * Source: Kubernetes v1.36, apiserver/pkg/storage/cacher/{cacher,cache_watcher}.go.
 */
import { expired, invalid, type StatusCause } from '../http/status.ts';
import { storageOf } from '../kinds/table.ts';
import { type CacheEntry, type CacheEvent, type Collection, gone } from './collection.ts';
import { awaitRevision, checkRevisionText, type ListRequest, prefixFor } from './list.ts';
import { type RegistryParts, served } from './parts.ts';
import { type Selection, selectionOf } from './selectors.ts';

/** Events handed over at once at most: then the receiver is asked again. */
const BATCH = 256;

export interface WatchRequest extends ListRequest {
  allowBookmarks?: boolean;
  sendInitialEvents?: boolean;
}

/** `event` is undefined for an object that was there at the beginning. */
export interface Delivery {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  entry: CacheEntry;
  event?: CacheEvent;
}

export interface Receiver {
  /** @returns whether it takes more now; if not, resume() goes on. */
  deliver(deliveries: readonly Delivery[]): boolean;
  /** Everything up to `revision` was delivered. `initial`: what was there at the beginning is. @returns as deliver. */
  bookmark(revision: number, initial: boolean): boolean;
  /** The last call: the watch cannot go on. */
  lost(reason: Error): void;
}

export class Watch {
  readonly #parts: RegistryParts;
  readonly #request: WatchRequest;
  readonly #collection: Collection;
  readonly #selection: Selection;
  readonly #prefix: string;
  readonly #receiver: Receiver;
  readonly #onChange = (): void => this.#schedule();
  readonly #onReset = (): void => this.#lose('the history of the store was lost');
  /** What was there at the beginning, as far as it is still to be sent. */
  #initial: Iterator<CacheEntry> | undefined;
  #position: number;
  #startRevision: number;
  #open = true;
  #blocked = false;
  #scheduled = false;

  constructor(parts: RegistryParts, request: WatchRequest, selection: Selection, receiver: Receiver) {
    const { group, plural } = storageOf(request.kind);
    const { resourceVersion = '', sendInitialEvents } = request;
    this.#parts = parts;
    this.#request = request;
    this.#receiver = receiver;
    this.#collection = parts.cache.collection(group, plural);
    this.#selection = selection;
    this.#prefix = prefixFor(request.kind, request.namespace, selection);
    this.#startRevision = parts.cache.revision;
    const fromState = sendInitialEvents ?? (resourceVersion === '' || resourceVersion === '0');
    if (fromState) {
      // A copy of the references: what changes while they are sent comes as events behind them.
      this.#initial = [...this.#collection.range(this.#prefix)][Symbol.iterator]();
      this.#position = this.#collection.end;
    } else {
      const after = resourceVersion === '' || resourceVersion === '0' ? this.#startRevision : Number(resourceVersion);
      if (after < this.#collection.oldest) {
        throw expired(`too old resource version: ${after} (${this.#collection.oldest})`);
      }
      this.#position = this.#collection.sequenceAfter(after);
    }
    this.#collection.listeners.add(this.#onChange);
    parts.cache.resets.add(this.#onReset);
    this.#schedule();
  }

  stop(): void {
    this.#open = false;
    this.#collection.listeners.delete(this.#onChange);
    this.#parts.cache.resets.delete(this.#onReset);
  }

  /** The receiver takes events again. */
  resume(): void {
    this.#blocked = false;
    this.#schedule();
  }

  /** Tells the receiver how far it is, if it is where the cache is. */
  bookmark(): void {
    if (!this.#open || this.#blocked || this.#initial || this.#position < this.#collection.end) return;
    this.#blocked = !this.#receiver.bookmark(this.#parts.cache.revision, false);
  }

  #schedule(): void {
    if (this.#scheduled || !this.#open) return;
    this.#scheduled = true;
    inTurn(this);
  }

  /** It was due: see inTurn. */
  takeTurn(): void {
    this.#scheduled = false;
    this.#pump();
  }

  #pump(): void {
    if (!this.#open) return;
    if (this.#position < this.#collection.first) {
      this.#lose('more happened than is kept');
      return;
    }
    if (this.#initial && !this.#pumpInitial(this.#initial)) return;
    while (this.#open && !this.#blocked && this.#position < this.#collection.end) {
      const batch: Delivery[] = [];
      while (batch.length < BATCH && this.#position < this.#collection.end) {
        const delivery = this.#translate(this.#collection.eventAt(this.#position++));
        if (delivery) batch.push(delivery);
      }
      if (batch.length > 0) this.#blocked = !this.#receiver.deliver(batch);
    }
  }

  /** @returns whether all of it is delivered. */
  #pumpInitial(initial: Iterator<CacheEntry>): boolean {
    while (this.#open && !this.#blocked) {
      const batch: Delivery[] = [];
      let next = initial.next();
      while (!next.done) {
        if (this.#selects(next.value)) batch.push({ type: 'ADDED', entry: next.value });
        if (batch.length === BATCH) break;
        next = initial.next();
      }
      if (batch.length > 0) this.#blocked = !this.#receiver.deliver(batch);
      if (!next.done) continue;
      this.#initial = undefined;
      if (this.#request.sendInitialEvents && this.#request.allowBookmarks) {
        this.#blocked = !this.#receiver.bookmark(this.#startRevision, true) || this.#blocked;
      }
      return true;
    }
    return false;
  }

  /** What an event is to this watch: an object may come into its sight, or leave it. */
  #translate(event: CacheEvent): Delivery | undefined {
    const { entry, previous, deleted } = event;
    const before = previous !== undefined && this.#selects(previous);
    const after = !deleted && this.#selects(entry);
    if (!before && !after) return undefined;
    if (before && !after) return { type: 'DELETED', entry: deleted ? entry : gone(previous, entry.revision), event };
    return { type: before ? 'MODIFIED' : 'ADDED', entry, event };
  }

  #selects(entry: CacheEntry): boolean {
    if (!entry.key.startsWith(this.#prefix)) return false;
    const { name, kind } = this.#request;
    if (name && entry.object.metadata.name !== name) return false;
    return this.#selection.everything || this.#selection.matches(served(kind, entry.object));
  }

  #lose(why: string): void {
    if (!this.#open) return;
    this.stop();
    this.#receiver.lost(expired(`too old resource version: ${why}; list again and watch from there`));
  }
}

/** Watches that may have something to deliver. All have their turn in one: a turn of its own for each costs as much as its work. */
let due: Watch[] = [];

function inTurn(watch: Watch): void {
  if (due.push(watch) === 1) setImmediate(takeTurns);
}

function takeTurns(): void {
  const watches = due;
  due = [];
  let next = 0;
  try {
    while (next < watches.length) watches[next++].takeTurn();
  } finally {
    for (const watch of watches.slice(next)) inTurn(watch); // One that throws takes nobody else's turn away.
  }
}

/** Opens a watch once its revision is there. Throws the ApiErrors of a wrong request and of a revision that is gone. */
export async function openWatch(parts: RegistryParts, request: WatchRequest, receiver: Receiver): Promise<Watch> {
  checkWatch(request);
  const { resourceVersion = '', kind } = request;
  const selection = selectionOf(kind, request.labelSelector, request.fieldSelector);
  if (resourceVersion === '') await parts.cache.fresh();
  else await awaitRevision(parts, Number(resourceVersion));
  return new Watch(parts, request, selection, receiver);
}

function checkWatch({ resourceVersion = '', resourceVersionMatch = '', sendInitialEvents }: WatchRequest): void {
  checkRevisionText(resourceVersion);
  const causes: StatusCause[] = [];
  const forbid = (field: string, message: string): void =>
    void causes.push({ reason: 'FieldValueForbidden', field, message: `Forbidden: ${message}` });
  if (sendInitialEvents === undefined) {
    if (resourceVersionMatch !== '') {
      forbid(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      );
    }
  } else if (resourceVersionMatch !== 'NotOlderThan') {
    forbid('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (causes.length > 0) throw invalid('meta.k8s.io', 'ListOptions', '', causes);
}
