/** What a ReplicaSet says of itself. Source: Kubernetes v1.36, pkg/controller/replicaset/replica_set_utils.go. */
import { compilePairs, selectorMatches } from '../../objects/selectors.ts';
import type { Pod } from '../../objects/types.ts';
import { type Condition, conditionOf, withCondition, withoutCondition } from '../conditions.ts';
import type { ReplicaSet, ReplicaSetStatus } from '../kinds.ts';
import { withoutZeros } from '../non-zero.ts';
import { isAvailable, isReady } from '../pod-state.ts';
import { timeText } from '../time.ts';

export interface Counted {
  active: readonly Pod[];
  /** undefined where the kind has no such count. */
  terminating?: number;
  /** Why pods could not be made or deleted. */
  failure?: string;
  nowMs: number;
}

export function replicaSetStatus(
  owner: ReplicaSet,
  { active, terminating, failure, nowMs }: Counted,
): ReplicaSetStatus {
  const { replicas = 1, minReadySeconds = 0, template } = owner.spec;
  const labels = compilePairs(template?.metadata?.labels ?? {});
  const count = (holds: (pod: Pod) => boolean): number => active.filter(holds).length;
  const conditions = conditionsOf(owner.status?.conditions ?? [], active.length - replicas, failure, nowMs);
  return {
    replicas: active.length,
    ...withoutZeros({
      fullyLabeledReplicas: count(({ metadata }) => selectorMatches(labels, metadata.labels)),
      readyReplicas: count(isReady),
      availableReplicas: count((pod) => isAvailable(pod, minReadySeconds, nowMs)),
    }),
    ...(terminating !== undefined && { terminatingReplicas: terminating }),
    observedGeneration: owner.metadata.generation,
    ...(conditions.length > 0 && { conditions }),
  };
}

const FAILURE = 'ReplicaFailure';

/** A failure that is told already keeps its first words. */
function conditionsOf(
  conditions: readonly Condition[],
  tooMany: number,
  failure: string | undefined,
  nowMs: number,
): readonly Condition[] {
  if (failure === undefined) return withoutCondition(conditions, FAILURE);
  if (conditionOf(conditions, FAILURE)) return conditions;
  const reason = tooMany < 0 ? 'FailedCreate' : 'FailedDelete';
  const lastTransitionTime = timeText(nowMs);
  return withCondition(conditions, { type: FAILURE, status: 'True', reason, message: failure, lastTransitionTime });
}
