/**
 * From a pod's volumes to its claims: which claim a volume means, whether it is bound, and what may not be scheduled.
 * Source: Kubernetes v1.36, plugins/volumebinding/{volume_binding,binder}.go, component-helpers/storage.
 */
import type { Listers } from '../../cluster/listers.ts';
import {
  namespaceOf,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type Volume,
} from '../../objects/types.ts';

const BETA_STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class';
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';

/** The claim a volume is backed by; an ephemeral volume's is named after pod and volume. */
export function claimNameOf(pod: Pod, volume: Volume): { name: string; ephemeral: boolean } | undefined {
  if (volume.persistentVolumeClaim) return { name: volume.persistentVolumeClaim.claimName, ephemeral: false };
  if (volume.ephemeral) return { name: `${pod.metadata.name}-${volume.name}`, ephemeral: true };
  return undefined;
}

export function claimOf(pod: Pod, name: string, listers: Listers): PersistentVolumeClaim | undefined {
  return listers.get('PersistentVolumeClaim', `${namespaceOf(pod)}/${name}`);
}

/** '' when it has none; the beta annotation wins. */
export function storageClassOf(object: PersistentVolume | PersistentVolumeClaim): string {
  return object.metadata.annotations?.[BETA_STORAGE_CLASS] ?? object.spec.storageClassName ?? '';
}

export function isFullyBound(claim: PersistentVolumeClaim): boolean {
  return Boolean(claim.spec.volumeName) && claim.metadata.annotations?.[BIND_COMPLETED] !== undefined;
}

/** Why the claim of an ephemeral volume is not this pod's own. */
export function ownershipProblem(pod: Pod, claim: PersistentVolumeClaim): string | undefined {
  const owner = claim.metadata.ownerReferences?.find(({ controller }) => controller);
  if (owner && owner.uid === (pod.metadata.uid ?? '')) return undefined;
  const names = `${namespaceOf(claim)}/${claim.metadata.name} was not created for pod ${namespaceOf(pod)}`;
  return `PVC ${names}/${pod.metadata.name} (pod is not owner)`;
}

/** The pod's claims, sorted by what is left to do; or why it cannot run at all; or why nobody can tell. */
export type PodClaims =
  | { unresolvable: string }
  | { error: string }
  | {
      any: boolean;
      bound: readonly PersistentVolumeClaim[];
      /** Not bound; their class waits for the first consumer. */
      waiting: readonly PersistentVolumeClaim[];
    };

export function resolveClaims(pod: Pod, listers: Listers): PodClaims {
  const claims: PersistentVolumeClaim[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const named = claimNameOf(pod, volume);
    if (!named) continue;
    const claim = claimOf(pod, named.name, listers);
    const problem = claim ? claimProblem(pod, claim, named.ephemeral) : missingClaim(named.name, named.ephemeral);
    if (problem) return { unresolvable: problem };
    if (claim) claims.push(claim);
  }
  const bound: PersistentVolumeClaim[] = [];
  const waiting: PersistentVolumeClaim[] = [];
  let immediate = false;
  for (const claim of claims) {
    if (isFullyBound(claim)) {
      bound.push(claim);
      continue;
    }
    const mode = bindingMode(claim, listers);
    if (mode === undefined) return { error: bindingModeMissing(storageClassOf(claim)) };
    if (mode === 'WaitForFirstConsumer' && !claim.spec.volumeName) waiting.push(claim);
    else immediate = true;
  }
  if (immediate) return { unresolvable: 'pod has unbound immediate PersistentVolumeClaims' };
  return { any: claims.length > 0, bound, waiting };
}

export function claimNotFound(name: string): string {
  return `persistentvolumeclaim "${name}" not found`;
}

export function bindingModeMissing(className: string): string {
  return `VolumeBindingMode not set for StorageClass "${className}"`;
}

function missingClaim(name: string, ephemeral: boolean): string {
  if (!ephemeral) return claimNotFound(name);
  return `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`;
}

function claimProblem(pod: Pod, claim: PersistentVolumeClaim, ephemeral: boolean): string | undefined {
  const { name } = claim.metadata;
  if (claim.status?.phase === 'Lost') {
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`;
  }
  if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
  return ephemeral ? ownershipProblem(pod, claim) : undefined;
}

/** A claim without a class, or with an unknown one, is bound at once; undefined when the class does not say. */
function bindingMode(claim: PersistentVolumeClaim, listers: Listers): string | undefined {
  const storageClass = listers.get('StorageClass', storageClassOf(claim));
  return storageClass ? storageClass.volumeBindingMode : 'Immediate';
}
