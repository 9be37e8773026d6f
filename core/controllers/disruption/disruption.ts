/**
 * How many pods of a PodDisruptionBudget may be evicted now.
 * Source: Kubernetes v1.36, pkg/controller/disruption/disruption.go.
 */
import { type KubeObject, keyOf, type Pod, type PodDisruptionBudget } from '../../objects/types.ts';
import { type Condition, withCondition } from '../conditions.ts';
import { type Controller, type Observed, type Part, splitKey, tell, unlessGone, type World } from '../controller.ts';
import { share } from '../deployment/fenceposts.ts';
import { controllerOf } from '../owners.ts';
import { isReady } from '../pod-state.ts';
import {
  DEPLOYMENTS,
  DISRUPTION_BUDGETS,
  PODS,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  STATEFUL_SETS,
} from '../resources.ts';
import { sameValue } from '../same-value.ts';
import { timeOf, timeText } from '../time.ts';
import { PodsOfBudgets } from './pods-of-budgets.ts';

/** A pod whose eviction was allowed and that is still there after this time will stay. */
const DELETION_LIMIT_MS = 120_000;
/** A write whose event was lost is not awaited for longer. */
const OBSERVE_MS = 1000;

const SCALED = new Map([
  ['ReplicaSet', REPLICA_SETS],
  ['ReplicationController', REPLICATION_CONTROLLERS],
  ['StatefulSet', STATEFUL_SETS],
  ['Deployment', DEPLOYMENTS],
]);

export function disruptionController(): Controller {
  const pods = new PodsOfBudgets();
  /** By budget: the version that a status was written over, and until when that write is awaited. */
  const written = new Map<string, { over: string; untilMs: number }>();
  const budgetsOf = (namespace: string | undefined, observed: Observed): string[] =>
    [...observed.list(DISRUPTION_BUDGETS, namespace)].map(keyOf);
  return {
    name: 'disruption-controller',
    watches: [
      {
        resource: DISRUPTION_BUDGETS,
        keys(change) {
          pods.takeBudget(change);
          return change.gone ? [] : [keyOf(change.object)];
        },
      },
      { resource: PODS, keys: (change, observed) => pods.takePod(change, observed) },
      ...[...SCALED.values()].map((resource) => ({
        resource,
        keys({ object, old }: { object: KubeObject; old?: KubeObject }, observed: Observed): string[] {
          // Of a Deployment's ReplicaSets it is the Deployment that says how many pods are expected.
          const isPart = SCALED.has(controllerOf(object)?.kind ?? '');
          if (isPart || (old && scaleOf(old) === scaleOf(object))) return [];
          return budgetsOf(object.metadata.namespace, observed);
        },
      })),
    ],
    *sync(key, world) {
      const { namespace, name } = splitKey(key);
      const budget = world.observed.get(DISRUPTION_BUDGETS, namespace, name) as PodDisruptionBudget | undefined;
      if (!budget) {
        written.delete(key);
        return undefined;
      }
      const { resourceVersion = '' } = budget.metadata;
      const last = written.get(key);
      // Its own write has not been observed yet: another one would be refused, and the event looks again.
      if (last?.over === resourceVersion && world.nowMs < last.untilMs) return { afterMs: last.untilMs - world.nowMs };
      const rest = yield* syncBudget(budget, pods.podsOf(budget, world.observed), world);
      if (rest.isWritten) written.set(key, { over: resourceVersion, untilMs: world.nowMs + OBSERVE_MS });
      else written.delete(key);
      return { afterMs: rest.afterMs };
    },
  };
}

function scaleOf(owner: KubeObject): number {
  return (owner as { spec?: { replicas?: number } }).spec?.replicas ?? 1;
}

interface Written {
  isWritten: boolean;
  afterMs: number | undefined;
}

