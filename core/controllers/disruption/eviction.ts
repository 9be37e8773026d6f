/**
 * Whether a pod may be evicted: what its disruption budget says, and what becomes of the budget then.
 * Source: Kubernetes v1.36, pkg/registry/core/pod/storage/eviction.go.
 */
import { compileLabelSelector, selectorMatches } from '../../objects/selectors.ts';
import { isFinished, isTerminating, type Pod, type PodDisruptionBudget } from '../../objects/types.ts';
import { isReady } from '../pod-state.ts';

/** Pods that may be under disruption at once, by budget; more would make the object large. */
const MAX_DISRUPTED = 2_000;

/** The budgets that an eviction of this pod has to ask: more than one is an error of whoever made them. */
export function budgetsToAsk(pod: Pod, budgets: Iterable<PodDisruptionBudget>): PodDisruptionBudget[] {
  if (disturbsNobody(pod)) return [];
  const matching: PodDisruptionBudget[] = [];
  for (const budget of budgets) {
    const selector = compileLabelSelector(budget.spec?.selector);
    if (selector && selectorMatches(selector, pod.metadata.labels)) matching.push(budget);
  }
  return matching.length === 1 && isIgnored(matching[0], pod) ? [] : matching;
}

export type EvictionVerdict = { status: PodDisruptionBudget['status'] } | { refusal: string };

/** The budget's status when the eviction has been counted, or why it is refused. @param now as Kubernetes writes times. */
export function takeFromBudget(budget: PodDisruptionBudget, pod: Pod, now: string): EvictionVerdict {
  const { name, generation = 0 } = budget.metadata;
  const { disruptedPods = {} } = budget.status ?? {};
  if (countOf(budget, 'observedGeneration') < generation) {
    return { refusal: `The disruption budget ${name} is still being processed by the server.` };
  }
  if (Object.keys(disruptedPods).length > MAX_DISRUPTED) {
    return { refusal: 'DisruptedPods map too big - too many evictions not confirmed by PDB controller' };
  }
  const allowed = countOf(budget, 'disruptionsAllowed');
  if (allowed <= 0) {
    const [desired, healthy] = [countOf(budget, 'desiredHealthy'), countOf(budget, 'currentHealthy')];
    return { refusal: `The disruption budget ${name} needs ${desired} healthy pods and has ${healthy} currently` };
  }
  const disrupted = { ...disruptedPods, [pod.metadata.name]: now };
  return { status: { ...budget.status, disruptionsAllowed: allowed - 1, disruptedPods: disrupted } };
}

/** Pods that are over, not yet running, or going anyway. */
function disturbsNobody(pod: Pod): boolean {
  return isFinished(pod) || pod.status?.phase === 'Pending' || isTerminating(pod);
}

/** A pod that is not ready counts for nothing, if the budget says so or has all it needs without it. */
function isIgnored(budget: PodDisruptionBudget, pod: Pod): boolean {
  if (isReady(pod)) return false;
  const { unhealthyPodEvictionPolicy } = (budget.spec ?? {}) as { unhealthyPodEvictionPolicy?: string };
  if (unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const desired = countOf(budget, 'desiredHealthy');
  return desired > 0 && countOf(budget, 'currentHealthy') >= desired;
}

function countOf({ status }: PodDisruptionBudget, field: string): number {
  const value = status?.[field];
  return typeof value === 'number' ? value : 0;
}
