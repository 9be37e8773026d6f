/**
 * One kind, followed for ever: what is there is told first, then what changes. When history is lost everything is told
 * anew, and what has gone in the meantime is told to have gone. Source: client-go/tools/cache/reflector.go.
 */
import { type KubeObject, keyOf } from '../../core/index.ts';
import type { ApiClient, ResourceName, WatchEvent, WatchHandle } from '../api/client.ts';

export interface Follower {
  changed(object: KubeObject, old: KubeObject | undefined): void;
  gone(object: KubeObject): void;
  /** After each batch of the above. */
  told?(): void;
}

const RETRY_MS = 1000;

export class Informer {
  readonly #client: ApiClient;
  readonly #resource: ResourceName;
  readonly #follower: Follower;
  readonly #known = new Map<string, KubeObject>();
  #watch: WatchHandle | undefined;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(client: ApiClient, resource: ResourceName, follower: Follower) {
    this.#client = client;
    this.#resource = resource;
    this.#follower = follower;
  }

  /** Resolves when all that is there has been told. Rejects when the first list is refused. */
  async start(): Promise<void> {
    const { items, resourceVersion } = await this.#client.list(this.#resource);
    if (this.#stopped) return;
    const before = [...this.#known.values()];
    for (const object of items) this.#changed(object);
    if (before.length > 0) {
      const present = new Set(items.map(keyOf));
      for (const object of before) if (!present.has(keyOf(object))) this.#gone(object);
    }
    this.#follower.told?.();
    this.#watch = this.#client.watch(this.#resource, {
      resourceVersion,
      onEvents: (events) => this.#take(events),
      onClose: () => this.#again(),
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#watch?.stop();
  }

  #take(events: readonly WatchEvent[]): void {
    for (const { type, object } of events) {
      if (type === 'DELETED') this.#gone(object);
      else if (type !== 'BOOKMARK') this.#changed(object);
    }
    this.#follower.told?.();
  }

  #changed(object: KubeObject): void {
    const key = keyOf(object);
    const old = this.#known.get(key);
    if (old?.metadata.resourceVersion === object.metadata.resourceVersion && old?.metadata.uid === object.metadata.uid)
      return;
    // Another object of the same name: the old one has gone first.
    const replaced = old !== undefined && old.metadata.uid !== object.metadata.uid;
    if (replaced) this.#follower.gone(old);
    this.#known.set(key, object);
    this.#follower.changed(object, replaced ? undefined : old);
  }

  #gone(object: KubeObject): void {
    const key = keyOf(object);
    const known = this.#known.get(key);
    if (known) this.#follower.gone(object.metadata.uid === known.metadata.uid ? object : known);
    this.#known.delete(key);
  }

  /** Lists anew; a server that cannot answer now is asked again later. */
  #again(): void {
    if (this.#stopped) return;
    this.start().catch(() => {
      if (!this.#stopped) this.#retry = setTimeout(() => this.#again(), RETRY_MS);
    });
  }
}
