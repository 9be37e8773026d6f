/**
 * The size of each ReplicaSet when a Deployment as a whole is scaled: in proportion, while several have pods.
 * Source: Kubernetes v1.36, pkg/controller/deployment/sync.go (scale), util/deployment_util.go (GetReplicaSetProportion).
 */
import { type Action, must, type Part } from '../controller.ts';
import type { Deployment, ReplicaSet } from '../kinds.ts';
import { REPLICA_SETS } from '../resources.ts';
import { desiredReplicas, maxReplicas, withSizes } from './annotations.ts';
import { isRollingUpdate, maxSurge, replicasOf } from './fenceposts.ts';
import { activeSets, allSets, askedOf, byCreation, type Rollout } from './rollout.ts';

/** Whether the Deployment's size is another one than its sets were scaled for. */
export function isScaling(rollout: Rollout): boolean {
  const wanted = replicasOf(rollout.deployment);
  return activeSets(allSets(rollout)).some((set) => {
    const noted = desiredReplicas(set);
    return noted !== undefined && noted !== wanted;
  });
}

/** Scales without rolling anything forward. */
export function* scale(rollout: Rollout): Part<void> {
  const { deployment } = rollout;
  const only = activeOrLatest(rollout);
  if (only) {
    yield* resize(rollout, only, replicasOf(deployment));
  } else if (isSaturated(deployment, rollout.newest)) {
    for (const set of activeSets(rollout.old)) yield* resize(rollout, set, 0);
  } else if (isRollingUpdate(deployment)) {
    const sizes = proportionalSizes(deployment, allSets(rollout));
    for (const [set, size] of sizes) yield* resize(rollout, set, size, { evenNotes: true });
  }
}

/** The one set that has pods, or the newest where none has; undefined when several have. */
function activeOrLatest(rollout: Rollout): ReplicaSet | undefined {
  const active = activeSets(allSets(rollout));
  if (active.length > 1) return undefined;
  return active[0] ?? rollout.newest ?? [...rollout.old].sort(byCreation).at(-1);
}

/** The newest set has all pods of the Deployment, and all of them are available. */
function isSaturated(deployment: Deployment, newest: ReplicaSet | undefined): boolean {
  const wanted = replicasOf(deployment);
  return (
    newest !== undefined &&
    replicasOf(newest) === wanted &&
    desiredReplicas(newest) === wanted &&
    (newest.status?.availableReplicas ?? 0) === wanted
  );
}

/** What is added or taken away is shared by size; the largest takes what rounding leaves. */
export function proportionalSizes(deployment: Deployment, all: readonly ReplicaSet[]): [ReplicaSet, number][] {
  const wanted = replicasOf(deployment);
  const allowed = wanted > 0 ? wanted + maxSurge(deployment) : 0;
  const sets = activeSets(all);
  const toAdd = allowed - askedOf(sets);
  const ties = toAdd > 0 ? -1 : 1; // Of two of one size the newer grows first, and the older shrinks first.
  sets.sort((a, b) => replicasOf(b) - replicasOf(a) || ties * byCreation(a, b));
  let added = 0;
  const sizes = sets.map((set): [ReplicaSet, number] => {
    const share = toAdd === 0 ? 0 : proportion(deployment, set, toAdd, added);
    added += share;
    return [set, replicasOf(set) + share];
  });
  if (sizes.length > 0 && toAdd !== 0) sizes[0][1] = Math.max(0, sizes[0][1] + toAdd - added);
  return sizes;
}

function proportion(deployment: Deployment, set: ReplicaSet, toAdd: number, added: number): number {
  const left = toAdd - added;
  const fraction = fractionOf(deployment, set);
  return toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

/** How much the set should grow for the Deployment's new size; below zero: shrink. */
function fractionOf(deployment: Deployment, set: ReplicaSet): number {
  const wanted = replicasOf(deployment);
  const has = replicasOf(set);
  if (wanted === 0) return -has;
  const before = maxReplicas(set) || deployment.status?.replicas || 0;
  const size = (has * (wanted + maxSurge(deployment))) / before;
  return Number.isFinite(size) ? Math.round(size) - has : 0;
}

export interface Resize {
  /** Also write when only the noted sizes have changed. */
  evenNotes?: boolean;
}

/**
 * @returns whether the set was asked for another number of pods. The rollout holds the set as it was answered.
 * @throws RefusedError
 */
export function* resize(
  rollout: Rollout,
  set: ReplicaSet,
  size: number,
  { evenNotes = false }: Resize = {},
): Part<boolean> {
  const had = replicasOf(set);
  const noted = set.metadata.annotations ?? {};
  const annotations = withSizes(noted, rollout.deployment);
  if (had === size && !(evenNotes && annotations !== noted)) return false;
  const object: ReplicaSet = {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: { ...set.spec, replicas: size },
  };
  const written = yield* must({ type: 'update', resource: REPLICA_SETS, object });
  replaceSet(rollout, written as ReplicaSet);
  rollout.wrote(written as ReplicaSet);
  if (had !== size) yield [scaled(rollout.deployment, set, had, size)];
  return had !== size;
}

/** Told in Kubernetes' words. */
export function scaled(about: Deployment, { metadata }: ReplicaSet, from: number, to: number): Action {
  const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${metadata.name} from ${from} to ${to}`;
  return { type: 'event', about, severity: 'Normal', reason: 'ScalingReplicaSet', message };
}

export function replaceSet(rollout: Rollout, set: ReplicaSet): void {
  const is = ({ metadata }: ReplicaSet): boolean => metadata.uid === set.metadata.uid;
  if (rollout.newest && is(rollout.newest)) rollout.newest = set;
  else rollout.old = rollout.old.map((one) => (is(one) ? set : one));
}
