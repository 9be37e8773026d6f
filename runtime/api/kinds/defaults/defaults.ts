/**
 * What an API server fills into an object of each kind before admission and validation look at it. Kinds that the
 * scheduler reads have part of their defaults in core/objects; this adds what only an API's clients see.
 */
import {
  defaultEndpointSlice,
  defaultService,
  type EndpointSlice,
  type KubeObject,
  type Labels,
  objectAt,
  type PlainObject,
  type PodSpec,
  type Service,
  withMergedLabelKeys,
} from '../../../../core/objects/index.ts';
import { copyOf, put, within } from './fill.ts';
import {
  fillBinding,
  fillClaim,
  fillEndpoints,
  fillLimitRange,
  fillNamespace,
  fillNetworkPolicy,
  fillSecret,
  fillVolume,
} from './plain-kinds.ts';
import { fillPodSpec } from './pod-spec.ts';
import {
  fillAutoscaler,
  fillCronJob,
  fillDaemonSet,
  fillDeployment,
  fillJob,
  fillPodTemplate,
  fillReplicaSet,
  fillReplicationController,
  fillStatefulSet,
} from './workloads.ts';

/** Changes the object in place. */
type Filler = (object: PlainObject) => void;

function fillPod(pod: PlainObject): void {
  const spec = fillPodSpec(within(pod, 'spec'));
  put(spec, 'enableServiceLinks', true);
  const labels = objectAt(within(pod, 'metadata'), 'labels') ?? {};
  pod.spec = withMergedLabelKeys(spec as unknown as PodSpec, labels as Labels);
}

const putAll =
  (values: PlainObject): Filler =>
  (object) => {
    for (const [field, value] of Object.entries(values)) put(object, field, value);
  };

/** 'group/Kind' → its filler; a kind that is not here has no defaults. */
const FILLERS: ReadonlyMap<string, Filler> = new Map<string, Filler>([
  ['/Pod', fillPod],
  ['/PodTemplate', fillPodTemplate],
  ['/ReplicationController', fillReplicationController],
  ['/Service', (service) => void Object.assign(service, defaultService(service as unknown as Service))],
  ['/Secret', fillSecret],
  ['/Namespace', fillNamespace],
  ['/Endpoints', fillEndpoints],
  ['/PersistentVolume', fillVolume],
  ['/PersistentVolumeClaim', fillClaim],
  ['/LimitRange', fillLimitRange],
  ['apps/Deployment', fillDeployment],
  ['apps/ReplicaSet', fillReplicaSet],
  ['apps/StatefulSet', fillStatefulSet],
  ['apps/DaemonSet', fillDaemonSet],
  ['batch/Job', fillJob],
  ['batch/CronJob', fillCronJob],
  ['autoscaling/HorizontalPodAutoscaler', fillAutoscaler],
  [
    'discovery.k8s.io/EndpointSlice',
    (slice) => void Object.assign(slice, defaultEndpointSlice(slice as unknown as EndpointSlice)),
  ],
  ['networking.k8s.io/NetworkPolicy', fillNetworkPolicy],
  ['rbac.authorization.k8s.io/RoleBinding', fillBinding],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', fillBinding],
  ['scheduling.k8s.io/PriorityClass', putAll({ preemptionPolicy: 'PreemptLowerPriority' })],
  ['storage.k8s.io/StorageClass', putAll({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' })],
]);

/** The object with its defaults; never changes its argument; twice is once. `group` is '' for the core group. */
export function fillDefaults<T extends KubeObject>(group: string, kind: string, object: T): T {
  const filler = FILLERS.get(`${group}/${kind}`);
  if (!filler) return object;
  const copy = copyOf(object) as unknown as PlainObject;
  filler(copy);
  return copy as unknown as T;
}
