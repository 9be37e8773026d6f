/**
 * The node whose victims matter least.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/preemption/preemption.go (pickOneNodeForPreemption).
 */
import { assert } from '../../assert.ts';
import { priorityOf } from '../../objects/types.ts';
import { startTimeOf } from './importance.ts';
import type { Victims } from './victims.ts';

/** Each criterion is asked of those that the ones before left equal; the lowest value stays. `now` in ms. */
const CRITERIA: readonly ((candidate: Victims, now: number) => number)[] = [
  ({ pdbViolations }) => pdbViolations,
  ({ victims }) => priorityOf(victims[0]),
  // Shifted, so that a victim of negative priority still weighs more than none.
  ({ victims }) => victims.reduce((sum, pod) => sum + priorityOf(pod) + 2 ** 31, 0),
  ({ victims }) => victims.length,
  (candidate, now) => -earliestStart(candidate, now),
];

/** Candidates that no criterion tells apart, in the order given; empty only if there are none. */
export function bestCandidates<C extends Victims>(candidates: readonly C[], now: number): C[] {
  let left = [...candidates];
  for (const criterion of CRITERIA) {
    if (left.length < 2) break;
    const values = left.map((candidate) => criterion(candidate, now));
    const least = values.reduce((a, b) => Math.min(a, b));
    left = left.filter((_, i) => values[i] === least);
  }
  return left;
}

/** The first of the best. The real scheduler takes a random one of them. */
export function pickNode<C extends Victims>(candidates: readonly C[], now: number): C {
  const [best] = bestCandidates(candidates, now);
  assert(best, 'a node is picked among no candidates');
  return best;
}

/** When the oldest of the most important victims started. */
function earliestStart({ victims }: Victims, now: number): number {
  const priority = victims.reduce((max, pod) => Math.max(max, priorityOf(pod)), Number.NEGATIVE_INFINITY);
  let earliest = Number.POSITIVE_INFINITY;
  for (const pod of victims) {
    if (priorityOf(pod) === priority) earliest = Math.min(earliest, startTimeOf(pod, now));
  }
  return earliest;
}
