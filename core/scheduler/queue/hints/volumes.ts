/**
 * Hints of VolumeRestrictions, NodeVolumeLimits, VolumeBinding and VolumeZone.
 * Source: Kubernetes v1.36, plugins/{volumerestrictions,nodevolumelimits,volumebinding,volumezone}.
 */
import { nanoOf } from '../../../objects/quantity.ts';
import {
  type CSIDriver,
  type CSINode,
  type CSIStorageCapacity,
  namespaceOf,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type StorageClass,
  type Volume,
} from '../../../objects/types.ts';
import { sameValue } from '../changes.ts';
import { Action } from '../events.ts';
import { type Hint, objectChange, podChange, type Registration } from './hint.ts';

const ADD_OR_UPDATE = Action.Add | Action.Update;

export const volumeRestrictionsEvents: readonly Registration[] = [
  { resource: 'Pod', actions: Action.Delete, hint: freedVolume },
  { resource: 'Node', actions: Action.Add },
  { resource: 'PersistentVolumeClaim', actions: Action.Add, hint: isOwnClaim },
];

export const nodeVolumeLimitsEvents: readonly Registration[] = [
  { resource: 'CSINode', actions: ADD_OR_UPDATE, hint: limitGrew },
  { resource: 'Pod', actions: Action.Delete, hint: detachedSomething },
  { resource: 'PersistentVolumeClaim', actions: Action.Add, hint: isOwnClaim },
  { resource: 'VolumeAttachment', actions: Action.Delete, hint: usesClaims },
];

export const volumeBindingEvents: readonly Registration[] = [
  { resource: 'StorageClass', actions: ADD_OR_UPDATE, hint: allowsOtherTopologies },
  { resource: 'PersistentVolumeClaim', actions: ADD_OR_UPDATE, hint: isOwnClaim },
  { resource: 'PersistentVolume', actions: ADD_OR_UPDATE },
  { resource: 'Node', actions: Action.Add | Action.UpdateNodeLabel },
  { resource: 'CSINode', actions: ADD_OR_UPDATE, hint: migratedOtherPlugins },
  { resource: 'CSIDriver', actions: Action.Update, hint: stoppedTrackingCapacity },
  { resource: 'CSIStorageCapacity', actions: ADD_OR_UPDATE, hint: capacityGrew },
];

export const volumeZoneEvents: readonly Registration[] = [
  { resource: 'StorageClass', actions: Action.Add, hint: waitsForFirstConsumer },
  { resource: 'Node', actions: Action.Add | Action.UpdateNodeLabel },
  { resource: 'PersistentVolumeClaim', actions: ADD_OR_UPDATE, hint: isOwnClaim },
  { resource: 'PersistentVolume', actions: ADD_OR_UPDATE, hint: zoneChanged },
];

// --- pods ----------------------------------------------------------------------------------------------------------

/**
 * As in kube-scheduler only pods of the same namespace count, although an inline disk may be shared across namespaces,
 * and the claim's access mode is not looked up.
 */
function freedVolume(...[pod, event]: Parameters<Hint>): boolean {
  const { old } = podChange(event);
  if (!old || namespaceOf(old) !== namespaceOf(pod)) return false;
  return volumesOf(pod).some((wanted) => volumesOf(old).some((held) => mayConflict(wanted, held)));
}

/** The same disk or claim; whether both are read-only is left to the filter. */
function mayConflict(a: Volume, b: Volume): boolean {
  const same = (left: unknown, right: unknown): boolean => left !== undefined && left === right;
  return (
    same(a.persistentVolumeClaim?.claimName, b.persistentVolumeClaim?.claimName) ||
    same(a.gcePersistentDisk?.pdName, b.gcePersistentDisk?.pdName) ||
    same(a.awsElasticBlockStore?.volumeID, b.awsElasticBlockStore?.volumeID) ||
    same(a.iscsi?.iqn, b.iscsi?.iqn) ||
    same(a.rbd?.image, b.rbd?.image)
  );
}

