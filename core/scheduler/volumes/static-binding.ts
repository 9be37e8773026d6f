/**
 * Which existing volume a claim takes on a node: the smallest that satisfies it, or the one bound to it beforehand.
 * Source: Kubernetes v1.36, component-helpers/storage/volume/pv_helpers.go.
 */
import { nanoOf } from '../../objects/quantity.ts';
import { compileLabelSelector, selectorMatches } from '../../objects/selectors.ts';
import { type Labels, namespaceOf, type PersistentVolume, type PersistentVolumeClaim } from '../../objects/types.ts';
import { nodeSelectorMatches } from '../terms/node-affinity.ts';
import { storageClassOf } from './claims.ts';

/** Exact nano-units; 0 when nothing is asked. */
export function requestedStorage(claim: PersistentVolumeClaim): bigint {
  return nanoOf(claim.spec.resources?.requests?.storage);
}

/**
 * @param volumes those of the claim's class, in order; the first of equally small ones wins
 * @param taken names already chosen for another claim of the same pod
 */
export function findMatchingVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  labels: Labels | undefined,
  taken: ReadonlySet<string>,
): PersistentVolume | undefined {
  const requested = requestedStorage(claim);
  let smallest: PersistentVolume | undefined;
  let smallestCapacity = 0n;
  for (const volume of volumes) {
    if (taken.has(volume.metadata.name)) continue;
    const own = isBoundTo(volume, claim);
    if (volume.spec.claimRef && !own) continue;
    const capacity = nanoOf(volume.spec.capacity?.storage);
    if (capacity < requested || !sameKind(volume, claim) || volume.metadata.deletionTimestamp) continue;
    const reachable = volumeFitsNode(volume, labels);
    if (own) return reachable ? volume : undefined;
    if (!reachable || !isFree(volume, claim)) continue;
    if (!smallest || capacity < smallestCapacity) {
      smallest = volume;
      smallestCapacity = capacity;
    }
  }
  return smallest;
}

/** Bound, now or beforehand, to this very claim. A claimRef without a uid takes any claim of that name. */
export function isBoundTo(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const ref = volume.spec.claimRef;
  if (!ref || ref.name !== claim.metadata.name || (ref.namespace ?? '') !== namespaceOf(claim)) return false;
  return !ref.uid || ref.uid === claim.metadata.uid;
}

/** The volume's node affinity, on labels alone: a volume has no say about node names. */
export function volumeFitsNode(volume: PersistentVolume, labels: Labels | undefined): boolean {
  const required = volume.spec.nodeAffinity?.required;
  return !required || nodeSelectorMatches(required, labels, '');
}

function sameKind(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const mode = (of: { volumeMode?: string }): string => of.volumeMode ?? 'Filesystem';
  const attributes = (of: { volumeAttributesClassName?: string }): string => of.volumeAttributesClassName ?? '';
  return mode(volume.spec) === mode(claim.spec) && attributes(volume.spec) === attributes(claim.spec);
}

function isFree(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.status?.phase !== 'Available' || storageClassOf(volume) !== storageClassOf(claim)) return false;
  if (claim.spec.selector) {
    const selector = compileLabelSelector(claim.spec.selector);
    if (!selector || !selectorMatches(selector, volume.metadata.labels)) return false;
  }
  return (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode));
}
