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
  const consider = (row: number, total: number, key: number): void => {
    if (total === bestTotal && (key > bestKey || (key === bestKey && order.name(row) >= order.name(best)))) return;
    best = row;
    bestTotal = total;
    bestKey = key;
  };
  for (const group of groups) {
    if (!group.passes) continue;
    const total = group.shared + group.queue.topScore();
    if (total < bestTotal) continue;
    if (tie.rule === 'order') {
      const row = group.queue.topRow();
      consider(row, total, order.rank(row));
      continue;
    }
    for (const row of group.queue.topRows()) consider(row, total, hashAgain(order.rank(row), tie.decision));
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
