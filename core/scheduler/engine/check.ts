/**
 * Rebuilds a class from nothing and compares it with what replay made of it: groups, scores and what the groups are judged
 * to be. On in tests, off in production.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { PodClass } from './pod-class.ts';

/** Every disagreement in words. Both classes are of the same pods, and have caught up. */
export function compareClasses(replayed: PodClass, rebuilt: PodClass, cluster: Cluster): string[] {
  const problems: string[] = [];
  const a = judgedRows(replayed, cluster);
  const b = judgedRows(rebuilt, cluster);
  for (const [row, node] of cluster.nodes()) {
    if (a.get(row) !== b.get(row)) problems.push(`${node.metadata.name}: ${a.get(row)}, not ${b.get(row)}`);
  }
  for (const { path, queue } of replayed.groups.list) {
    const rows = [...cluster.nodes()].filter(([row]) => replayed.groups.of(row)?.queue === queue).length;
    if (rows !== queue.size) problems.push(`group ${path.join()} counts ${queue.size} rows, not ${rows}`);
  }
  return problems;
}

/** Row → its total, less the best one; 'refused' by a local and 'filtered' by a cross-node filter. */
function judgedRows(judged: PodClass, cluster: Cluster): Map<number, number | string> {
  judged.judge();
  const { groups } = judged;
  const rows = new Map<number, number | string>();
  let best = -Infinity;
  for (const [row] of cluster.nodes()) {
    const group = groups.of(row);
    const total = group?.passes ? group.shared + groups.localOf[row] : undefined;
    rows.set(row, total ?? (group ? 'filtered' : 'refused'));
    if (total !== undefined && total > best) best = total;
  }
  for (const [row, total] of rows) if (typeof total === 'number') rows.set(row, total - best);
  return rows;
}
