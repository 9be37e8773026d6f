/** The best total, and which of equals by the tie rule: the same row that select-node.ts finds over nodes. */
import { hashAgain } from '../../random.ts';
import type { Tie } from '../framework.ts';
import { HostSelector } from '../select-node.ts';
import type { Ranks } from './ranks.ts';
import type { RoomVerdict } from './room/room.ts';

/** Tie rule `order`: the row with the highest key. */
export function pickByKey({ keys, best, from, to }: Omit<RoomVerdict, 'found'>, ranks: Ranks): number {
  const part = keys.subarray(from, to);
  let row = from + part.indexOf(best);
  for (let i = part.indexOf(best, row - from + 1); i >= 0; i = part.indexOf(best, i + 1)) {
    const n = from + i;
    const before = ranks.rank(n) - ranks.rank(row);
    if (before < 0 || (before === 0 && ranks.name(n) < ranks.name(row))) row = n;
  }
  return row;
}

/** Any tie rule. @param feasible rows in walking order. @param totals [k] for row feasible[k]; at least one. */
export function pickAmong(feasible: Int32Array, totals: Float64Array, ranks: Ranks, tie: Tie): number {
  if (tie.rule === 'first') return feasible[new HostSelector('first', 0).select(NAMELESS, feasible, totals, 0)];
  const rankOf = ranks.all();
  let row = -1;
  let best = -1;
  let lowest = Infinity;
  for (let k = 0; k < totals.length; k++) {
    if (totals[k] < best) continue;
    const n = feasible[k];
    const key = tie.rule === 'random' ? hashAgain(rankOf[n], tie.decision) : rankOf[n];
    if (totals[k] === best && (key > lowest || (key === lowest && ranks.name(n) > ranks.name(row)))) continue;
    row = n;
    best = totals[k];
    lowest = key;
  }
  return row;
}

/** `first` goes by places. */
const NAMELESS = { nodeName: String };
