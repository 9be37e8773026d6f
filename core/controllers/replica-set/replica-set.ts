/**
 * As many pods as a set asks for: too few are made, too many deleted, and its status says how it stands.
 * Source: Kubernetes v1.36, pkg/controller/replicaset/replica_set.go.
 */
import { isFinished, isTerminating, type Pod } from '../../objects/types.ts';
import {
  type Action,
  type Controller,
  NOT_FOUND,
  type Part,
  type Refusal,
  RefusedError,
  type Sync,
  splitKey,
  unlessGone,
  type World,
} from '../controller.ts';
import { Expectations } from '../expectations.ts';
import type { ReplicaSet, ReplicaSetStatus } from '../kinds.ts';
import { claim, controllerOf } from '../owners.ts';
import { availableAfter, isActive } from '../pod-state.ts';
import { PODS } from '../resources.ts';
import { sameValue } from '../same-value.ts';
import { slowStart } from '../slow-start.ts';
import { type KindOfSet, OF_REPLICA_SETS } from './kind-of-set.ts';
import { podOf } from './pod-of.ts';
import { podsToDelete } from './rank.ts';
import { replicaSetStatus } from './status.ts';
import { podWatch, setWatch } from './watches.ts';

/** Pods made or deleted in one look. */
const BURST = 500;

export function replicaSetController(kind: KindOfSet = OF_REPLICA_SETS): Controller {
  const expectations = new Expectations();
  return {
    name: kind.name,
    watches: [setWatch(kind, expectations), podWatch(kind, expectations)],
    *sync(key, world) {
      const { namespace, name } = splitKey(key);
      const owner = world.observed.get(kind.resource, namespace, name) as ReplicaSet | undefined;
      if (!owner) {
        expectations.forget(key);
        return undefined;
      }
      return yield* syncSet({ kind, expectations, key, owner, world });
    },
  };
}

interface Look {
  kind: KindOfSet;
  expectations: Expectations;
  key: string;
  owner: ReplicaSet;
  world: World;
}

function* syncSet(look: Look): Sync {
  const { kind, expectations, key, owner, world } = look;
  const { nowMs } = world;
  // Asked before the pods are read: what arrives in between is then not counted twice.
  const mayManage = expectations.satisfied(key, nowMs);
  const { uid = '', namespace = '' } = owner.metadata;
  const mine = [...world.observed.controlledBy(PODS, uid, namespace)] as Pod[];
  const nobodys = [...world.observed.controlledBy(PODS, '', namespace)] as Pod[];
  const selector = kind.selectorOf(owner);
  const candidates = [...mine, ...nobodys].filter(isActive);
  const active = yield* claim({ owner, ownerResource: kind.resource, selector, resource: PODS }, candidates);
  // A pod that we have just told to go is not to be counted on by a Deployment; Kubernetes does until it has observed it.
  const isLeft = ({ metadata }: Pod): boolean => !expectations.awaitsDeletion(key, metadata.uid ?? '');
  const terminating = mine.filter((pod) => isTerminating(pod) && !isFinished(pod)).length;
  const refusal = mayManage && !owner.metadata.deletionTimestamp ? yield* manage(look, active) : undefined;
  const status = replicaSetStatus(owner, {
    active: active.filter(isLeft),
    nowMs,
    failure: refusal?.message,
    ...(kind.countsTerminating && { terminating }),
  });
  yield* writeStatus(look, status);
  if (refusal) throw new RefusedError(refusal);
  return { afterMs: nextLook(look, active) };
}

// --- too few, too many -----------------------------------------------------------------------------------------------

function* manage(look: Look, active: readonly Pod[]): Part<Refusal | undefined> {
  const missing = (look.owner.spec.replicas ?? 1) - active.length;
  if (missing > 0) return yield* makePods(look, Math.min(missing, BURST));
  if (missing < 0) return yield* deletePods(look, active, Math.min(-missing, BURST));
  return undefined;
}

