/** What the checkers ask of the objects of the made-up API. */
import {
  controllerOf,
  DEPLOYMENTS,
  type Deployment,
  DISRUPTION_BUDGETS,
  type KubeObject,
  PODS,
  type Pod,
  type PodDisruptionBudget,
  REPLICA_SETS,
  type ReplicaSet,
} from '../../../core/index.ts';
import type { BudgetObjects } from '../../checkers/budgets.ts';
import type { Objects } from '../../checkers/rollouts.ts';
import type { MadeUpApi } from '../world/api.ts';

export function checkedRollouts({ objects }: MadeUpApi): Objects {
  const below = (resource: typeof PODS, { metadata: { uid = '', namespace = '' } }: KubeObject): Iterable<KubeObject> =>
    objects.controlledBy(resource, uid, namespace);
  return {
    setsOf: (deployment) => below(REPLICA_SETS, deployment) as Iterable<ReplicaSet>,
    podsOf: (set) => below(PODS, set) as Iterable<Pod>,
    deploymentOf: (object) => deploymentAbove(objects, object),
  };
}

export function checkedBudgets(api: MadeUpApi): BudgetObjects {
  const { objects, kinds } = api;
  return {
    budgets: (namespace) => objects.list(DISRUPTION_BUDGETS, namespace) as Iterable<PodDisruptionBudget>,
    pods: (namespace) => objects.list(PODS, namespace) as Iterable<Pod>,
    scaledOwner(pod) {
      const owner = controllerOf(pod);
      const kind = owner && kinds.of(owner);
      const set = kind && objects.get(kind, pod.metadata.namespace ?? '', owner.name);
      return set && (deploymentAbove(objects, set) ?? set);
    },
  };
}

/** Of a ReplicaSet, or of a pod. */
function deploymentAbove(objects: MadeUpApi['objects'], object: KubeObject): Deployment | undefined {
  const { namespace = '' } = object.metadata;
  const owner = controllerOf(object);
  if (owner?.kind === 'ReplicaSet') {
    const set = objects.get(REPLICA_SETS, namespace, owner.name);
    return set?.metadata.uid === owner.uid ? deploymentAbove(objects, set) : undefined;
  }
  if (owner?.kind !== 'Deployment') return undefined;
  const found = objects.get(DEPLOYMENTS, namespace, owner.name) as Deployment | undefined;
  return found?.metadata.uid === owner.uid ? found : undefined;
}
