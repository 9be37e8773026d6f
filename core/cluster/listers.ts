/**
 * Every object the scheduler reads besides nodes and pods, by kind and key, in order of arrival. One writer; shared by
 * all deciders. `version(kind)` grows with each change, so that what was derived from a kind can be cached.
 */
import {
  type CSIDriver,
  type CSINode,
  type CSIStorageCapacity,
  type KubeObject,
  keyOf,
  type Namespace,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type PodDisruptionBudget,
  type PriorityClass,
  type ReplicationController,
  type SelectorOwner,
  type Service,
  type StorageClass,
  type VolumeAttachment,
} from '../objects/types.ts';

interface Kinds {
  Namespace: Namespace;
  Service: Service;
  ReplicaSet: SelectorOwner;
  StatefulSet: SelectorOwner;
  ReplicationController: ReplicationController;
  PersistentVolume: PersistentVolume;
  PersistentVolumeClaim: PersistentVolumeClaim;
  StorageClass: StorageClass;
  CSINode: CSINode;
  CSIDriver: CSIDriver;
  CSIStorageCapacity: CSIStorageCapacity;
  VolumeAttachment: VolumeAttachment;
  PriorityClass: PriorityClass;
  PodDisruptionBudget: PodDisruptionBudget;
}

export class Listers {
  readonly #byKind = new Map<string, Map<string, KubeObject>>();
  readonly #versions = new Map<string, number>();
  /** Changes of whatever kind so far. */
  changes = 0;

  /** Adds or replaces; a replaced object keeps its place in the order. Kinds without a lister are kept as well. */
  set(object: KubeObject): void {
    let objects = this.#byKind.get(object.kind);
    if (!objects) this.#byKind.set(object.kind, (objects = new Map()));
    objects.set(keyOf(object), object);
    this.#changed(object.kind);
  }

  delete(kind: string, key: string): void {
    if (this.#byKind.get(kind)?.delete(key)) this.#changed(kind);
  }

  get<K extends keyof Kinds>(kind: K, key: string): Kinds[K] | undefined {
    return this.#byKind.get(kind)?.get(key) as Kinds[K] | undefined;
  }

  /** Of whatever kind. */
  find(kind: string, key: string): KubeObject | undefined {
    return this.#byKind.get(kind)?.get(key);
  }

  /** In order of arrival. */
  all<K extends keyof Kinds>(kind: K): Iterable<Kinds[K]> {
    return (this.#byKind.get(kind)?.values() ?? []) as Iterable<Kinds[K]>;
  }

  /** Of every kind, each in order of arrival. */
  *everything(): Generator<KubeObject> {
    for (const objects of this.#byKind.values()) yield* objects.values();
  }

  count(kind: string): number {
    return this.#byKind.get(kind)?.size ?? 0;
  }

  version(kind: string): number {
    return this.#versions.get(kind) ?? 0;
  }

  #changed(kind: string): void {
    this.#versions.set(kind, this.version(kind) + 1);
    this.changes++;
  }
}
