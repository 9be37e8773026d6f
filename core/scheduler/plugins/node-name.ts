/**
 * NodeName. Filter: a pod that names a node goes there or nowhere.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/nodename.
 */
import type { PackedPlugin } from '../framework.ts';

export function nodeName(): PackedPlugin {
  return {
    name: 'NodeName',
    scope: 'local',
    heedsPods: false,

    filter(_facts, { pod }, { cluster }, from, to, rejectedBy, self) {
      if (!pod.spec.nodeName) return;
      const named = cluster.rowOf(pod.spec.nodeName);
      for (let n = from; n < to; n++) if (n !== named) rejectedBy[n] ||= self;
    },

    reasonKey: () => 0,
    explain: () => ({
      code: 'UnschedulableAndUnresolvable',
      reasons: ["node(s) didn't match the requested node name"],
    }),
  };
}