function* syncBudget(budget: PodDisruptionBudget, pods: readonly Pod[], { observed, nowMs }: World): Part<Written> {
  if (pods.length === 0) yield* tell(budget, 'Normal', 'NoPods', 'No matching pods found');
  const { disrupted, againMs } = disruptedPods(budget, pods, nowMs);
  const currentHealthy = pods.filter(
    (pod) => isReady(pod) && !pod.metadata.deletionTimestamp && !Object.hasOwn(disrupted, pod.metadata.name),
  ).length;
  const { expectedPods, desiredHealthy } = expectation(budget, pods, observed);
  const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
  const { conditions = [] } = (budget.status ?? {}) as { conditions?: readonly Condition[] };
  const status = {
    observedGeneration: budget.metadata.generation,
    ...(Object.keys(disrupted).length > 0 && { disruptedPods: disrupted }),
    disruptionsAllowed,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    conditions: withCondition(conditions, {
      type: 'DisruptionAllowed',
      status: disruptionsAllowed > 0 ? 'True' : 'False',
      reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
      message: '',
      observedGeneration: budget.metadata.generation,
      lastTransitionTime: timeText(nowMs),
    }),
  };
  const isWritten = !sameValue(status, budget.status);
  if (isWritten) {
    const object = { ...budget, status } as PodDisruptionBudget;
    yield* unlessGone({ type: 'update', resource: DISRUPTION_BUDGETS, object, subresource: 'status' });
  }
  return { isWritten, afterMs: againMs };
}

/** Pods whose eviction was allowed and that are not yet seen going. */
function disruptedPods(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  nowMs: number,
): { disrupted: Record<string, string>; againMs: number | undefined } {
  const disrupted: Record<string, string> = {};
  let againMs: number | undefined;
  for (const { metadata } of pods) {
    const time = budget.status?.disruptedPods?.[metadata.name];
    if (time === undefined || metadata.deletionTimestamp) continue;
    const left = (timeOf(time) ?? 0) + DELETION_LIMIT_MS - nowMs;
    if (left <= 0) continue;
    disrupted[metadata.name] = time;
    againMs = Math.min(againMs ?? left, left);
  }
  return { disrupted, againMs };
}

interface Expectation {
  expectedPods: number;
  desiredHealthy: number;
}

function expectation({ spec = {} }: PodDisruptionBudget, pods: readonly Pod[], observed: Observed): Expectation {
  const { maxUnavailable, minAvailable } = spec;
  if (maxUnavailable !== undefined && maxUnavailable !== null) {
    const expectedPods = expectedScale(pods, observed);
    return { expectedPods, desiredHealthy: Math.max(0, expectedPods - share(maxUnavailable, expectedPods, Math.ceil)) };
  }
  if (typeof minAvailable === 'string') {
    const expectedPods = expectedScale(pods, observed);
    return { expectedPods, desiredHealthy: share(minAvailable, expectedPods, Math.ceil) };
  }
  return { expectedPods: pods.length, desiredHealthy: minAvailable ?? 1 };
}

/** Pods that the owners of these are asked for; a pod that nobody controls counts for nothing. */
function expectedScale(pods: readonly Pod[], observed: Observed): number {
  const owners = new Map<string, number>();
  const seen = new Set<string>();
  for (const pod of pods) {
    const { uid = '' } = controllerOf(pod) ?? {};
    if (seen.has(uid)) continue;
    seen.add(uid);
    const owner = scaledOwner(pod, observed);
    if (owner) owners.set(owner.metadata.uid ?? '', scaleOf(owner));
  }
  return [...owners.values()].reduce((sum, scale) => sum + scale, 0);
}

/** A ReplicaSet's Deployment counts in its place. */
function scaledOwner(object: KubeObject, observed: Observed): KubeObject | undefined {
  const reference = controllerOf(object);
  const resource = reference && SCALED.get(reference.kind);
  if (!resource) return undefined;
  const owner = observed.get(resource, object.metadata.namespace ?? '', reference.name);
  if (owner?.metadata.uid !== reference.uid) return undefined;
  return scaledOwner(owner, observed) ?? owner;
}
