/**
 * Which ReplicaSet is the newest, made where it is absent, and how long the others are kept.
 * Source: Kubernetes v1.36, pkg/controller/deployment/sync.go (getNewReplicaSet, cleanupDeployment).
 */
import type { KubeObject } from '../../objects/types.ts';
import { type Action, CONFLICT, must, NOT_FOUND, type Part, type Refusal, RefusedError, tell } from '../controller.ts';
import type { Deployment, ReplicaSet } from '../kinds.ts';
import { controllerOf, controllerReference } from '../owners.ts';
import { REPLICA_SETS } from '../resources.ts';
import { sameValue } from '../same-value.ts';
import { newestAnnotations, REVISION, revisionOf, withSizes } from './annotations.ts';
import { replicasOf } from './fenceposts.ts';
import { newestSize } from './rolling.ts';
import { byCreation, type Rollout } from './rollout.ts';
import { scaled } from './scaling.ts';
import { conditionNow, hasDeadline, progressOf, putStatus, withProgress } from './status.ts';
import { sameTemplate, templateHash, withHashLabel, withHashSelector } from './template.ts';

/** The oldest of those with the Deployment's template. */
export function findNewest({ spec }: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return sets.toSorted(byCreation).find((set) => sameTemplate(set.spec.template, spec.template));
}

/** The newest set carries its revision, the Deployment's annotations and its minReadySeconds; the Deployment its revision. */
export function* markNewest(rollout: Rollout): Part<void> {
  const { newest, deployment, old } = rollout;
  if (!newest) return;
  const annotations = newestAnnotations(deployment, newest, nextRevision(old));
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  const isMarked = sameValue(annotations, newest.metadata.annotations);
  if (!isMarked || (newest.spec.minReadySeconds ?? 0) !== minReadySeconds) {
    const spec = { ...newest.spec, minReadySeconds };
    const object: ReplicaSet = { ...newest, metadata: { ...newest.metadata, annotations }, spec };
    rollout.newest = (yield* must({ type: 'update', resource: REPLICA_SETS, object })) as ReplicaSet;
    rollout.wrote(rollout.newest);
  }
  let next = withRevision(deployment, annotations[REVISION]);
  if (hasDeadline(next) && !progressOf(next)) {
    const message = `Found new replica set "${newest.metadata.name}"`;
    next = withProgress(next, conditionNow('Progressing', 'True', 'FoundNewReplicaSet', message, rollout.world.nowMs));
  }
  yield* putStatus(rollout, next);
}

/** As markNewest, where there is none: makes it. @throws RefusedError */
export function* makeNewest(rollout: Rollout): Part<void> {
  const { deployment, world } = rollout;
  const revision = String(nextRevision(rollout.old));
  const wanted = newSet(rollout, revision);
  const [{ object, refusal }] = yield [{ type: 'create', resource: REPLICA_SETS, object: wanted }];
  let made = object as ReplicaSet | undefined;
  if (refusal)
    made = refusal.code === CONFLICT ? yield* takeExisting(rollout, wanted) : yield* fail(rollout, wanted, refusal);
  if (!made) return;
  rollout.newest = made;
  rollout.wrote(made);
  let next = withRevision(deployment, revision);
  if (!refusal) {
    if (replicasOf(wanted) > 0) yield [scaled(deployment, wanted, 0, replicasOf(wanted))];
    const message = `Created new replica set "${made.metadata.name}"`;
    next = withProgress(next, conditionNow('Progressing', 'True', 'NewReplicaSetCreated', message, world.nowMs));
  }
  yield* putStatus(rollout, next);
}

function newSet({ deployment, old }: Rollout, revision: string): ReplicaSet {
  const { spec, metadata } = deployment;
  const hash = templateHash(deployment);
  const labels = withHashLabel(spec.template.metadata?.labels, hash);
  const set: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace,
      labels,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      ...(spec.minReadySeconds && { minReadySeconds: spec.minReadySeconds }),
      selector: withHashSelector(spec.selector, hash),
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
  const annotations = withSizes(newestAnnotations(deployment, set, BigInt(revision)), deployment);
  const replicas = newestSize(deployment, set, [...old, set]);
  return { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } };
}

/** There is one of that name: ours, not yet observed, or another's, whose name we then avoid. */
function* takeExisting(rollout: Rollout, wanted: ReplicaSet): Part<ReplicaSet> {
  const { deployment } = rollout;
  const { name, namespace = '' } = wanted.metadata;
  const found = (yield* must({ type: 'get', resource: REPLICA_SETS, namespace, name })) as ReplicaSet;
  const isOurs = controllerOf(found)?.uid === deployment.metadata.uid;
  if (isOurs && sameTemplate(found.spec.template, deployment.spec.template)) return found;
  const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
  yield* putStatus(rollout, { ...deployment, status: { ...deployment.status, collisionCount } });
  throw new RefusedError({
    code: CONFLICT,
    reason: 'AlreadyExists',
    message: `replica set ${name} exists`,
    causes: [],
  });
}

/** undefined: nothing can be made in the namespace any more. */
function* fail(rollout: Rollout, { metadata }: ReplicaSet, refusal: Refusal): Part<undefined> {
  const { deployment, world } = rollout;
  if (refusal.causes.includes('NamespaceTerminating')) return undefined;
  const message = `Failed to create new replica set "${metadata.name}": ${refusal.message}`;
  const condition = conditionNow('Progressing', 'False', 'ReplicaSetCreateError', message, world.nowMs);
  yield* putStatus(rollout, withProgress(deployment, condition));
  yield* tell(deployment, 'Warning', 'ReplicaSetCreateError', message);
  throw new RefusedError(refusal);
}

function nextRevision(old: readonly ReplicaSet[]): bigint {
  const newest = old
    .map(revisionOf)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .at(-1);
  return (newest ?? 0n) + 1n;
}

function withRevision(deployment: Deployment, revision: string): Deployment {
  const { annotations } = deployment.metadata;
  if (annotations?.[REVISION] === revision) return deployment;
  return { ...deployment, metadata: { ...deployment.metadata, annotations: { ...annotations, [REVISION]: revision } } };
}

const UNLIMITED = 2 ** 31 - 1;

/** Deletes the oldest of the old sets beyond spec.revisionHistoryLimit; those that have or are asked for pods stay. */
export function* cleanUp({ deployment, old }: Rollout): Part<void> {
  const { revisionHistoryLimit = UNLIMITED } = deployment.spec;
  if (revisionHistoryLimit === UNLIMITED) return;
  const kept = old.filter(({ metadata }) => !metadata.deletionTimestamp);
  const surplus = kept
    .toSorted((a, b) => Number(revisionOf(a) - revisionOf(b)))
    .slice(0, Math.max(0, kept.length - revisionHistoryLimit));
  for (const set of surplus.filter(isIdle)) {
    const [{ refusal }] = yield [deletion(set)];
    if (refusal && refusal.code !== NOT_FOUND) throw new RefusedError(refusal);
  }
}

function isIdle(set: ReplicaSet): boolean {
  const { replicas = 0, terminatingReplicas = 0, observedGeneration = 0 } = set.status ?? {};
  const isReported = (set.metadata.generation ?? 0) <= observedGeneration;
  return replicas === 0 && terminatingReplicas === 0 && replicasOf(set) === 0 && isReported;
}

function deletion({ metadata: { namespace = '', name, uid } }: KubeObject): Action {
  return { type: 'delete', resource: REPLICA_SETS, namespace, name, uid };
}
