/**
 * pods/eviction: a delete that asks the pod's disruption budget first. A refusal carries no Retry-After: clients would
 * then retry without a word. Source: Kubernetes v1.36, pkg/registry/core/pod/storage/eviction.go.
 */
import { budgetsToAsk, type Pod, type PodDisruptionBudget, takeFromBudget } from '../../../../core/index.ts';
import { ApiError, internal, tooManyRequests } from '../../http/status.ts';
import type { ApiObject } from '../../object.ts';
import { type DeleteRequest, deleteObject } from '../delete.ts';
import { type RegistryParts, type RequestContext, type Target, timestamp } from '../parts.ts';
import { current } from '../patch.ts';
import { updateObject } from '../update.ts';

const POLICY = 'policy';
const BUDGETS = 'poddisruptionbudgets';

/** @param target the pod. @param options the Eviction's deleteOptions. */
export async function evictPod(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  options: DeleteRequest,
): Promise<void> {
  const pod = current(parts, target) as unknown as Pod;
  const all = parts.cache.list(POLICY, BUDGETS, pod.metadata.namespace) as Iterable<unknown>;
  const budgets = budgetsToAsk(pod, all as Iterable<PodDisruptionBudget>);
  if (budgets.length > 1) {
    throw internal('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  }
  for (const budget of budgets) await takeFrom(parts, context, budget, pod);
  await deleteObject(parts, context, { ...target, subresource: '' }, options);
}

async function takeFrom(
  parts: RegistryParts,
  context: RequestContext,
  budget: PodDisruptionBudget,
  pod: Pod,
): Promise<void> {
  const kind = parts.kinds.find(POLICY, 'v1', BUDGETS);
  if (!kind) return;
  const { name, namespace = '' } = budget.metadata;
  const now = timestamp(parts.now());
  const next = (old: ApiObject): ApiObject => {
    const verdict = takeFromBudget(old as unknown as PodDisruptionBudget, pod, now);
    if ('refusal' in verdict) {
      const causes = [{ reason: 'DisruptionBudget', message: verdict.refusal }];
      throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", { causes });
    }
    return { ...old, status: verdict.status };
  };
  try {
    await updateObject(parts, context, { kind, namespace, name, subresource: 'status' }, { next });
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) throw error; // A budget that is gone forbids nothing.
  }
}
