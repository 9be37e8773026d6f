/**
 * NodeName. Filter: a pod that names a node goes there or nowhere.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/nodename.
 */
import { type PackedPlugin, posted } from '../framework.ts';

/** The name, where the pod has one. */
type Named = string | undefined;

export function nodeName(): PackedPlugin<Named> {
  return {
    name: 'NodeName',
    scope: 'local',
    onWorkers: { filter: (named) => (named ? undefined : posted(named)) },
    heedsPods: false,

    preFilter: ({ pod }) => pod.spec.nodeName,

    filter(named, _pod, { cluster }, from, to, rejectedBy, self) {
      if (!named) return;
      const row = cluster.rowOf(named);
      for (let n = from; n < to; n++) if (n !== row) rejectedBy[n] ||= self;
    },

    refusesNobody: (named) => !named,

    reasonKey: () => 0,
    explain: () => ({
      code: 'UnschedulableAndUnresolvable',
      reasons: ["node(s) didn't match the requested node name"],
    }),
  };
}
