/**
 * TaintToleration. Filter: no NoSchedule or NoExecute taint that the pod does not tolerate. Score: fewest PreferNoSchedule
 * taints that it does not tolerate. Nodes with equal taints share one taint set, judged once.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/tainttoleration.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import { isHardTaint, toleratedByAny } from '../../objects/tolerations.ts';
import type { Taint } from '../../objects/types.ts';
import { defaultNormalize, type PackedPlugin, posted } from '../framework.ts';

/** [taint set]: what the pod does not tolerate in it. */
type Untolerated = Int32Array;

export function taintToleration(): PackedPlugin<Untolerated, Untolerated> {
  return {
    name: 'TaintToleration',
    scope: 'shared',
    onWorkers: { filter: posted, score: posted },
    heedsPods: false,

    preFilter: ({ pod }, { cluster }) => hardTaints(cluster, pod.spec.tolerations),

    filter(untolerated, _pod, { cluster }, from, to, rejectedBy, self) {
      const { taintSet } = cluster.columns;
      for (let n = from; n < to; n++) if (untolerated[taintSet[n]] > 0) rejectedBy[n] ||= self;
    },

    refusesNobody: (untolerated) => untolerated.every((taints) => taints === 0),

    reasonKey: () => 0,
    explain: () => ({ code: 'UnschedulableAndUnresolvable', reasons: ['node(s) had untolerated taint(s)'] }),

    preScore({ pod }, { cluster }) {
      const tolerations = pod.spec.tolerations?.filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
      return count(cluster, (taint) => taint.effect === 'PreferNoSchedule' && !toleratedByAny(tolerations, taint));
    },

    score(untolerated, _pod, { cluster }, feasible, scores) {
      const { taintSet } = cluster.columns;
      for (let k = 0; k < scores.length; k++) scores[k] = untolerated[taintSet[feasible[k]]];
    },

    scoresAlike: (untolerated) => untolerated.every((taints) => taints === untolerated[0]),

    normalize: (_facts, scores) => defaultNormalize(scores, true),
  };
}

/** [taint set]: number of NoSchedule and NoExecute taints that the tolerations leave. */
export function hardTaints(cluster: Cluster, tolerations: Parameters<typeof toleratedByAny>[0]): Int32Array {
  return count(cluster, (taint) => isHardTaint(taint) && !toleratedByAny(tolerations, taint));
}

function count(cluster: Cluster, counts: (taint: Taint) => boolean): Int32Array {
  const sums = new Int32Array(cluster.taintSetBound);
  for (let id = 0; id < sums.length; id++) {
    for (const taint of cluster.taintSet(id)) if (counts(taint)) sums[id]++;
  }
  return sums;
}
