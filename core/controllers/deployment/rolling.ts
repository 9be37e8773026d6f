/**
 * The steps of an update: the newest set grows and the others shrink, never past what strategy allows.
 * Source: Kubernetes v1.36, pkg/controller/deployment/{rolling,recreate}.go, util (NewRSNewReplicas).
 */
import type { Pod } from '../../objects/types.ts';
import type { Part } from '../controller.ts';
import type { Deployment, ReplicaSet } from '../kinds.ts';
import { isRollingUpdate, maxSurge, maxUnavailable, replicasOf } from './fenceposts.ts';
import { activeSets, allSets, askedOf, byCreation, isStillThere, type Rollout, reported } from './rollout.ts';
import { resize } from './scaling.ts';

/** One step; whether anything was scaled. */
export function* rollForward(rollout: Rollout): Part<boolean> {
  return (yield* growNewest(rollout)) || (yield* shrinkOld(rollout));
}

/** The size that the newest set may have now. @param all it among them. */
export function newestSize(deployment: Deployment, newest: ReplicaSet, all: readonly ReplicaSet[]): number {
  const wanted = replicasOf(deployment);
  if (!isRollingUpdate(deployment)) return wanted;
  const room = wanted + maxSurge(deployment) - askedOf(all);
  const has = replicasOf(newest);
  return room <= 0 ? has : has + Math.min(room, wanted - has);
}

function* growNewest(rollout: Rollout): Part<boolean> {
  const { newest, deployment } = rollout;
  if (!newest || replicasOf(newest) === replicasOf(deployment)) return false;
  if (replicasOf(newest) > replicasOf(deployment)) return yield* resize(rollout, newest, replicasOf(deployment));
  return yield* resize(rollout, newest, newestSize(deployment, newest, allSets(rollout)));
}

function* shrinkOld(rollout: Rollout): Part<boolean> {
  const { deployment, newest } = rollout;
  if (askedOf(rollout.old) === 0 || allSets(rollout).some(isBehind)) return false;
  const least = replicasOf(deployment) - maxUnavailable(deployment);
  const coming = newest ? replicasOf(newest) - availableOf(newest) : 0;
  // What the newest set has yet to bring counts as unavailable, and so does what was taken before its status tells.
  const most = askedOf(allSets(rollout)) - least - coming;
  if (most <= 0) return false;
  const unhealthy = yield* takeUnhealthy(rollout, most);
  const healthy = yield* takeHealthy(rollout, least);
  return unhealthy + healthy > 0;
}

/** Pods that are not available are missed by nobody. */
function* takeUnhealthy(rollout: Rollout, most: number): Part<number> {
  let taken = 0;
  for (const set of rollout.old.toSorted(byCreation)) {
    if (taken >= most) break;
    const unavailable = replicasOf(set) - availableOf(set);
    if (unavailable <= 0) continue;
    const take = Math.min(most - taken, unavailable);
    yield* resize(rollout, set, replicasOf(set) - take);
    taken += take;
  }
  return taken;
}

function* takeHealthy(rollout: Rollout, least: number): Part<number> {
  const most = allSets(rollout).reduce((sum, set) => sum + availableOf(set), 0) - least;
  let taken = 0;
  for (const set of rollout.old.toSorted(byCreation)) {
    if (taken >= most) break;
    const take = Math.min(replicasOf(set), most - taken);
    if (take <= 0) continue;
    yield* resize(rollout, set, replicasOf(set) - take);
    taken += take;
  }
  return taken;
}

/**
 * The set's status is of an earlier size: what it reports as available may be on its way out, above all after a roll
 * back. Kubernetes counts it all the same, and can so go below what is allowed when a status comes late.
 */
function isBehind({ metadata, status }: ReplicaSet): boolean {
  return (status?.observedGeneration ?? 0) < (metadata.generation ?? 0);
}

/** Pods beyond what the set is asked for will be gone. */
function availableOf(set: ReplicaSet): number {
  return Math.min(set.status?.availableReplicas ?? 0, replicasOf(set));
}

// --- Recreate --------------------------------------------------------------------------------------------------------

/** Whether any old set was told to let its pods go. */
export function* dismissOld(rollout: Rollout): Part<boolean> {
  let any = false;
  for (const set of activeSets(rollout.old)) any = (yield* resize(rollout, set, 0)) || any;
  return any;
}

/** @param podsOf the pods of a set, by its uid. */
export function oldPodsRemain({ old }: Rollout, podsOf: (uid: string) => Iterable<Pod>): boolean {
  if (reported(old, 'replicas') > 0) return true;
  return old.some(({ metadata }) => [...podsOf(metadata.uid ?? '')].some(isStillThere));
}
