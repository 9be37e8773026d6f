/**
 * A Deployment: one ReplicaSet for each template it had, the pods moved to the newest as its strategy says.
 * Source: Kubernetes v1.36, pkg/controller/deployment/deployment_controller.go.
 */
import { compileLabelSelector, NOTHING, type Selector, selectorMatches } from '../../objects/selectors.ts';
import { type KubeObject, keyOf, type Pod } from '../../objects/types.ts';
import {
  type Controller,
  must,
  type Observed,
  type Part,
  type Rest,
  type Sync,
  splitKey,
  tell,
  type Watch,
  type World,
} from '../controller.ts';
import type { Deployment, ReplicaSet } from '../kinds.ts';
import { claim, controllerOf } from '../owners.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../resources.ts';
import { Written } from '../written.ts';
import { isRollingUpdate } from './fenceposts.ts';
import { cleanUp, findNewest, makeNewest, markNewest } from './revisions.ts';
import { dismissOld, oldPodsRemain, rollForward } from './rolling.ts';
import type { Rollout } from './rollout.ts';
import { isScaling, resize, scale } from './scaling.ts';
import { deadlineAfter, isComplete, putCounts, putPause, putProgress } from './status.ts';

/** What has been written is awaited no longer than until the next look after this time. */
const OBSERVE_AGAIN_MS = 1000;

export function deploymentController(): Controller {
  const written = new Written();
  return {
    name: 'deployment-controller',
    watches: [{ resource: DEPLOYMENTS, keys: ({ object }) => [keyOf(object)] }, setWatch(written), podWatch()],
    *sync(key, world) {
      const { namespace, name } = splitKey(key);
      const deployment = world.observed.get(DEPLOYMENTS, namespace, name) as Deployment | undefined;
      if (!deployment) {
        written.forget(key);
        return undefined;
      }
      return yield* syncDeployment(deployment, world, written);
    },
  };
}

// --- what it follows -------------------------------------------------------------------------------------------------

function setWatch(written: Written): Watch {
  return {
    resource: REPLICA_SETS,
    keys({ object, old, gone }, observed) {
      const keys = new Set(
        [ownerKey(object, observed), old && ownerKey(old, observed)].filter((key) => key !== undefined),
      );
      if (gone) for (const key of keys) written.gone(key, object);
      if (!gone && !controllerOf(object)) for (const key of adopters(object, observed)) keys.add(key);
      return keys;
    },
  };
}

/** Recreate waits for the last pod of the old sets. */
function podWatch(): Watch {
  return {
    resource: PODS,
    keys({ object, gone }, observed) {
      const reference = controllerOf(object);
      if (!gone || reference?.kind !== 'ReplicaSet') return [];
      const set = observed.get(REPLICA_SETS, object.metadata.namespace ?? '', reference.name);
      const key = set && ownerKey(set, observed);
      return key === undefined ? [] : [key];
    },
  };
}

function ownerKey(set: KubeObject, observed: Observed): string | undefined {
  const reference = controllerOf(set);
  if (reference?.kind !== 'Deployment') return undefined;
  const owner = observed.get(DEPLOYMENTS, set.metadata.namespace ?? '', reference.name);
  return owner?.metadata.uid === reference.uid ? keyOf(owner) : undefined;
}

function* adopters(set: KubeObject, observed: Observed): Generator<string> {
  for (const deployment of observed.list(DEPLOYMENTS, set.metadata.namespace)) {
    if (selectorMatches(selectorOf(deployment as Deployment), set.metadata.labels)) yield keyOf(deployment);
  }
}

function selectorOf({ spec }: Deployment): Selector {
  return compileLabelSelector(spec.selector) ?? NOTHING;
}

// --- one look --------------------------------------------------------------------------------------------------------

function* syncDeployment(deployment: Deployment, world: World, written: Written): Sync {
  const selector = selectorOf(deployment);
  if (selector.nothing || selector.requirements.length === 0) return yield* refuseSelector(deployment);
  const { uid = '', namespace = '' } = deployment.metadata;
  const key = keyOf(deployment);
  const { observed, nowMs } = world;
  const mine = [...observed.controlledBy(REPLICA_SETS, uid, namespace)] as ReplicaSet[];
  if (!written.observed(key, mine, nowMs)) return { afterMs: OBSERVE_AGAIN_MS };
  const candidates = [...mine, ...(observed.controlledBy(REPLICA_SETS, '', namespace) as Iterable<ReplicaSet>)];
  const claims = { owner: deployment, ownerResource: DEPLOYMENTS, selector, resource: REPLICA_SETS };
  const sets = yield* claim(claims, candidates);
  const newest = findNewest(deployment, sets);
  const rollout: Rollout = {
    deployment,
    newest,
    old: sets.filter((set) => set !== newest),
    world,
    wrote: (set) => written.note(key, set, nowMs),
  };
  yield* converge(rollout);
  return nextLook(rollout);
}

function* converge(rollout: Rollout): Part<void> {
  if (rollout.deployment.metadata.deletionTimestamp) {
    yield* putCounts(rollout);
    return;
  }
  yield* putPause(rollout);
  yield* markNewest(rollout);
  if (rollout.deployment.spec.paused || isScaling(rollout)) {
    yield* scale(rollout);
    if (rollout.deployment.spec.paused) yield* cleanUp(rollout);
    yield* putCounts(rollout);
  } else if (isRollingUpdate(rollout.deployment)) {
    yield* roll(rollout);
  } else {
    yield* recreate(rollout);
  }
}

function* roll(rollout: Rollout): Part<void> {
  if (!rollout.newest) yield* makeNewest(rollout);
  const isStep = yield* rollForward(rollout);
  if (!isStep && isComplete(rollout.deployment, rollout.deployment.status)) yield* cleanUp(rollout);
  yield* putProgress(rollout);
}

function* recreate(rollout: Rollout): Part<void> {
  const { observed } = rollout.world;
  const { namespace = '' } = rollout.deployment.metadata;
  const podsOf = (uid: string): Iterable<Pod> => observed.controlledBy(PODS, uid, namespace) as Iterable<Pod>;
  if (!(yield* dismissOld(rollout)) && !oldPodsRemain(rollout, podsOf)) {
    if (!rollout.newest) yield* makeNewest(rollout);
    if (rollout.newest) yield* resize(rollout, rollout.newest, rollout.deployment.spec.replicas ?? 1);
    if (isComplete(rollout.deployment, rollout.deployment.status)) yield* cleanUp(rollout);
  }
  yield* putProgress(rollout);
}

/** The deadline is looked at when it has passed. */
function nextLook({ deployment, world }: Rollout): Rest | undefined {
  const left = deadlineAfter(deployment, world.nowMs);
  if (left === undefined || left < 0 || deployment.spec.paused) return undefined;
  return isComplete(deployment, deployment.status) ? undefined : { afterMs: left + OBSERVE_AGAIN_MS };
}

function* refuseSelector(deployment: Deployment): Part<undefined> {
  yield* tell(
    deployment,
    'Warning',
    'SelectingAll',
    'This deployment is selecting all pods. A non-empty selector is required.',
  );
  const { generation = 0 } = deployment.metadata;
  if ((deployment.status?.observedGeneration ?? 0) >= generation) return;
  const object = { ...deployment, status: { ...deployment.status, observedGeneration: generation } } as Deployment;
  yield* must({ type: 'update', resource: DEPLOYMENTS, object, subresource: 'status' });
}
