/**
 * What-if on one node: take every pod of lower priority away, and give back as many as still fit, the most important first.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/defaultpreemption (SelectVictimsOnNode).
 */
import { type Pod, priorityOf } from '../../objects/types.ts';
import type { Cycle, DryRun, RejectionCode } from '../framework.ts';
import { type Budget, splitByDisruption } from './disruption.ts';
import { byImportance } from './importance.ts';

/** Evicting these makes room. */
export interface Victims {
  /** Most important first; at least one. */
  victims: Pod[];
  pdbViolations: number;
}

/** No eviction on this node makes room. `Error`: it would fit without any, which is a contradiction, not a "no". */
export interface NoVictims {
  plugin?: string;
  code: RejectionCode | 'Error';
  reasons: string[];
}

export const NO_LESSER_PODS: NoVictims = {
  code: 'UnschedulableAndUnresolvable',
  reasons: ['No preemption victims found for incoming pod'],
};

/** @param now for pods without a start time, in ms. */
export function selectVictims(cycle: Cycle, n: number, budgets: readonly Budget[], now: number): Victims | NoVictims {
  const node = cycle.dryRun(n);
  try {
    const lower = node.pods.filter((pod) => priorityOf(pod) < priorityOf(cycle.pod));
    if (lower.length === 0) return NO_LESSER_PODS;
    for (const pod of lower) node.remove(pod);
    const rejection = node.filter();
    if (rejection) return rejection;
    const chosen = reprieve(node, byImportance(lower, now), budgets, now);
    if (chosen.victims.length > 0) return chosen;
    return { code: 'Error', reasons: [`expected at least one victim pod on node "${cycle.nodeName(n)}"`] };
  } finally {
    node.close();
  }
}

/** Pods whose eviction would break a budget get the first chance to stay. */
function reprieve(node: DryRun, lower: Pod[], budgets: readonly Budget[], now: number): Victims {
  const { violating, nonViolating } = splitByDisruption(lower, budgets);
  const stays = (pod: Pod): boolean => {
    node.add(pod);
    if (node.filter() === null) return true;
    node.remove(pod);
    return false;
  };
  const first = violating.filter((pod) => !stays(pod));
  const victims = [...first, ...nonViolating.filter((pod) => !stays(pod))];
  const mixed = violating.length > 0 && nonViolating.length > 0;
  return { victims: mixed ? byImportance(victims, now) : victims, pdbViolations: first.length };
}
