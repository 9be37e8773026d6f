/**
 * The best total, and which of equals: the tie rules. They depend on node names, totals and seed alone, so every decider
 * gives the same answer.
 * Source of `first`: Kubernetes v1.36, pkg/scheduler/schedule_one.go (nodeScoreHeap). `order` and `random` are ours.
 */
import { hashAgain, hashText } from '../random.ts';
import type { TieRule } from './decision.ts';

/** What a tie rule may know of the nodes. */
export interface NodeNames {
  nodeName(n: number): string;
}

/** Ranks are below it. */
export const RANK_BOUND = 2 ** 53;

/** A node's place in the one order that the seed draws over all names; the lowest wins a tie. 53 bits. */
export function nodeRank(seed: number, name: string): number {
  return hashText(seed, name);
}

/** Chooses among feasible nodes by total, then by tie rule. */
export class HostSelector {
  readonly rule: TieRule;
  readonly seed: number;
  /** Ranks by node index, each with the name it was made from: an index may come to mean another node. */
  readonly #names: string[] = [];
  readonly #ranks: number[] = [];

  constructor(rule: TieRule, seed: number) {
    this.rule = rule;
    this.seed = seed;
  }

  /**
   * Position in `feasible` of the chosen node.
   * @param totals one per feasible node; at least one.
   * @param decision the how-manieth decision this is; only `random` looks at it.
   */
  select(nodes: NodeNames, feasible: ArrayLike<number>, totals: ArrayLike<number>, decision: number): number {
    const first = firstMaximum(totals);
    if (this.rule === 'first') return firstInPreOrder(totals, first);
    let best = first;
    let lowest = this.#key(nodes, feasible[first], decision);
    for (let k = first + 1; k < totals.length; k++) {
      if (totals[k] !== totals[first]) continue;
      const key = this.#key(nodes, feasible[k], decision);
      if (key > lowest) continue;
      if (key === lowest && nodes.nodeName(feasible[k]) > nodes.nodeName(feasible[best])) continue;
      best = k;
      lowest = key;
    }
    return best;
  }

  #key(nodes: NodeNames, n: number, decision: number): number {
    const rank = this.#rank(nodes, n);
    return this.rule === 'random' ? hashAgain(rank, decision) : rank;
  }

  #rank(nodes: NodeNames, n: number): number {
    const name = nodes.nodeName(n);
    if (this.#names[n] !== name) {
      this.#names[n] = name;
      this.#ranks[n] = nodeRank(this.seed, name);
    }
    return this.#ranks[n];
  }
}

function firstMaximum(totals: ArrayLike<number>): number {
  let first = 0;
  for (let k = 1; k < totals.length; k++) if (totals[k] > totals[first]) first = k;
  return first;
}

/** The first in pre-order of the array read as a binary heap. @param first the first in the array. */
function firstInPreOrder(totals: ArrayLike<number>, first: number): number {
  let best = first;
  for (let k = first + 1; k < totals.length; k++) {
    if (totals[k] === totals[first] && isLeftOf(k, best)) best = k;
  }
  return best;
}

/**
 * Whether the later of two positions comes first in pre-order: its ancestor on the level of the earlier one stands
 * further left. Counted from 1, a position shifted right is its ancestor.
 */
export function isLeftOf(later: number, earlier: number): boolean {
  const levels = Math.clz32(earlier + 1) - Math.clz32(later + 1);
  return (later + 1) >>> levels < earlier + 1;
}

/** Positions of all nodes with the highest total, in the order given. */
export function argmax(totals: ArrayLike<number>): number[] {
  const best: number[] = [];
  for (let k = 0; k < totals.length; k++) {
    if (best.length > 0 && totals[k] < totals[best[0]]) continue;
    if (best.length > 0 && totals[k] > totals[best[0]]) best.length = 0;
    best.push(k);
  }
  return best;
}