function* makePods({ expectations, key, owner, world }: Look, count: number): Part<Refusal | undefined> {
  const { template } = owner.spec;
  if (!template) return undefined;
  expectations.expectCreations(key, count, world.nowMs);
  const actions = Array.from({ length: count }, (): Action => {
    return { type: 'create', resource: PODS, object: podOf(owner, template) };
  });
  const { outcomes, refusal } = yield* slowStart(actions);
  const made = outcomes.filter((outcome) => !outcome.refusal);
  for (let i = made.length; i < count; i++) expectations.creationObserved(key);
  const ending = refusal?.causes.includes('NamespaceTerminating');
  yield [
    ...made.map(({ object }) => event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${object?.metadata.name}`)),
    ...(refusal && !ending ? [event(owner, 'Warning', 'FailedCreate', `Error creating: ${refusal.message}`)] : []),
  ];
  // Nothing can be made there any more, and nothing has to.
  return ending ? undefined : refusal;
}

function* deletePods(look: Look, active: readonly Pod[], count: number): Part<Refusal | undefined> {
  const { expectations, key, owner, world } = look;
  const pods = podsToDelete(active, relatedPods(look, active), count, world.nowMs);
  const uidOf = ({ metadata }: Pod): string => metadata.uid ?? '';
  expectations.expectDeletions(key, pods.map(uidOf), world.nowMs);
  const outcomes = yield pods.map(({ metadata: { namespace = '', name, uid } }): Action => {
    return { type: 'delete', resource: PODS, namespace, name, uid };
  });
  const events: Action[] = [];
  let first: Refusal | undefined;
  for (const [i, { refusal }] of outcomes.entries()) {
    const { name } = pods[i].metadata;
    if (!refusal) {
      events.push(event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`));
      continue;
    }
    expectations.deletionObserved(key, uidOf(pods[i]));
    if (refusal.code === NOT_FOUND) continue;
    first ??= refusal;
    events.push(event(owner, 'Warning', 'FailedDelete', `Error deleting: ${refusal.message}`));
  }
  yield events;
  return first;
}

function event(about: ReplicaSet, severity: 'Normal' | 'Warning', reason: string, message: string): Action {
  return { type: 'event', about, severity, reason, message };
}

/** The pods of all sets with the same owner: a Deployment's revisions share the nodes. */
function* relatedPods({ kind, owner, world }: Look, active: readonly Pod[]): Generator<Pod> {
  const { namespace = '' } = owner.metadata;
  const above = controllerOf(owner);
  if (!above) {
    yield* active;
    return;
  }
  for (const { metadata } of world.observed.controlledBy(kind.resource, above.uid, namespace)) {
    yield* world.observed.controlledBy(PODS, metadata.uid ?? '', namespace) as Iterable<Pod>;
  }
}

// --- status ----------------------------------------------------------------------------------------------------------

function* writeStatus({ kind, owner }: Look, status: ReplicaSetStatus): Part<void> {
  const same = sameValue(
    { ...owner.status, observedGeneration: undefined },
    { ...status, observedGeneration: undefined },
  );
  if (same && owner.status?.observedGeneration === owner.metadata.generation) return;
  const object = { ...owner, status } as ReplicaSet;
  yield* unlessGone({ type: 'update', resource: kind.resource, object, subresource: 'status' });
}

/** When the next ready pod becomes available, or what is awaited is given up. */
function nextLook({ expectations, key, owner, world: { nowMs } }: Look, active: readonly Pod[]): number | undefined {
  const { minReadySeconds = 0 } = owner.spec;
  const times = active
    .map((pod) => availableAfter(pod, minReadySeconds, nowMs))
    .filter((ms) => ms !== undefined && ms > 0);
  const all = [...times, expectations.givenUpAfter(key, nowMs)].filter((ms) => ms !== undefined);
  return all.length > 0 ? Math.min(...all) : undefined;
}
