/**
 * What placing a pod on a node means for its volumes: bound ones must reach it, the others find a volume or are made.
 * Source: Kubernetes v1.36, plugins/volumebinding/{volume_binding,binder}.go.
 */
import type { Listers } from '../../cluster/listers.ts';
import { type Node, namespaceOf, type PersistentVolume, type PersistentVolumeClaim } from '../../objects/types.ts';
import { putBack, type Undo } from '../reservations.ts';
import { storageClassOf } from './claims.ts';
import { checkProvisioning } from './provisioning.ts';
import { findMatchingVolume, isBoundTo, requestedStorage, volumeFitsNode } from './static-binding.ts';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';

export const VOLUME_NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity";
export const VOLUME_BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind";
export const NOT_ENOUGH_STORAGE = 'node(s) did not have enough free storage';
export const VOLUME_MISSING = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';

/** Decisions for one node, to be assumed when the pod is placed there. `reasons` is empty when it may be. */
export interface PodVolumes {
  reasons: readonly string[];
  bindings: readonly { claim: PersistentVolumeClaim; volume: PersistentVolume }[];
  provisions: readonly PersistentVolumeClaim[];
}

export function findPodVolumes(
  bound: readonly PersistentVolumeClaim[],
  waiting: readonly PersistentVolumeClaim[],
  node: Node,
  listers: Listers,
): PodVolumes {
  const reasons: string[] = [];
  const conflict = boundConflict(bound, node, listers);
  const unbound = waiting.length > 0 ? bindOrProvision(waiting, node, listers) : undefined;
  if (conflict === VOLUME_NODE_CONFLICT) reasons.push(conflict);
  if (unbound?.reason) reasons.push(unbound.reason);
  if (conflict === VOLUME_MISSING) reasons.push(conflict);
  return { reasons, bindings: unbound?.bindings ?? [], provisions: unbound?.provisions ?? [] };
}

/** The first bound claim that keeps the pod away, in words. */
function boundConflict(bound: readonly PersistentVolumeClaim[], node: Node, listers: Listers): string | undefined {
  for (const claim of bound) {
    const volume = listers.get('PersistentVolume', claim.spec.volumeName ?? '');
    if (!volume) return VOLUME_MISSING;
    if (!volumeFitsNode(volume, node.metadata.labels)) return VOLUME_NODE_CONFLICT;
  }
  return undefined;
}

interface Unbound {
  reason?: string;
  bindings: { claim: PersistentVolumeClaim; volume: PersistentVolume }[];
  provisions: PersistentVolumeClaim[];
}

function bindOrProvision(waiting: readonly PersistentVolumeClaim[], node: Node, listers: Listers): Unbound {
  const toProvision: PersistentVolumeClaim[] = [];
  const toMatch: PersistentVolumeClaim[] = [];
  for (const claim of waiting) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected === undefined) toMatch.push(claim);
    else if (selected === node.metadata.name) toProvision.push(claim);
    else return { reason: VOLUME_BIND_CONFLICT, bindings: [], provisions: [] };
  }
  const bindings: Unbound['bindings'] = [];
  const taken = new Set<string>();
  for (const claim of toMatch.sort(bySize)) {
    const volume = findMatchingVolume(
      claim,
      volumesOfClass(storageClassOf(claim), listers),
      node.metadata.labels,
      taken,
    );
    if (volume) {
      taken.add(volume.metadata.name);
      bindings.push({ claim, volume });
    } else toProvision.push(claim);
  }
  for (const claim of toProvision) {
    const verdict = checkProvisioning(claim, node.metadata.labels, listers);
    if (verdict === 'possible') continue;
    const reason = verdict === 'no space' ? NOT_ENOUGH_STORAGE : VOLUME_BIND_CONFLICT;
    return { reason, bindings, provisions: [] };
  }
  return { bindings, provisions: toProvision };
}

function bySize(a: PersistentVolumeClaim, b: PersistentVolumeClaim): number {
  const difference = requestedStorage(a) - requestedStorage(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function* volumesOfClass(name: string, listers: Listers): Generator<PersistentVolume> {
  for (const volume of listers.all('PersistentVolume')) if (storageClassOf(volume) === name) yield volume;
}

/** Writes the decisions into the listers, as if the volume controller had begun. Returns what takes them back. */
export function assumePodVolumes({ bindings, provisions }: PodVolumes, nodeName: string, listers: Listers): Undo {
  const before: (PersistentVolume | PersistentVolumeClaim)[] = [];
  for (const { claim, volume } of bindings) {
    before.push(volume);
    listers.set(boundVolume(volume, claim));
  }
  for (const claim of provisions) {
    before.push(claim);
    const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: nodeName };
    listers.set({ ...claim, metadata: { ...claim.metadata, annotations } } as PersistentVolumeClaim);
  }
  return putBack(before, listers);
}

function boundVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const annotations = isBoundTo(volume, claim)
    ? volume.metadata.annotations
    : { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
  const claimRef = {
    kind: 'PersistentVolumeClaim',
    namespace: namespaceOf(claim),
    name: claim.metadata.name,
    uid: claim.metadata.uid,
  };
  return { ...volume, metadata: { ...volume.metadata, annotations }, spec: { ...volume.spec, claimRef } };
}
