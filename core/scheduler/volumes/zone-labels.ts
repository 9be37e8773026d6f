/**
 * Zones and regions in which the pod's bound volumes can be reached, and whether a node is in them.
 * Source: Kubernetes v1.36, plugins/volumezone/volume_zone.go, cloud-provider/volume/helpers/zones.go.
 */
import type { Listers } from '../../cluster/listers.ts';
import type { Labels, PersistentVolume, Pod } from '../../objects/types.ts';
import { bindingModeMissing, claimNotFound, claimOf, storageClassOf } from './claims.ts';

/** Beta key → GA key; the GA keys stand for themselves. In the order kube-scheduler looks at them. */
const TOPOLOGY_KEYS: Record<string, string> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
};

export interface VolumeTopology {
  key: string;
  values: ReadonlySet<string>;
}

/** What the pod's volumes demand; or why the pod cannot be scheduled at all. */
export function volumeTopologies(pod: Pod, listers: Listers): VolumeTopology[] | { unresolvable: string } {
  const topologies: VolumeTopology[] = [];
  for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
    if (!persistentVolumeClaim) continue;
    const { claimName } = persistentVolumeClaim;
    if (!claimName) return { unresolvable: 'PersistentVolumeClaim had no name' };
    const claim = claimOf(pod, claimName, listers);
    if (!claim) return { unresolvable: claimNotFound(claimName) };
    const { volumeName } = claim.spec;
    if (!volumeName) {
      const problem = unboundProblem(storageClassOf(claim), listers);
      if (problem) return { unresolvable: problem };
      continue;
    }
    const volume = listers.get('PersistentVolume', volumeName);
    if (!volume) return { unresolvable: `persistentvolume "${volumeName}" not found` };
    topologies.push(...topologiesOf(volume));
  }
  return topologies;
}

/** Only a claim whose class waits for the first consumer may be unbound. */
function unboundProblem(className: string, listers: Listers): string | undefined {
  if (!className) return 'PersistentVolumeClaim had no pv name and storageClass name';
  const storageClass = listers.get('StorageClass', className);
  if (!storageClass) return `storageclass.storage.k8s.io "${className}" not found`;
  if (!storageClass.volumeBindingMode) return bindingModeMissing(className);
  return storageClass.volumeBindingMode === 'WaitForFirstConsumer' ? undefined : 'PersistentVolume had no name';
}

/** A label with an empty value among several is ignored. */
function topologiesOf({ metadata }: PersistentVolume): VolumeTopology[] {
  const topologies: VolumeTopology[] = [];
  for (const key in TOPOLOGY_KEYS) {
    const label = metadata.labels?.[key];
    if (label === undefined) continue;
    const values = new Set(label.split('__').map((value) => value.trim()));
    if (!values.has('')) topologies.push({ key, values });
  }
  return topologies;
}

/** A node without any zone or region label takes every volume. */
export function nodeReachesVolumes(topologies: readonly VolumeTopology[], labels: Labels | undefined): boolean {
  if (!Object.keys(TOPOLOGY_KEYS).some((key) => labels?.[key] !== undefined)) return true;
  return topologies.every(({ key, values }) => {
    const value = labels?.[key] ?? labels?.[TOPOLOGY_KEYS[key]];
    return value !== undefined && values.has(value);
  });
}
