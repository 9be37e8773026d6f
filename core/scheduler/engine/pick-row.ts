/** The best total over groups, and which of equals by the tie rule: the same row that select-node.ts finds over nodes. */
import type { Cluster } from '../../cluster/cluster.ts';
import { hashAgain } from '../../random.ts';
import type { Tie } from '../framework.ts';
import { precedes, type RowOrder } from '../scan/ranks.ts';
import { isLeftOf } from '../select-node.ts';
import { MAX_SCORE } from './best-rows.ts';
import { NOWHERE } from './bucket-queue.ts';
import type { Group } from './groups.ts';
import type { PodClass } from './pod-class.ts';

/** Some group passes. */
export function pickRow(found: PodClass, cluster: Cluster, order: RowOrder, tie: Tie): number {
  if (tie.rule === 'first') return firstInPreOrder(found, cluster, tie.start);
  const groups = found.groups.list;
  if (tie.rule === 'random') return lowestHash(groups, order, tie.decision);
  let best = -1;
  let bestTotal = -1;
  for (let i = 0; i < groups.length; i++) {
    const { passes, shared, queue } = groups[i];
    if (!passes) continue;
    const total = shared + queue.topScore();
    if (total < bestTotal) continue;
    const row = queue.topRow();
    if (total === bestTotal && !precedes(row, best, order)) continue;
    best = row;
    bestTotal = total;
  }
  return best;
}

/** A fresh order of all names for every decision: each row that ties is looked at. */
function lowestHash(groups: readonly Group[], order: RowOrder, decision: number): number {
  const { ranks } = order;
  let best = -1;
  let bestTotal = -1;
  let lowest = 0;
  for (let i = 0; i < groups.length; i++) {
    const { passes, shared, queue } = groups[i];
    if (!passes) continue;
    const total = shared + queue.topScore();
    if (total < bestTotal) continue;
    if (total > bestTotal) best = -1;
    bestTotal = total;
    queue.eachTop((row) => {
      const hash = hashAgain(ranks[row], decision);
      if (best >= 0 && (hash > lowest || (hash === lowest && order.name(row) >= order.name(best)))) return;
      best = row;
      lowest = hash;
    });
  }
  return best;
}

/** kube-scheduler's rule needs each node's place among the feasible ones, so it walks them all. */
function firstInPreOrder({ groups }: PodClass, cluster: Cluster, start: number): number {
  const order = cluster.order();
  const { cells, list } = groups;
  const only = list.length === 1 ? list[0] : undefined;
  let best = -1;
  let bestTotal = -1;
  let bestPlace = 0;
  let place = 0;
  let at = start % order.length;
  for (let i = 0; i < order.length; i++) {
    const row = order[at];
    if (++at === order.length) at = 0;
    const group = only && cells[row] !== NOWHERE ? only : groups.of(row);
    if (!group?.passes) continue;
    const total = group.shared + (cells[row] & MAX_SCORE);
    if (total > bestTotal || (total === bestTotal && isLeftOf(place, bestPlace))) {
      best = row;
      bestTotal = total;
      bestPlace = place;
    }
    place++;
  }
  return best;
}
