/** Who owns whom, as observed: every object that has owners or is one, by uid. */
import type { KubeObject, OwnerReference } from '../../objects/types.ts';
import type { ServedKind } from '../controller.ts';

export interface GraphNode {
  kind: ServedKind;
  object: KubeObject;
}

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/** It goes once nobody is left who says that it must wait. */
export function waitsForDependents({ metadata }: KubeObject): boolean {
  return Boolean(metadata.deletionTimestamp && metadata.finalizers?.includes(FOREGROUND));
}

/** It goes once its dependents have forgotten it. */
export function orphansDependents({ metadata }: KubeObject): boolean {
  return Boolean(metadata.deletionTimestamp && metadata.finalizers?.includes(ORPHAN));
}

export function ownersOf({ metadata }: KubeObject): readonly OwnerReference[] {
  return metadata.ownerReferences ?? NONE;
}

const NONE: readonly OwnerReference[] = [];

export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>();
  /** By uid of the owner, whether or not it has been observed. */
  readonly #dependents = new Map<string, Set<string>>();

  put(kind: ServedKind, object: KubeObject): void {
    const { uid = '' } = object.metadata;
    const before = this.#nodes.get(uid);
    if (before) this.#unlink(before.object);
    this.#nodes.set(uid, { kind, object });
    for (const owner of ownersOf(object)) {
      const known = this.#dependents.get(owner.uid);
      if (known) known.add(uid);
      else this.#dependents.set(owner.uid, new Set([uid]));
    }
  }

  drop({ metadata: { uid = '' } }: KubeObject): void {
    const node = this.#nodes.get(uid);
    if (node) this.#unlink(node.object);
    this.#nodes.delete(uid);
  }

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  *dependents(uid: string): Generator<GraphNode> {
    for (const dependent of this.#dependents.get(uid) ?? []) {
      const node = this.#nodes.get(dependent);
      if (node) yield node;
    }
  }

  /** Dependents that say that this owner must wait for them. */
  *blocking(uid: string): Generator<GraphNode> {
    for (const node of this.dependents(uid)) {
      const blocks = ownersOf(node.object).some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true);
      if (blocks) yield node;
    }
  }

  /** It waits for one that waits for one … that waits for it. */
  isInCircle(uid: string): boolean {
    const seen = new Set<string>();
    const toVisit = [uid];
    for (let next = toVisit.pop(); next !== undefined; next = toVisit.pop()) {
      for (const { object } of this.blocking(next)) {
        const { uid: dependent = '' } = object.metadata;
        if (dependent === uid) return true;
        if (seen.has(dependent) || !waitsForDependents(object)) continue;
        seen.add(dependent);
        toVisit.push(dependent);
      }
    }
    return false;
  }

  #unlink(object: KubeObject): void {
    for (const owner of ownersOf(object)) {
      const known = this.#dependents.get(owner.uid);
      known?.delete(object.metadata.uid ?? '');
      if (known?.size === 0) this.#dependents.delete(owner.uid);
    }
  }
}
