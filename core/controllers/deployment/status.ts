/**
 * What a Deployment says of itself: counts, whether enough is available, and how the update goes.
 * Source: Kubernetes v1.36, pkg/controller/deployment/{sync,progress}.go.
 */
import { type Condition, conditionOf, withCondition, withoutCondition } from '../conditions.ts';
import { must, type Part } from '../controller.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../kinds.ts';
import { withoutZeros } from '../non-zero.ts';
import { DEPLOYMENTS } from '../resources.ts';
import { sameValue } from '../same-value.ts';
import { timeText } from '../time.ts';
import { maxUnavailable, replicasOf } from './fenceposts.ts';
import { allSets, askedOf, type Rollout, reported } from './rollout.ts';

const NO_DEADLINE = 2 ** 31 - 1;

export function hasDeadline({ spec }: Deployment): boolean {
  const { progressDeadlineSeconds: seconds } = spec;
  return seconds !== undefined && seconds !== null && seconds !== NO_DEADLINE;
}

export function progressOf({ status }: Deployment): Condition | undefined {
  return conditionOf(status?.conditions, 'Progressing');
}

export function conditionNow(type: string, status: string, reason: string, message: string, nowMs: number): Condition {
  const time = timeText(nowMs);
  return { type, status, reason, message, lastUpdateTime: time, lastTransitionTime: time };
}

/** The Deployment with the condition; itself where it watches no progress. */
export function withProgress(deployment: Deployment, condition: Condition): Deployment {
  if (!hasDeadline(deployment)) return deployment;
  const conditions = withCondition(deployment.status?.conditions ?? [], condition);
  return { ...deployment, status: { ...deployment.status, conditions } };
}

/** Writes what has changed of status and annotations; the rollout goes on with the answer. @throws RefusedError */
export function* putStatus(rollout: Rollout, next: Deployment): Part<void> {
  const { deployment } = rollout;
  const same =
    sameValue(next.status, deployment.status) && sameValue(next.metadata.annotations, deployment.metadata.annotations);
  if (same) return;
  const written = yield* must({ type: 'update', resource: DEPLOYMENTS, object: next, subresource: 'status' });
  rollout.deployment = written as Deployment;
}

export function* putCounts(rollout: Rollout): Part<void> {
  yield* putStatus(rollout, { ...rollout.deployment, status: countedStatus(rollout) });
}

export function countedStatus({ deployment, newest, old, world }: Rollout): DeploymentStatus {
  const all = allSets({ newest, old });
  const available = reported(all, 'availableReplicas');
  const { collisionCount, conditions = [] } = deployment.status ?? {};
  const isEnough = available >= replicasOf(deployment) - maxUnavailable(deployment);
  const [state, reason, message] = isEnough
    ? ['True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.']
    : ['False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.'];
  return {
    ...withoutZeros({
      observedGeneration: deployment.metadata.generation,
      replicas: reported(all, 'replicas'),
      updatedReplicas: newest ? reported([newest], 'replicas') : 0,
      readyReplicas: reported(all, 'readyReplicas'),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, askedOf(all) - available),
      collisionCount,
    }),
    terminatingReplicas: reported(all, 'terminatingReplicas'),
    conditions: withCondition(conditions, conditionNow('Available', state, reason, message, world.nowMs)),
  };
}

/** All pods are the newest set's and available. */
export function isComplete(deployment: Deployment, status: DeploymentStatus = {}): boolean {
  const wanted = replicasOf(deployment);
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  const isAll = updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted;
  return isAll && observedGeneration >= (deployment.metadata.generation ?? 0);
}

/** Counts, and how the update goes. */
export function* putProgress(rollout: Rollout): Part<void> {
  const { deployment } = rollout;
  const status = withFailure(withNews(rollout, countedStatus(rollout)), rollout);
  yield* putStatus(rollout, { ...deployment, status });
}

function withNews(rollout: Rollout, status: DeploymentStatus): DeploymentStatus {
  const { deployment, newest, world } = rollout;
  const conditions = status.conditions ?? [];
  if (!hasDeadline(deployment)) return { ...status, conditions: withoutCondition(conditions, 'Progressing') };
  const current = progressOf(deployment);
  const wasComplete = status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable';
  if (wasComplete) return status;
  const subject = newest ? `ReplicaSet "${newest.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const told = (state: string, reason: string, words: string): Condition =>
    conditionNow('Progressing', state, reason, `${subject} ${words}`, world.nowMs);
  if (isComplete(deployment, status)) {
    const done = told('True', 'NewReplicaSetAvailable', 'has successfully progressed.');
    return { ...status, conditions: withCondition(conditions, done) };
  }
  if (isProgressing(deployment, status)) {
    const news = told('True', 'ReplicaSetUpdated', 'is progressing.');
    // Every step is told anew: the deadline runs from the last one.
    if (current?.status === 'True') news.lastTransitionTime = current.lastTransitionTime;
    return { ...status, conditions: [...withoutCondition(conditions, 'Progressing'), news] };
  }
  const timeLeft = deadlineAfter(deployment, world.nowMs);
  if (timeLeft === undefined || timeLeft >= 0) return status;
  const late = told('False', 'ProgressDeadlineExceeded', 'has timed out progressing.');
  return { ...status, conditions: withCondition(conditions, late) };
}

/** More of the new or less of the old than at the last look. */
function isProgressing({ status: before = {} }: Deployment, now: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number => replicas - updatedReplicas;
  const grew = (field: 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'): boolean =>
    (now[field] ?? 0) > (before[field] ?? 0);
  return grew('updatedReplicas') || old(now) < old(before) || grew('readyReplicas') || grew('availableReplicas');
}

/** Milliseconds until the deadline, below zero past it; undefined when nothing is awaited. */
export function deadlineAfter(deployment: Deployment, nowMs: number): number | undefined {
  const current = progressOf(deployment);
  if (!hasDeadline(deployment) || !current || current.reason === 'NewReplicaSetAvailable') return undefined;
  if (current.reason === 'ProgressDeadlineExceeded') return -1;
  const sinceMs = Date.parse(current.lastUpdateTime ?? '') || 0;
  return sinceMs + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000 - nowMs;
}

/** What keeps a set from making pods is the Deployment's trouble too; the newest set's first. */
function withFailure(status: DeploymentStatus, { newest, old }: Rollout): DeploymentStatus {
  const failureOf = (set: ReplicaSet | undefined): Condition | undefined =>
    conditionOf(set?.status?.conditions, 'ReplicaFailure');
  const failure = failureOf(newest) ?? old.map(failureOf).find((condition) => condition !== undefined);
  const conditions = status.conditions ?? [];
  if (!failure) return { ...status, conditions: withoutCondition(conditions, 'ReplicaFailure') };
  const condition = { ...failure, lastUpdateTime: failure.lastTransitionTime };
  return { ...status, conditions: withCondition(conditions, condition) };
}

/** A Deployment that is paused, or goes on, says so: the deadline does not run meanwhile. */
export function* putPause(rollout: Rollout): Part<void> {
  const { deployment, world } = rollout;
  const reason = progressOf(deployment)?.reason;
  if (!hasDeadline(deployment) || reason === 'ProgressDeadlineExceeded') return;
  const isTold = reason === 'DeploymentPaused';
  if (Boolean(deployment.spec.paused) === isTold) return;
  const [news, message] = isTold
    ? ['DeploymentResumed', 'Deployment is resumed']
    : ['DeploymentPaused', 'Deployment is paused'];
  yield* putStatus(
    rollout,
    withProgress(deployment, conditionNow('Progressing', 'Unknown', news, message, world.nowMs)),
  );
}
