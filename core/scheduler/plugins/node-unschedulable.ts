/**
 * NodeUnschedulable. Filter: a cordoned node takes only pods that tolerate being there.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/nodeunschedulable.
 */
import { toleratedByAny } from '../../objects/tolerations.ts';
import type { PackedPlugin } from '../framework.ts';

const CORDON = { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' };

export function nodeUnschedulable(): PackedPlugin {
  return {
    name: 'NodeUnschedulable',
    scope: 'local',
    heedsPods: false,

    filter(_facts, { pod }, { cluster }, from, to, rejectedBy, self) {
      if (toleratedByAny(pod.spec.tolerations, CORDON)) return;
      const { unschedulable } = cluster.columns;
      for (let n = from; n < to; n++) if (unschedulable[n] !== 0) rejectedBy[n] ||= self;
    },

    reasonKey: () => 0,
    explain: () => ({ code: 'UnschedulableAndUnresolvable', reasons: ['node(s) were unschedulable'] }),
  };
}
