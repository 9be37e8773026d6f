/** NodeVolumeLimits: no more CSI volumes of a driver than the node's CSINode allows. Source: Kubernetes v1.36, plugins/nodevolumelimits. */
import {
  type AttachedVolumes,
  addAttachedVolumes,
  attachProblem,
  exceedsVolumeLimits,
  mayAttachVolumes,
  volumeAttachmentsOn,
  volumeLimits,
} from '../../volumes/csi-handles.ts';
import { type ReferencePlugin, SKIP, unresolvable, unschedulable } from '../plugin.ts';

export const nodeVolumeLimits: ReferencePlugin = {
  name: 'NodeVolumeLimits',

  preFilter({ pod }) {
    return mayAttachVolumes(pod) ? { state: undefined } : SKIP;
  },

  filter(_state, node, { pod, listers }) {
    const problem = attachProblem(pod, listers);
    if (problem) return unresolvable(problem);
    const csiNode = listers.get('CSINode', node.name);
    const fresh: AttachedVolumes = new Map();
    addAttachedVolumes(fresh, pod, csiNode, listers);
    const limits = volumeLimits(csiNode);
    if (fresh.size === 0 || limits.size === 0) return undefined;
    const attached: AttachedVolumes = new Map();
    for (const other of node.pods) addAttachedVolumes(attached, other, csiNode, listers);
    if (!exceedsVolumeLimits(fresh, attached, volumeAttachmentsOn(node.name, listers), limits)) return undefined;
    return unschedulable('node(s) exceed max volume count');
  },
};
