/**
 * Everything a cycle can say about every node of its set, whatever the decision needs of it. For explain and for
 * recorded decisions; the hot path never comes here.
 */
import type { Cycle, CycleError, Rejection, Scores } from './framework.ts';
import { nodeSet } from './walk.ts';

export interface Inspection {
  /** Nodes whose filters were asked, in walking order. Empty if PreFilter refused the pod or failed. */
  examined: number[];
  /** By node index: the first rejecting plugin. */
  rejections: Map<number, Rejection>;
  /** Nodes that fit, in walking order. */
  feasible: number[];
  /** Only when two or more nodes fit; aligned with `feasible`. */
  scores?: Scores;
  /** A score plugin failed. */
  scoreError?: CycleError;
}

export function inspect(cycle: Cycle): Inspection {
  const inspection: Inspection = { examined: [], rejections: new Map(), feasible: [] };
  if (cycle.preFilter.rejection || cycle.preFilter.error) return inspection;
  const { examined, rejections, feasible } = inspection;
  for (const n of inWalkingOrder(cycle)) {
    examined.push(n);
    const rejection = cycle.rejection(n);
    if (rejection) rejections.set(n, rejection);
    else feasible.push(n);
  }
  if (feasible.length < 2) return inspection;
  const scores = cycle.score(feasible);
  if ('error' in scores) inspection.scoreError = scores.error;
  else inspection.scores = scores;
  return inspection;
}

function inWalkingOrder(cycle: Cycle): number[] {
  const set = new Set(Array.from(nodeSet(cycle)));
  return Array.from(cycle.order).filter((n) => set.has(n));
}
