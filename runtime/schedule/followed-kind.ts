/**
 * One kind as one client sees it, followed once for all who want to know: what there is, and what changes. When history
 * is lost everything is told anew, and what has gone in the meantime is told to have gone.
 * Source: client-go/tools/cache/{reflector,shared_informer}.go.
 */
import { type KubeObject, keyOf } from '../../core/index.ts';
import type { ApiClient, ResourceName, WatchEvent, WatchHandle } from '../api/client.ts';

export interface Follower {
  changed(object: KubeObject, old: KubeObject | undefined): void;
  gone(object: KubeObject): void;
  /** After each batch of the above. */
  told?(): void;
}

interface Change {
  object: KubeObject;
  /** What was known of it. */
  old?: KubeObject;
  gone?: boolean;
}

const RETRY_MS = 1000;

const kinds = new WeakMap<ApiClient, Map<string, FollowedKind>>();

/** The same for all who ask, as long as anybody follows it. */
export function followedKind(client: ApiClient, resource: ResourceName): FollowedKind {
  const name = `${resource.group}/${resource.version ?? ''}/${resource.resource}`;
  const known = kinds.get(client) ?? new Map<string, FollowedKind>();
  kinds.set(client, known);
  let kind = known.get(name);
  if (!kind) known.set(name, (kind = new FollowedKind(client, resource, () => void known.delete(name))));
  return kind;
}

export class FollowedKind {
  readonly #client: ApiClient;
  readonly #resource: ResourceName;
  readonly #left: () => void;
  readonly #known = new Map<string, KubeObject>();
  /** Those who are told of changes, and those who are told first of all that there is. */
  readonly #followers = new Map<Follower, 'starting' | 'told'>();
  #listed: Promise<void> | undefined;
  #watch: WatchHandle | undefined;
  #retry: NodeJS.Timeout | undefined;

  /** @param left called when nobody follows it any longer; then it is of no more use. */
  constructor(client: ApiClient, resource: ResourceName, left: () => void) {
    this.#client = client;
    this.#resource = resource;
    this.#left = left;
  }

  /** Resolves when all that is there has been told to the follower. Rejects when the first list is refused. */
  async follow(follower: Follower): Promise<void> {
    this.#followers.set(follower, 'starting');
    try {
      await (this.#listed ??= this.#list());
    } catch (error) {
      this.leave(follower);
      throw error;
    }
    if (!this.#followers.has(follower)) return;
    // From here on it is told what changes: nothing comes between.
    this.#followers.set(follower, 'told');
    for (const object of this.#known.values()) follower.changed(object, undefined);
    follower.told?.();
  }

  leave(follower: Follower): void {
    if (!this.#followers.delete(follower) || this.#followers.size > 0) return;
    clearTimeout(this.#retry);
    this.#watch?.stop();
    this.#left();
  }

  async #list(): Promise<void> {
    const { items, resourceVersion } = await this.#client.list(this.#resource);
    if (this.#followers.size === 0) return;
    const before = [...this.#known.values()];
    const changes: Change[] = [];
    for (const object of items) this.#changed(object, changes);
    if (before.length > 0) {
      const present = new Set(items.map(keyOf));
      for (const object of before) if (!present.has(keyOf(object))) this.#gone(object, changes);
    }
    this.#tell(changes);
    if (this.#followers.size === 0) return;
    this.#watch = this.#client.watch(this.#resource, {
      resourceVersion,
      onEvents: (events) => this.#take(events),
      onClose: () => this.#again(),
    });
  }

  #take(events: readonly WatchEvent[]): void {
    const changes: Change[] = [];
    for (const { type, object } of events) {
      if (type === 'DELETED') this.#gone(object, changes);
      else if (type !== 'BOOKMARK') this.#changed(object, changes);
    }
    this.#tell(changes);
  }

  /** One that throws keeps no other from hearing of it; the first error is thrown once all have. */
  #tell(changes: readonly Change[]): void {
    const errors: unknown[] = [];
    for (const [follower, state] of this.#followers) {
      if (state !== 'told') continue;
      try {
        tell(follower, changes);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  #changed(object: KubeObject, changes: Change[]): void {
    const key = keyOf(object);
    const old = this.#known.get(key);
    if (old?.metadata.resourceVersion === object.metadata.resourceVersion && old?.metadata.uid === object.metadata.uid)
      return;
    this.#known.set(key, object);
    if (old === undefined || old.metadata.uid === object.metadata.uid) {
      changes.push({ object, old });
      return;
    }
    // Another object of the same name: the old one has gone first.
    changes.push({ object: old, gone: true }, { object });
  }

  #gone(object: KubeObject, changes: Change[]): void {
    const key = keyOf(object);
    const known = this.#known.get(key);
    if (known) changes.push({ object: object.metadata.uid === known.metadata.uid ? object : known, gone: true });
    this.#known.delete(key);
  }

  /** Lists anew; a server that cannot answer now is asked again later. */
  #again(): void {
    if (this.#followers.size === 0) return;
    this.#list().catch(() => {
      if (this.#followers.size > 0) this.#retry = setTimeout(() => this.#again(), RETRY_MS);
    });
  }
}

function tell(follower: Follower, changes: readonly Change[]): void {
  for (const { object, old, gone } of changes) {
    if (gone) follower.gone(object);
    else follower.changed(object, old);
  }
  follower.told?.();
}
