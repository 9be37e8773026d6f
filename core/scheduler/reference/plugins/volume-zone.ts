/** VolumeZone: the node is in the zones and regions that the labels of the pod's volumes name. Source: Kubernetes v1.36, plugins/volumezone. */
import { nodeReachesVolumes, type VolumeTopology, volumeTopologies } from '../../volumes/zone-labels.ts';
import { type ReferencePlugin, SKIP, unresolvable } from '../plugin.ts';

export const volumeZone: ReferencePlugin<VolumeTopology[]> = {
  name: 'VolumeZone',

  preFilter({ pod, listers }) {
    const topologies = volumeTopologies(pod, listers);
    if ('unresolvable' in topologies) return { refusal: unresolvable(topologies.unresolvable) };
    return topologies.length > 0 ? { state: topologies } : SKIP;
  },

  filter(topologies, { labels }) {
    return nodeReachesVolumes(topologies, labels) ? undefined : unresolvable('node(s) had no available volume zone');
  },
};
