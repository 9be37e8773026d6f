/**
 * The node whose victims matter least.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/preemption/preemption.go (pickOneNodeForPreemption).
 */
import { assert } from '../../assert.ts';
import { priorityOf } from '../../objects/types.ts';
import { startTimeOf } from './importance.ts';
import type { Victims } from './victims.ts';

/** What the criteria compare, in their order; in each the lower value wins. */
export type Cost = readonly [
  pdbViolations: number,
  highestPriority: number,
  /** Each shifted, so that a victim of negative priority still weighs more than none. */
  prioritySum: number,
  victims: number,
  /** The oldest of the most important victims should have started late. */
  minusEarliestStart: number,
];

/** `cost` is made by costOf for the same `now`; where it is missing, it is made here. */
type Costed = Victims & { cost?: Cost };

/** @param now for pods without a start time, in ms. */
export function costOf({ victims, pdbViolations }: Victims, now: number): Cost {
  const sum = new CostSum();
  for (const pod of victims) sum.add(priorityOf(pod), startTimeOf(pod, now));
  return sum.cost(pdbViolations);
}

/** The cost of victims that are told one by one. */
export class CostSum {
  #priorities = 0;
  #highest = Number.NEGATIVE_INFINITY;
  #earliest = Number.POSITIVE_INFINITY;
  #victims = 0;

  add(priority: number, start: number): void {
    this.#victims++;
    this.#priorities += priority + 2 ** 31;
    if (priority > this.#highest) {
      this.#highest = priority;
      this.#earliest = start;
    } else if (priority === this.#highest) {
      this.#earliest = Math.min(this.#earliest, start);
    }
  }

  cost(pdbViolations: number): Cost {
    return [pdbViolations, this.#highest, this.#priorities, this.#victims, -this.#earliest];
  }
}

/** Candidates that no criterion tells apart, in the order given; empty only if there are none. */
export function bestCandidates<C extends Costed>(candidates: readonly C[], now: number): C[] {
  let best: C[] = [];
  let least: Cost | undefined;
  for (const candidate of candidates) {
    const cost = candidate.cost ?? costOf(candidate, now);
    const difference = least ? compare(cost, least) : -1;
    if (difference > 0) continue;
    if (difference < 0) {
      best = [];
      least = cost;
    }
    best.push(candidate);
  }
  return best;
}

/** The first of the best. The real scheduler takes a random one of them. */
export function pickNode<C extends Costed>(candidates: readonly C[], now: number): C {
  const [best] = bestCandidates(candidates, now);
  assert(best, 'a node is picked among no candidates');
  return best;
}

function compare(a: Cost, b: Cost): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}
