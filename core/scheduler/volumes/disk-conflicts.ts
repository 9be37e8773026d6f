/**
 * Inline disks that two pods on one node cannot share, and claims that only one pod in the cluster may use.
 * Source: Kubernetes v1.36, plugins/volumerestrictions/volume_restrictions.go.
 */
import type { Listers } from '../../cluster/listers.ts';
import { namespaceOf, type Pod, type Volume } from '../../objects/types.ts';
import { claimNotFound, claimOf } from './claims.ts';

/** The volumes that may conflict with those of other pods. */
export function exclusiveDisks(pod: Pod): Volume[] {
  return (pod.spec.volumes ?? []).filter(
    (volume) => volume.gcePersistentDisk || volume.awsElasticBlockStore || volume.rbd || volume.iscsi,
  );
}

export function diskConflicts(disks: readonly Volume[], other: Pod): boolean {
  return disks.some((disk) => other.spec.volumes?.some((volume) => disksConflict(disk, volume)));
}

/** All but EBS may be shared when both mount read-only. */
function disksConflict(a: Volume, b: Volume): boolean {
  const writes = (x: { readOnly?: boolean }, y: { readOnly?: boolean }): boolean => !(x.readOnly && y.readOnly);
  const gce = a.gcePersistentDisk;
  const otherGce = b.gcePersistentDisk;
  if (gce && otherGce && gce.pdName === otherGce.pdName && writes(gce, otherGce)) return true;
  const ebs = a.awsElasticBlockStore;
  if (ebs && ebs.volumeID === b.awsElasticBlockStore?.volumeID) return true;
  const { iscsi, rbd } = a;
  if (iscsi && b.iscsi && iscsi.iqn === b.iscsi.iqn && writes(iscsi, b.iscsi)) return true;
  if (!rbd || !b.rbd || rbd.pool !== b.rbd.pool || rbd.image !== b.rbd.image || !writes(rbd, b.rbd)) return false;
  const monitors = new Set(b.rbd.monitors);
  return rbd.monitors.some((monitor) => monitors.has(monitor));
}

/** Names of the pod's claims with access mode ReadWriteOncePod; or which of its claims is missing. */
export function exclusiveClaims(pod: Pod, listers: Listers): Set<string> | { unresolvable: string } {
  const names = new Set<string>();
  for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
    if (!persistentVolumeClaim) continue;
    const claim = claimOf(pod, persistentVolumeClaim.claimName, listers);
    if (!claim) return { unresolvable: claimNotFound(persistentVolumeClaim.claimName) };
    if (claim.spec.accessModes?.includes('ReadWriteOncePod')) names.add(claim.metadata.name);
  }
  return names;
}

/** 'ns/claim' of every claim the pod mounts; those of ephemeral volumes do not count. */
export function claimKeysOf(pod: Pod): string[] {
  const keys: string[] = [];
  for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
    if (persistentVolumeClaim) keys.push(`${namespaceOf(pod)}/${persistentVolumeClaim.claimName}`);
  }
  return keys;
}

/** How often the pod mounts a claim of such a name. In a what-if kube-scheduler does not look at its namespace. */
export function countMounts(pod: Pod, claimNames: ReadonlySet<string>): number {
  let count = 0;
  for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
    if (persistentVolumeClaim && claimNames.has(persistentVolumeClaim.claimName)) count++;
  }
  return count;
}
