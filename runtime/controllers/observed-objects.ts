/** What all controllers have observed: each kind followed once, and found by name and by controller. */
import {
  type Change,
  IndexedObjects,
  type KubeObject,
  keyOf,
  type Observed,
  type ResourceRef,
  resourceKey,
  type ServedKind,
} from '../../core/index.ts';
import type { ApiClient } from '../api/client.ts';
import { type Follower, Informer } from '../schedule/informer.ts';

type Listener = (change: Change) => void;

class Followed implements Follower {
  readonly objects = new IndexedObjects();
  readonly listeners: Listener[] = [];

  changed(object: KubeObject, old: KubeObject | undefined): void {
    this.objects.put(object);
    this.#tell({ object, old, gone: false });
  }

  gone(object: KubeObject): void {
    this.objects.drop(keyOf(object));
    this.#tell({ object, gone: true });
  }

  #tell(change: Change): void {
    for (const listener of this.listeners) listener(change);
  }
}

export class ObservedObjects implements Observed {
  readonly #client: ApiClient;
  readonly #followed = new Map<string, Followed>();
  readonly #informers = new Map<string, Informer>();
  readonly #kinds = new Map<string, ServedKind>();
  readonly #ofAll: ((kind: ServedKind, change: Change) => void)[] = [];
  /** By the reference that was asked with: its name need not be written to find it. */
  #byReference = new WeakMap<ResourceRef, Followed>();
  #started = false;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Before start(). Told after the change is in. */
  follow(resource: ResourceRef, listener?: Listener): void {
    const followed = this.#ensure(resource);
    if (listener) followed.listeners.push(listener);
  }

  /** Before start(): of every kind that setKinds names, then and later. */
  followAll(listener: (kind: ServedKind, change: Change) => void): void {
    this.#ofAll.push(listener);
  }

  /**
   * Follows these kinds from now on; of one that was followed as such and is not among them, everything is gone.
   * Resolves when all that is there has been told.
   */
  async setKinds(kinds: readonly ServedKind[]): Promise<void> {
    const names = new Set(kinds.map(resourceKey));
    for (const key of [...this.#kinds.keys()]) if (!names.has(key)) this.#leave(key);
    const starting: Promise<void>[] = [];
    for (const kind of kinds) {
      const key = resourceKey(kind);
      const isNew = !this.#kinds.has(key);
      this.#kinds.set(key, kind);
      if (!isNew) continue;
      const isFollowed = this.#followed.has(key);
      const followed = this.#ensure(kind);
      followed.listeners.push((change) => {
        for (const listener of this.#ofAll) listener(this.#kinds.get(key) ?? kind, change);
      });
      if (this.#started && !isFollowed) starting.push(this.#informers.get(key)!.start());
    }
    await Promise.all(starting);
  }

  /** Resolves when all that is there has been told, kind after kind in the order in which they were named. */
  async start(): Promise<void> {
    this.#started = true;
    for (const informer of this.#informers.values()) await informer.start();
  }

  stop(): void {
    for (const informer of this.#informers.values()) informer.stop();
  }

  get(resource: ResourceRef, namespace: string, name: string): KubeObject | undefined {
    return this.#of(resource).objects.get(namespace ? `${namespace}/${name}` : name);
  }

  list(resource: ResourceRef, namespace?: string): Iterable<KubeObject> {
    return this.#of(resource).objects.list(namespace);
  }

  controlledBy(resource: ResourceRef, uid: string, namespace: string): Iterable<KubeObject> {
    return this.#of(resource).objects.controlledBy(uid, namespace);
  }

  kinds(): Iterable<ServedKind> {
    return this.#kinds.values();
  }

  #of(resource: ResourceRef): Followed {
    const known = this.#byReference.get(resource);
    if (known) return known;
    const followed = this.#followed.get(resourceKey(resource));
    if (!followed) throw new Error(`bug: ${resourceKey(resource)} is read and not followed`);
    this.#byReference.set(resource, followed);
    return followed;
  }

  #ensure(resource: ResourceRef): Followed {
    const key = resourceKey(resource);
    const known = this.#followed.get(key);
    if (known) return known;
    const followed = new Followed();
    this.#followed.set(key, followed);
    this.#informers.set(key, new Informer(this.#client, resource, followed));
    return followed;
  }

  /** A kind that is served no more. */
  #leave(key: string): void {
    this.#kinds.delete(key);
    this.#informers.get(key)?.stop();
    this.#informers.delete(key);
    const followed = this.#followed.get(key);
    this.#followed.delete(key);
    this.#byReference = new WeakMap();
    for (const object of [...(followed?.objects.list() ?? [])]) followed?.gone(object);
  }
}
