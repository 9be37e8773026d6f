/**
 * pods/eviction: a delete that asks the pod's disruption budget first. A refusal carries no Retry-After: clients would
 * then retry without a word. Source: Kubernetes v1.36, pkg/registry/core/pod/storage/eviction.go.
 */
import { compileLabelSelector, type LabelSelector, selectorMatches } from '../../../../core/index.ts';
import { ApiError, internal, tooManyRequests } from '../../http/status.ts';
import { type ApiObject, isMap, valueAt } from '../../object.ts';
import { type DeleteRequest, deleteObject } from '../delete.ts';
import { type RegistryParts, type RequestContext, type Target, timestamp } from '../parts.ts';
import { current } from '../patch.ts';
import { updateObject } from '../update.ts';

const POLICY = 'policy';
const BUDGETS = 'poddisruptionbudgets';
/** Pods that may be under disruption at once, by budget; more would make the object large. */
const MAX_DISRUPTED = 2_000;

/** @param target the pod. @param options the Eviction's deleteOptions. */
export async function evictPod(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  options: DeleteRequest,
): Promise<void> {
  const pod = current(parts, target);
  const budget = needsBudget(pod) ? budgetOf(parts, pod) : undefined;
  if (budget && !mayIgnore(budget, pod)) await takeFrom(parts, context, budget, pod);
  await deleteObject(parts, context, { ...target, subresource: '' }, options);
}

/** Pods that are over, not yet running, or going anyway disturb nobody. */
function needsBudget(pod: ApiObject): boolean {
  const phase = valueAt(pod, 'status.phase');
  return phase !== 'Succeeded' && phase !== 'Failed' && phase !== 'Pending' && !pod.metadata.deletionTimestamp;
}

function budgetOf(parts: RegistryParts, pod: ApiObject): ApiObject | undefined {
  const matching: ApiObject[] = [];
  for (const budget of parts.cache.list(POLICY, BUDGETS, pod.metadata.namespace)) {
    const selector = compileLabelSelector(valueAt(budget, 'spec.selector') as LabelSelector | undefined);
    if (selector && selectorMatches(selector, pod.metadata.labels)) matching.push(budget);
  }
  if (matching.length > 1) {
    throw internal('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  }
  return matching[0];
}

/** A pod that is not ready counts for nothing, if the budget says so or has all it needs without it. */
function mayIgnore(budget: ApiObject, pod: ApiObject): boolean {
  const conditions = valueAt(pod, 'status.conditions');
  const ready =
    Array.isArray(conditions) && conditions.some((c) => isMap(c) && c.type === 'Ready' && c.status === 'True');
  if (ready) return false;
  if (valueAt(budget, 'spec.unhealthyPodEvictionPolicy') === 'AlwaysAllow') return true;
  const desired = countAt(budget, 'status.desiredHealthy');
  return desired > 0 && countAt(budget, 'status.currentHealthy') >= desired;
}

async function takeFrom(
  parts: RegistryParts,
  context: RequestContext,
  budget: ApiObject,
  pod: ApiObject,
): Promise<void> {
  const kind = parts.kinds.find(POLICY, 'v1', BUDGETS);
  if (!kind) return;
  const { name, namespace = '' } = budget.metadata;
  const now = timestamp(parts.now());
  const next = (old: ApiObject): ApiObject => {
    checkBudget(old);
    const disrupted = valueAt(old, 'status.disruptedPods');
    return {
      ...old,
      status: {
        ...(old.status as object),
        disruptionsAllowed: countAt(old, 'status.disruptionsAllowed') - 1,
        disruptedPods: { ...(isMap(disrupted) ? disrupted : {}), [pod.metadata.name]: now },
      },
    };
  };
  try {
    await updateObject(parts, context, { kind, namespace, name, subresource: 'status' }, { next });
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) throw error; // A budget that is gone forbids nothing.
  }
}

function checkBudget(budget: ApiObject): void {
  const { name, generation = 0 } = budget.metadata;
  const refuse = (message: string): never => {
    const causes = [{ reason: 'DisruptionBudget', message }];
    throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", { causes });
  };
  if (countAt(budget, 'status.observedGeneration') < generation) {
    refuse(`The disruption budget ${name} is still being processed by the server.`);
  }
  const disrupted = valueAt(budget, 'status.disruptedPods');
  if (isMap(disrupted) && Object.keys(disrupted).length > MAX_DISRUPTED) {
    refuse(`DisruptedPods map too big - too many evictions not confirmed by PDB controller`);
  }
  if (countAt(budget, 'status.disruptionsAllowed') <= 0) {
    const desired = countAt(budget, 'status.desiredHealthy');
    const healthy = countAt(budget, 'status.currentHealthy');
    refuse(`The disruption budget ${name} needs ${desired} healthy pods and has ${healthy} currently`);
  }
}

function countAt(object: ApiObject, path: string): number {
  const value = valueAt(object, path);
  return typeof value === 'number' ? value : 0;
}
