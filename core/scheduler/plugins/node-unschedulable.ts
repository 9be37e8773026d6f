/**
 * NodeUnschedulable. Filter: a cordoned node takes only pods that tolerate being there.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/nodeunschedulable.
 */
import { toleratedByAny } from '../../objects/tolerations.ts';
import { type PackedPlugin, posted } from '../framework.ts';

const CORDON = { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' };

/** Whether the pod tolerates being on a cordoned node. */
type Tolerates = boolean;

export function nodeUnschedulable(): PackedPlugin<Tolerates> {
  return {
    name: 'NodeUnschedulable',
    scope: 'local',
    onWorkers: { filter: posted },
    heedsPods: false,

    preFilter: ({ pod }) => toleratedByAny(pod.spec.tolerations, CORDON),

    filter(tolerates, _pod, { cluster }, from, to, rejectedBy, self) {
      if (tolerates) return;
      const { unschedulable } = cluster.columns;
      for (let n = from; n < to; n++) if (unschedulable[n] !== 0) rejectedBy[n] ||= self;
    },

    refusesNobody: (tolerates, _pod, { cluster }) => tolerates || cluster.cordonedCount === 0,

    reasonKey: () => 0,
    explain: () => ({ code: 'UnschedulableAndUnresolvable', reasons: ['node(s) were unschedulable'] }),
  };
}
