/**
 * Many writes of a kind, first one, then twice as many each time, so that a mistake that all of them share (a quota, a
 * webhook) costs one refusal and not a thousand. Source: Kubernetes v1.36, pkg/controller/replicaset (slowStartBatch).
 */
import type { Action, ActionOutcome, Part, Refusal } from './controller.ts';

export interface SlowStarted {
  /** Of those that were tried, in order; the others are not. */
  outcomes: readonly ActionOutcome[];
  /** The first one. */
  refusal?: Refusal;
}

export function* slowStart(actions: readonly Action[]): Part<SlowStarted> {
  const outcomes: ActionOutcome[] = [];
  for (let size = 1; outcomes.length < actions.length; size *= 2) {
    const batch = yield actions.slice(outcomes.length, outcomes.length + size);
    outcomes.push(...batch);
    const refusal = batch.find((outcome) => outcome.refusal)?.refusal;
    if (refusal) return { outcomes, refusal };
  }
  return { outcomes };
}
