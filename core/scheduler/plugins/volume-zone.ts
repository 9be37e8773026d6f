/**
 * VolumeZone. Filter: the node lies in the zones and regions that the pod's bound volumes are labelled with.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/volumezone.
 */
import { type PackedPlugin, SKIP } from '../framework.ts';
import { nodeReachesVolumes, type VolumeTopology, volumeTopologies } from '../volumes/zone-labels.ts';

export function volumeZone(): PackedPlugin<VolumeTopology[]> {
  return {
    name: 'VolumeZone',
    scope: 'local',
    heedsPods: false,

    preFilter({ pod, hasVolumes }, { listers }) {
      if (!hasVolumes) return SKIP;
      const topologies = volumeTopologies(pod, listers);
      if ('unresolvable' in topologies) {
        return { rejected: { code: 'UnschedulableAndUnresolvable', reasons: [topologies.unresolvable] } };
      }
      return topologies.length === 0 ? SKIP : topologies;
    },

    filter(topologies, _pod, { cluster }, from, to, rejectedBy, self) {
      for (let n = from; n < to; n++) {
        if (!nodeReachesVolumes(topologies, cluster.nodeAt(n)?.metadata.labels)) rejectedBy[n] ||= self;
      }
    },

    reasonKey: () => 0,
    explain: () => ({
      code: 'UnschedulableAndUnresolvable',
      reasons: ['node(s) had no available volume zone'],
    }),
  };
}
