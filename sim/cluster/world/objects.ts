/** Objects of all kinds, found as controllers ask for them: the truth of the made-up API, and each copy of it. */
import {
  IndexedObjects,
  type KubeObject,
  type Observed,
  type ResourceRef,
  resourceKey,
  type ServedKind,
} from '../../../core/index.ts';

export class ClusterObjects implements Observed {
  readonly #kinds: readonly ServedKind[];
  readonly #byKind = new Map<string, IndexedObjects>();

  constructor(kinds: readonly ServedKind[]) {
    this.#kinds = kinds;
    for (const kind of kinds) this.#byKind.set(resourceKey(kind), new IndexedObjects());
  }

  /** Empty for a kind that is not served. */
  of(resource: ResourceRef): IndexedObjects {
    const key = resourceKey(resource);
    let found = this.#byKind.get(key);
    if (!found) this.#byKind.set(key, (found = new IndexedObjects()));
    return found;
  }

  get(resource: ResourceRef, namespace: string, name: string): KubeObject | undefined {
    return this.of(resource).get(namespace ? `${namespace}/${name}` : name);
  }

  list(resource: ResourceRef, namespace?: string): Iterable<KubeObject> {
    return this.of(resource).list(namespace);
  }

  controlledBy(resource: ResourceRef, uid: string, namespace: string): Iterable<KubeObject> {
    return this.of(resource).controlledBy(uid, namespace);
  }

  kinds(): readonly ServedKind[] {
    return this.#kinds;
  }
}
