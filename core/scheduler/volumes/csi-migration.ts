/**
 * In-tree disks as the CSI volumes they have become: driver and handle of EBS, GCE PD and Azure disks.
 * Source: Kubernetes v1.36, csi-translation-lib/plugins/{aws_ebs,gce_pd,azure_disk}.go. Cinder, vSphere, Portworx and
 * Azure file are not translated: their inline volumes and volumes count towards no limit here.
 */
import type { PersistentVolume, Volume } from '../../objects/types.ts';

export interface CsiVolume {
  driver: string;
  handle: string;
}

const DRIVERS: Record<string, string> = {
  'kubernetes.io/aws-ebs': 'ebs.csi.aws.com',
  'kubernetes.io/gce-pd': 'pd.csi.storage.gke.io',
  'kubernetes.io/azure-disk': 'disk.csi.azure.com',
};

/** The CSI driver that took over an in-tree provisioner. */
export function migratedDriver(provisioner: string): string | undefined {
  return Object.hasOwn(DRIVERS, provisioner) ? DRIVERS[provisioner] : undefined;
}

export function migratedInlineVolume(volume: Volume): CsiVolume | undefined {
  return translate(volume, 'projects/UNSPECIFIED/zones/UNSPECIFIED');
}

/** A GCE disk's handle names the zone the volume's labels give: several zones, joined by '__', make it regional. */
export function migratedVolume({ spec, metadata }: PersistentVolume): CsiVolume | undefined {
  const zone =
    metadata.labels?.['topology.kubernetes.io/zone'] ?? metadata.labels?.['failure-domain.beta.kubernetes.io/zone'];
  const zones = zone === undefined ? [] : zone.split('__');
  const region = zones[0]?.split('-').slice(0, 2).join('-');
  const place =
    zones.length > 1 ? `projects/UNSPECIFIED/regions/${region}` : `projects/UNSPECIFIED/zones/${zone ?? 'UNSPECIFIED'}`;
  return translate(spec, place);
}

interface Disks {
  awsElasticBlockStore?: { volumeID: string };
  gcePersistentDisk?: { pdName: string };
  azureDisk?: { diskURI?: string };
}

function translate(source: Disks, gcePlace: string): CsiVolume | undefined {
  const { awsElasticBlockStore, gcePersistentDisk, azureDisk } = source;
  if (awsElasticBlockStore) {
    const { volumeID } = awsElasticBlockStore;
    // 'aws://zone/vol-1' and 'vol-1' are the same disk.
    return { driver: DRIVERS['kubernetes.io/aws-ebs'], handle: volumeID.slice(volumeID.lastIndexOf('/') + 1) };
  }
  if (gcePersistentDisk) {
    return { driver: DRIVERS['kubernetes.io/gce-pd'], handle: `${gcePlace}/disks/${gcePersistentDisk.pdName}` };
  }
  if (azureDisk) return { driver: DRIVERS['kubernetes.io/azure-disk'], handle: azureDisk.diskURI ?? '' };
  return undefined;
}
