/** The objects of one kind, found by name, by namespace and by controller: what an Observed is made of. */
import { type KubeObject, keyOf } from '../objects/types.ts';
import { controllerOf } from './owners.ts';

export class IndexedObjects {
  readonly #byKey = new Map<string, KubeObject>();
  /** By namespace, then by key. */
  readonly #byNamespace = new Map<string, Map<string, KubeObject>>();
  /** By uid of the controller, or '/' and the namespace for those that have none. */
  readonly #byController = new Map<string, Map<string, KubeObject>>();

  get size(): number {
    return this.#byKey.size;
  }

  /** @param key 'ns/name', or 'name' for a cluster-scoped kind. */
  get(key: string): KubeObject | undefined {
    return this.#byKey.get(key);
  }

  /** @param namespace only of that one; without it of all. */
  list(namespace?: string): Iterable<KubeObject> {
    if (namespace === undefined) return this.#byKey.values();
    return this.#byNamespace.get(namespace)?.values() ?? [];
  }

  /** @param uid '' for those of the namespace that have no controller. */
  controlledBy(uid: string, namespace: string): Iterable<KubeObject> {
    return this.#byController.get(uid || `/${namespace}`)?.values() ?? [];
  }

  put(object: KubeObject): void {
    const key = keyOf(object);
    const old = this.#byKey.get(key);
    this.#byKey.set(key, object);
    within(this.#byNamespace, namespaceOf(object)).set(key, object);
    if (old && controllerKey(old) !== controllerKey(object)) leave(this.#byController, controllerKey(old), key);
    within(this.#byController, controllerKey(object)).set(key, object);
  }

  drop(key: string): void {
    const known = this.#byKey.get(key);
    if (!known) return;
    this.#byKey.delete(key);
    leave(this.#byNamespace, namespaceOf(known), key);
    leave(this.#byController, controllerKey(known), key);
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