function detachedSomething(...[, event]: Parameters<Hint>): boolean {
  const { old } = podChange(event);
  return Boolean(old?.spec.nodeName) && volumesOf(old!).some(isAttachable);
}

function isAttachable(volume: Volume): boolean {
  const { persistentVolumeClaim, ephemeral, gcePersistentDisk, awsElasticBlockStore, azureDisk } = volume;
  return Boolean(persistentVolumeClaim || ephemeral || gcePersistentDisk || awsElasticBlockStore || azureDisk);
}

function volumesOf(pod: Pod): readonly Volume[] {
  return pod.spec.volumes ?? [];
}

// --- claims --------------------------------------------------------------------------------------------------------

function isOwnClaim(...[pod, event]: Parameters<Hint>): boolean {
  const { now } = objectChange<PersistentVolumeClaim>(event);
  return now !== undefined && namespaceOf(now) === namespaceOf(pod) && claimNamesOf(pod).includes(now.metadata.name);
}

function usesClaims(...[pod]: Parameters<Hint>): boolean {
  return claimNamesOf(pod).length > 0;
}

/** An ephemeral volume's claim is named after pod and volume. */
function claimNamesOf(pod: Pod): string[] {
  return volumesOf(pod).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName];
    return ephemeral ? [`${pod.metadata.name}-${name}`] : [];
  });
}

// --- storage objects -----------------------------------------------------------------------------------------------

function limitGrew(...[, event]: Parameters<Hint>): boolean {
  const { old, now } = objectChange<CSINode>(event);
  if (!old) return true;
  return (now?.spec.drivers ?? []).some(({ name, allocatable }) => {
    const before = old.spec.drivers.find((driver) => driver.name === name);
    const limit = before?.allocatable?.count;
    if (limit === undefined) return false;
    return allocatable?.count === undefined || allocatable.count > limit;
  });
}

function allowsOtherTopologies(...[, event]: Parameters<Hint>): boolean {
  const { old, now } = objectChange<StorageClass>(event);
  return !old || !sameValue(old.allowedTopologies, now?.allowedTopologies);
}

function waitsForFirstConsumer(...[, event]: Parameters<Hint>): boolean {
  return objectChange<StorageClass>(event).now?.volumeBindingMode === 'WaitForFirstConsumer';
}

const MIGRATED_PLUGINS = 'storage.alpha.kubernetes.io/migrated-plugins';

function migratedOtherPlugins(...[, event]: Parameters<Hint>): boolean {
  const { old, now } = objectChange<CSINode>(event);
  return !old || old.metadata.annotations?.[MIGRATED_PLUGINS] !== now?.metadata.annotations?.[MIGRATED_PLUGINS];
}

function stoppedTrackingCapacity(...[pod, event]: Parameters<Hint>): boolean {
  const { old, now } = objectChange<CSIDriver>(event);
  const isUsed = volumesOf(pod).some(({ csi }) => csi?.driver === now?.metadata.name);
  return isUsed && Boolean(old?.spec?.storageCapacity) && !now?.spec?.storageCapacity;
}

function capacityGrew(...[, event]: Parameters<Hint>): boolean {
  const { old, now } = objectChange<CSIStorageCapacity>(event);
  if (!old) return true;
  const before = old.maximumVolumeSize ?? old.capacity;
  const after = now?.maximumVolumeSize ?? now?.capacity;
  return after !== undefined && (before === undefined || nanoOf(after) > nanoOf(before));
}

const ZONE_LABELS = [
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
];

function zoneChanged(...[, event]: Parameters<Hint>): boolean {
  const { old, now } = objectChange<PersistentVolume>(event);
  return !old || ZONE_LABELS.some((label) => old.metadata.labels?.[label] !== now?.metadata.labels?.[label]);
}
