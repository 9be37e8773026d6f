/**
 * NodeVolumeLimits. Filter: the node's CSI drivers can attach the pod's volumes besides those attached already.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/nodevolumelimits/csi.go.
 */
import type { PodRequest } from '../../cluster/pod-request.ts';
import { type PackedPlugin, SKIP, type View } from '../framework.ts';
import {
  type AttachedVolumes,
  addAttachedVolumes,
  attachProblem,
  exceedsVolumeLimits,
  mayAttachVolumes,
  volumeAttachmentsOn,
  volumeLimits,
} from '../volumes/csi-handles.ts';

/** Why the pod cannot be scheduled anywhere, if so. */
type Problem = string | undefined;

export function nodeVolumeLimits(): PackedPlugin<{ problem: Problem }> {
  return {
    name: 'NodeVolumeLimits',
    scope: 'local',

    preFilter({ pod, hasVolumes }, { listers }) {
      if (!hasVolumes || !mayAttachVolumes(pod)) return SKIP;
      return { problem: attachProblem(pod, listers) };
    },

    filter({ problem }, pod, view, from, to, rejectedBy, self) {
      for (let n = from; n < to; n++) if (problem || exceedsLimits(pod, view, n)) rejectedBy[n] ||= self;
    },

    explain: ({ problem }) =>
      problem
        ? { code: 'UnschedulableAndUnresolvable', reasons: [problem] }
        : { code: 'Unschedulable', reasons: ['node(s) exceed max volume count'] },
  };
}

function exceedsLimits(pod: PodRequest, { cluster, listers }: View, n: number): boolean {
  const node = cluster.nodeAt(n);
  if (!node) return false;
  const { name } = node.metadata;
  const csiNode = listers.get('CSINode', name);
  const limits = volumeLimits(csiNode);
  if (limits.size === 0) return false;
  const fresh: AttachedVolumes = new Map();
  addAttachedVolumes(fresh, pod.pod, csiNode, listers);
  if (fresh.size === 0) return false;
  const attached: AttachedVolumes = new Map();
  for (const { request } of cluster.podsOn(n)) {
    if (request.hasVolumes) addAttachedVolumes(attached, request.pod, csiNode, listers);
  }
  return exceedsVolumeLimits(fresh, attached, volumeAttachmentsOn(name, listers), limits);
}
