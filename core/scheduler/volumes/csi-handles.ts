/**
 * Which CSI volumes a pod attaches to a node, and how many the node may hold.
 * Source: Kubernetes v1.36, plugins/nodevolumelimits/{csi,utils}.go.
 */
import type { Listers } from '../../cluster/listers.ts';
import { type CSINode, namespaceOf, type PersistentVolumeClaim, type Pod } from '../../objects/types.ts';
import { claimNameOf, claimNotFound, claimOf, ownershipProblem, storageClassOf } from './claims.ts';
import { type CsiVolume, migratedDriver, migratedInlineVolume, migratedVolume } from './csi-migration.ts';

/** 'driver/handle' → driver. */
export type AttachedVolumes = Map<string, string>;

/** No claim, ephemeral volume or migrated disk: the plugin is skipped. */
export function mayAttachVolumes(pod: Pod): boolean {
  return (pod.spec.volumes ?? []).some(
    (volume) => volume.persistentVolumeClaim || volume.ephemeral || migratedInlineVolume(volume),
  );
}

/** Why the incoming pod cannot be scheduled: a claim is missing or is not its own. */
export function attachProblem(pod: Pod, listers: Listers): string | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const named = claimNameOf(pod, volume);
    if (!named) continue;
    const claim = claimOf(pod, named.name, listers);
    if (!claim) return `looking up PVC ${namespaceOf(pod)}/${named.name}: ${claimNotFound(named.name)}`;
    const problem = named.ephemeral ? ownershipProblem(pod, claim) : undefined;
    if (problem) return problem;
  }
  return undefined;
}

/**
 * Adds the pod's volumes, each once. Claims that are missing count nothing, nor do (where kube-scheduler fails the cycle)
 * ephemeral ones that belong to another pod.
 */
export function addAttachedVolumes(
  into: AttachedVolumes,
  pod: Pod,
  csiNode: CSINode | undefined,
  listers: Listers,
): void {
  for (const volume of pod.spec.volumes ?? []) {
    const named = claimNameOf(pod, volume);
    const claim = named && claimOf(pod, named.name, listers);
    let found: CsiVolume | undefined;
    if (!named) found = csiNode && migratedInlineVolume(volume);
    else if (claim && !(named.ephemeral && ownershipProblem(pod, claim))) found = csiVolumeOf(claim, csiNode, listers);
    if (found?.handle) into.set(`${found.driver}/${found.handle}`, found.driver);
  }
}

/** A claim without its volume counts under a handle of its own, as a volume of its class's driver. */
function csiVolumeOf(
  claim: PersistentVolumeClaim,
  csiNode: CSINode | undefined,
  listers: Listers,
): CsiVolume | undefined {
  const volume = claim.spec.volumeName ? listers.get('PersistentVolume', claim.spec.volumeName) : undefined;
  if (volume) {
    const { csi } = volume.spec;
    if (csi) return { driver: csi.driver, handle: csi.volumeHandle };
    return csiNode && migratedVolume(volume); // Nodes without a CSINode have nothing migrated.
  }
  const storageClass = listers.get('StorageClass', storageClassOf(claim));
  if (!storageClass) return undefined;
  const migrated = migratedDriver(storageClass.provisioner);
  if (migrated && !csiNode) return undefined;
  // No driver gives out a handle like this one.
  const handle = `unbound claim ${namespaceOf(claim)}/${claim.metadata.name}`;
  return { driver: migrated ?? storageClass.provisioner, handle };
}

/** Volumes that VolumeAttachments put on the node. */
export function volumeAttachmentsOn(nodeName: string, listers: Listers): AttachedVolumes {
  const attached: AttachedVolumes = new Map();
  for (const { spec } of listers.all('VolumeAttachment')) {
    if (spec.nodeName !== nodeName || !spec.attacher || spec.source.persistentVolumeName === undefined) continue;
    const csi = listers.get('PersistentVolume', spec.source.persistentVolumeName)?.spec.csi;
    if (csi) attached.set(`${spec.attacher}/${csi.volumeHandle}`, spec.attacher);
  }
  return attached;
}

/** driver → volumes the node may hold; drivers without a limit are absent. */
export function volumeLimits(csiNode: CSINode | undefined): Map<string, number> {
  const limits = new Map<string, number>();
  for (const { name, allocatable } of csiNode?.spec.drivers ?? []) {
    if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
  }
  return limits;
}

/** `fresh` are the incoming pod's volumes, `attached` those of the pods on the node, `attachments` the node's own. */
export function exceedsVolumeLimits(
  fresh: AttachedVolumes,
  attached: AttachedVolumes,
  attachments: AttachedVolumes,
  limits: ReadonlyMap<string, number>,
): boolean {
  const count = new Map<string, number>();
  const add = (driver: string): void => void count.set(driver, (count.get(driver) ?? 0) + 1);
  for (const driver of attached.values()) add(driver);
  for (const [volume, driver] of attachments) if (!attached.has(volume)) add(driver);
  const growing = new Set<string>();
  for (const [volume, driver] of fresh) {
    if (attached.has(volume)) continue;
    add(driver);
    growing.add(driver);
  }
  return [...growing].some((driver) => (count.get(driver) ?? 0) > (limits.get(driver) ?? Infinity));
}
