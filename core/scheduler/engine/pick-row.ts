/** The best total over groups, and which of equals by the tie rule: the same row that select-node.ts finds over nodes. */
import type { Cluster } from '../../cluster/cluster.ts';
import { hashAgain } from '../../random.ts';
import type { Tie } from '../framework.ts';
import { HostSelector } from '../select-node.ts';
import type { RowOrder } from './bucket-queue.ts';
import type { Group } from './groups.ts';
import type { PodClass } from './pod-class.ts';

/** Some group passes. */
export function pickRow(
  groups: readonly Group[],
  found: PodClass,
  cluster: Cluster,
  order: RowOrder,
  tie: Tie,
): number {
  if (tie.rule === 'first') return firstInPreOrder(found, cluster, tie.start);
  let best = -1;
  let bestTotal = -1;
  let bestKey = 0;
  for (const group of groups) {
    if (!group.passes) continue;
    const total = group.shared + group.queue.topScore();
    if (total < bestTotal) continue;
    const rows = tie.rule === 'order' ? [group.queue.topRow()] : group.queue.topRows();
    for (const row of rows) {
      const key = tie.rule === 'order' ? order.rank(row) : hashAgain(order.rank(row), tie.decision);
      const wins = total > bestTotal || key < bestKey || (key === bestKey && order.name(row) < order.name(best));
      if (!wins) continue;
      best = row;
      bestTotal = total;
      bestKey = key;
    }
  }
  return best;
}

/** kube-scheduler's rule needs each node's place among the feasible ones, so it walks them all. */
function firstInPreOrder({ groups }: PodClass, cluster: Cluster, start: number): number {
  const feasible: number[] = [];
  const totals: number[] = [];
  const order = cluster.order();
  for (let i = 0; i < order.length; i++) {
    const row = order[(start + i) % order.length];
    const group = groups.of(row);
    if (!group?.passes) continue;
    feasible.push(row);
    totals.push(group.shared + groups.localOf[row]);
  }
  const selector = new HostSelector('first', 0);
  return feasible[selector.select({ nodeName: String }, feasible, totals, 0)];
}
