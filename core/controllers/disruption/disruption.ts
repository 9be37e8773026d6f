/**
 * How many pods of a PodDisruptionBudget may be evicted now.
 * Source: Kubernetes v1.36, pkg/controller/disruption/disruption.go.
 */
import { compileLabelSelector, NOTHING, type Selector, selectorMatches } from '../../objects/selectors.ts';
import { type KubeObject, keyOf, type Pod, type PodDisruptionBudget } from '../../objects/types.ts';
import { type Condition, withCondition } from '../conditions.ts';
import { type Controller, type Observed, type Sync, splitKey, tell, unlessGone, type World } from '../controller.ts';
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

/** A pod whose eviction was allowed and that is still there after this time will stay. */
const DELETION_LIMIT_MS = 120_000;

const SCALED = new Map([
  ['ReplicaSet', REPLICA_SETS],
  ['ReplicationController', REPLICATION_CONTROLLERS],
  ['StatefulSet', STATEFUL_SETS],
  ['Deployment', DEPLOYMENTS],
]);

export function disruptionController(): Controller {
  const budgetsOf = (namespace: string | undefined, observed: Observed): string[] =>
    [...observed.list(DISRUPTION_BUDGETS, namespace)].map(keyOf);
  return {
    name: 'disruption-controller',
    watches: [
      { resource: DISRUPTION_BUDGETS, keys: ({ object, gone }) => (gone ? [] : [keyOf(object)]) },
      {
        resource: PODS,
        *keys({ object, old }, observed) {
          for (const budget of observed.list(DISRUPTION_BUDGETS, object.metadata.namespace)) {
            const selector = selectorOf(budget as PodDisruptionBudget);
            const did = old && selectorMatches(selector, old.metadata.labels);
            if (did || selectorMatches(selector, object.metadata.labels)) yield keyOf(budget);
          }
        },
      },
      ...[...SCALED.values()].map((resource) => ({
        resource,
        keys: ({ object, old }: { object: KubeObject; old?: KubeObject }, observed: Observed) =>
          old && scaleOf(old) === scaleOf(object) ? [] : budgetsOf(object.metadata.namespace, observed),
      })),
    ],
    *sync(key, world) {
      const { namespace, name } = splitKey(key);
      const budget = world.observed.get(DISRUPTION_BUDGETS, namespace, name) as PodDisruptionBudget | undefined;
      return budget ? yield* syncBudget(budget, world) : undefined;
    },
  };
}

const compiled = new WeakMap<PodDisruptionBudget, Selector>();

function selectorOf(budget: PodDisruptionBudget): Selector {
  let selector = compiled.get(budget);
  if (!selector) compiled.set(budget, (selector = compileLabelSelector(budget.spec?.selector) ?? NOTHING));
  return selector;
}

function scaleOf(owner: KubeObject): number {
  return (owner as { spec?: { replicas?: number } }).spec?.replicas ?? 1;
}

function* syncBudget(budget: PodDisruptionBudget, { observed, nowMs }: World): Sync {
  const selector = selectorOf(budget);
  const pods = ([...observed.list(PODS, budget.metadata.namespace)] as Pod[]).filter(({ metadata }) =>
    selectorMatches(selector, metadata.labels),
  );
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
  if (!sameValue(status, budget.status)) {
    const object = { ...budget, status } as PodDisruptionBudget;
    yield* unlessGone({ type: 'update', resource: DISRUPTION_BUDGETS, object, subresource: 'status' });
  }
  return { afterMs: againMs };
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
  for (const pod of pods) {
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
