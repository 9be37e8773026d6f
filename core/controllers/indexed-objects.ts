/** The objects of one kind, found by name, by namespace and by controller: what an Observed is made of. */
import { type KubeObject, keyOf } from '../objects/types.ts';
import { controllerOf } from './owners.ts';

/** Where an object stands in every index: what changes in it is set once. */
interface Place {
  object: KubeObject;
}

export class IndexedObjects {
  readonly #byKey = new Map<string, Place>();
  /** By namespace, then by key. */
  readonly #byNamespace = new Map<string, Map<string, Place>>();
  /** By uid of the controller, or '/' and the namespace for those that have none. */
  readonly #byController = new Map<string, Map<string, Place>>();

  get size(): number {
    return this.#byKey.size;
  }

  /** @param key 'ns/name', or 'name' for a cluster-scoped kind. */
  get(key: string): KubeObject | undefined {
    return this.#byKey.get(key)?.object;
  }

  /** @param namespace only of that one; without it of all. */
  list(namespace?: string): Iterable<KubeObject> {
    return objectsOf(namespace === undefined ? this.#byKey : this.#byNamespace.get(namespace));
  }

  /** @param uid '' for those of the namespace that have no controller. */
  controlledBy(uid: string, namespace: string): Iterable<KubeObject> {
    return objectsOf(this.#byController.get(uid || `/${namespace}`));
  }

  put(object: KubeObject): void {
    const key = keyOf(object);
    const known = this.#byKey.get(key);
    if (known) {
      const before = controllerKey(known.object);
      const now = controllerKey(object);
      known.object = object;
      if (before === now) return;
      leave(this.#byController, before, key);
      within(this.#byController, now).set(key, known);
      return;
    }
    const place = { object };
    this.#byKey.set(key, place);
    within(this.#byNamespace, namespaceOf(object)).set(key, place);
    within(this.#byController, controllerKey(object)).set(key, place);
  }

  drop(key: string): void {
    const known = this.#byKey.get(key);
    if (!known) return;
    this.#byKey.delete(key);
    leave(this.#byNamespace, namespaceOf(known.object), key);
    leave(this.#byController, controllerKey(known.object), key);
  }
}

function objectsOf(places: ReadonlyMap<string, Place> | undefined): Iterable<KubeObject> {
  return places && places.size > 0 ? objectsIn(places) : [];
}

function* objectsIn(places: ReadonlyMap<string, Place>): Generator<KubeObject> {
  for (const { object } of places.values()) yield object;
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
