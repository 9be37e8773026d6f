/**
 * NodePorts. Filter: no host port of the pod is taken on the node. Ports are bits; a conflict is an overlap of masks.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/nodeports.
 */
import { type PackedPlugin, SKIP } from '../framework.ts';

export function nodePorts(): PackedPlugin<undefined> {
  return {
    name: 'NodePorts',
    scope: 'local',
    podsOnlyTighten: true,

    preFilter: ({ hostPorts }) => (hostPorts.length === 0 ? SKIP : undefined),

    // Conflicts are looked up anew each time: what-ifs bring ports that nobody held before.
    filter(_facts, { hostPorts }, { cluster }, from, to, rejectedBy, self) {
      const { usedPorts } = cluster.columns;
      for (const [word, mask] of masks(cluster.ports.conflicting(hostPorts))) {
        const used = usedPorts[word];
        for (let n = from; n < to; n++) if ((used[n] & mask) !== 0) rejectedBy[n] ||= self;
      }
    },

    reasonKey: () => 0,
    explain: () => ({
      code: 'Unschedulable',
      reasons: ["node(s) didn't have free ports for the requested pod ports"],
    }),
  };
}

/** Bit ids as one mask for each word of 32. */
function masks(ids: readonly number[]): Map<number, number> {
  const words = new Map<number, number>();
  for (const id of ids) words.set(id >> 5, (words.get(id >> 5) ?? 0) | (1 << (id & 31)));
  return words;
}
