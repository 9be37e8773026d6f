/** What all controllers have observed: each kind followed once, and found by name and by controller. */
import {
  type Change,
  controllerOf,
  type KubeObject,
  keyOf,
  type Observed,
  type ResourceRef,
  resourceKey,
} from '../../core/index.ts';
import type { ApiClient } from '../api/client.ts';
import { Informer } from '../schedule/informer.ts';

type Listener = (change: Change) => void;

class Followed {
  readonly byKey = new Map<string, KubeObject>();
  /** By namespace, then by key. */
  readonly byNamespace = new Map<string, Map<string, KubeObject>>();
  /** By uid of the controller, or '/' and the namespace for those that have none. */
  readonly byController = new Map<string, Map<string, KubeObject>>();
  readonly listeners: Listener[] = [];

  put(object: KubeObject, old: KubeObject | undefined): void {
    const key = keyOf(object);
    this.byKey.set(key, object);
    within(this.byNamespace, namespaceOf(object)).set(key, object);
    if (old && controllerKey(old) !== controllerKey(object)) leave(this.byController, controllerKey(old), key);
    within(this.byController, controllerKey(object)).set(key, object);
  }

  drop(object: KubeObject): void {
    const key = keyOf(object);
    const known = this.byKey.get(key);
    if (!known) return;
    this.byKey.delete(key);
    leave(this.byNamespace, namespaceOf(known), key);
    leave(this.byController, controllerKey(known), key);
  }
}

function within<T>(index: Map<string, Map<string, T>>, name: string): Map<string, T> {
  let found = index.get(name);
  if (!found) index.set(name, (found = new Map()));
  return found;
}

function leave<T>(index: Map<string, Map<string, T>>, name: string, key: string): void {
  const found = index.get(name);
  found?.delete(key);
  if (found?.size === 0) index.delete(name);
}

const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? '';

function controllerKey(object: KubeObject): string {
  return controllerOf(object)?.uid ?? `/${namespaceOf(object)}`;
}

export class ObservedObjects implements Observed {
  readonly #client: ApiClient;
  readonly #followed = new Map<string, Followed>();
  readonly #informers = new Map<string, Informer>();

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Before start(). Told after the change is in. */
  follow(resource: ResourceRef, listener?: Listener): void {
    const followed = this.#ensure(resource);
    if (listener) followed.listeners.push(listener);
  }

  /** Resolves when all that is there has been told, kind after kind in the order in which they were named. */
  async start(): Promise<void> {
    for (const informer of this.#informers.values()) await informer.start();
  }

  stop(): void {
    for (const informer of this.#informers.values()) informer.stop();
  }

  get(resource: ResourceRef, namespace: string, name: string): KubeObject | undefined {
    return this.#of(resource).byKey.get(namespace ? `${namespace}/${name}` : name);
  }

  list(resource: ResourceRef, namespace?: string): Iterable<KubeObject> {
    const { byKey, byNamespace } = this.#of(resource);
    if (namespace === undefined) return byKey.values();
    return byNamespace.get(namespace)?.values() ?? [];
  }

  controlledBy(resource: ResourceRef, uid: string, namespace: string): Iterable<KubeObject> {
    return (
      this.#of(resource)
        .byController.get(uid || `/${namespace}`)
        ?.values() ?? []
    );
  }

  #of(resource: ResourceRef): Followed {
    const followed = this.#followed.get(resourceKey(resource));
    if (!followed) throw new Error(`bug: ${resourceKey(resource)} is read and not followed`);
    return followed;
  }

  #ensure(resource: ResourceRef): Followed {
    const key = resourceKey(resource);
    const known = this.#followed.get(key);
    if (known) return known;
    const followed = new Followed();
    this.#followed.set(key, followed);
    const tell = (change: Change): void => {
      for (const listener of followed.listeners) listener(change);
    };
    this.#informers.set(
      key,
      new Informer(this.#client, resource, {
        changed(object, old) {
          followed.put(object, old);
          tell({ object, old, gone: false });
        },
        gone(object) {
          followed.drop(object);
          tell({ object, gone: true });
        },
      }),
    );
    return followed;
  }
}
