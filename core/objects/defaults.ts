/**
 * What an API server, its admission and the node controller have filled in by the time the scheduler reads an object.
 * A cluster's own dump passes unchanged; a hand-written manifest becomes what the cluster would hold.
 * Source: Kubernetes v1.36, pkg/apis/{core,storage,scheduling,apps}/v1/defaults.go, and the files named in defaults/.
 */
import type { DefaultsContext } from './defaults/context.ts';

export { withNodeTolerations, withRuntimeClass } from './defaults/pod.ts';

import { defaultPod } from './defaults/pod.ts';
import { roundedUp } from './defaults/resources.ts';
import { defaultEndpointSlice, defaultService } from './defaults/service.ts';
import type {
  CSIDriver,
  EndpointSlice,
  KubeObject,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  Pod,
  PriorityClass,
  ReplicationController,
  SelectorOwner,
  Service,
  StorageClass,
} from './types.ts';
import { lookUpKind } from './validate/kinds.ts';

export {
  type DefaultsContext,
  defaultsContext,
  type RuntimeClass,
  SYSTEM_PRIORITY_CLASSES,
} from './defaults/context.ts';

/** Never changes its argument; applying it twice is applying it once. `object` has passed validation. */
export function applyDefaults<T extends KubeObject>(object: T, context: DefaultsContext = {}): T {
  const placed = withNamespace(object);
  const fill = FILLERS.get(`${object.apiVersion} ${object.kind}`);
  return fill ? (fill(placed, context) as T) : placed;
}

function withNamespace<T extends KubeObject>(object: T): T {
  const verdict = lookUpKind(object.apiVersion, object.kind);
  const namespaced = 'known' in verdict ? verdict.known.namespaced : 'kept' in verdict ? verdict.namespaced : undefined;
  const { namespace, ...rest } = object.metadata ?? {};
  if (namespaced === true && !namespace) return { ...object, metadata: { ...rest, namespace: 'default' } };
  if (namespaced === false && namespace !== undefined) return { ...object, metadata: rest };
  return object;
}

type Filler = (object: KubeObject, context: DefaultsContext) => KubeObject;

const FILLERS: ReadonlyMap<string, Filler> = new Map<string, Filler>([
  ['v1 Pod', (object, context) => defaultPod(object as Pod, context)],
  ['v1 Node', (object) => defaultNode(object as Node)],
  ['v1 Namespace', (object) => defaultNamespace(object as Namespace)],
  ['v1 PersistentVolume', (object) => defaultVolume(object as PersistentVolume)],
  ['v1 PersistentVolumeClaim', (object, context) => defaultClaim(object as PersistentVolumeClaim, context)],
  ['v1 Service', (object) => defaultService(object as Service)],
  ['discovery.k8s.io/v1 EndpointSlice', (object) => defaultEndpointSlice(object as EndpointSlice)],
  ['v1 ReplicationController', (object) => defaultController(object as ReplicationController)],
  ['apps/v1 Deployment', withReplicas],
  ['apps/v1 ReplicaSet', withReplicas],
  ['apps/v1 StatefulSet', withReplicas],
  [
    'storage.k8s.io/v1 StorageClass',
    (object) => {
      const { volumeBindingMode = 'Immediate', reclaimPolicy = 'Delete', ...rest } = object as StorageClass;
      return { ...rest, reclaimPolicy, volumeBindingMode };
    },
  ],
  [
    'storage.k8s.io/v1 CSIDriver',
    (object) => {
      const { spec } = object as CSIDriver;
      return {
        ...object,
        spec: {
          ...spec,
          attachRequired: spec?.attachRequired ?? true,
          storageCapacity: spec?.storageCapacity ?? false,
        },
      };
    },
  ],
  [
    'scheduling.k8s.io/v1 PriorityClass',
    (object) => {
      const { preemptionPolicy = 'PreemptLowerPriority' } = object as PriorityClass;
      return { ...object, preemptionPolicy };
    },
  ],
]);

const UNSCHEDULABLE = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** The taint is the node controller's; NodeUnschedulable itself reads spec.unschedulable. */
function defaultNode(node: Node): Node {
  const { spec, status } = node;
  const filled: Node = { ...node };
  const taints = spec?.taints ?? [];
  const tainted = taints.some(({ key, effect }) => key === UNSCHEDULABLE.key && effect === UNSCHEDULABLE.effect);
  if (spec?.unschedulable && !tainted) filled.spec = { ...spec, taints: [...taints, { ...UNSCHEDULABLE }] };
  if (!status) return filled;
  const capacity = status.capacity && roundedUp(status.capacity);
  const allocatable = status.allocatable ? roundedUp(status.allocatable) : capacity;
  filled.status = { ...status, ...(capacity && { capacity }), ...(allocatable && { allocatable: { ...allocatable } }) };
  return filled;
}

function defaultNamespace(namespace: Namespace): Namespace {
  const { metadata } = namespace;
  return {
    ...namespace,
    metadata: { ...metadata, labels: { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name } },
  };
}

function defaultVolume(volume: PersistentVolume): PersistentVolume {
  const { spec } = volume;
  return {
    ...volume,
    spec: {
      ...spec,
      volumeMode: spec.volumeMode ?? 'Filesystem',
      ...(spec.capacity && { capacity: roundedUp(spec.capacity) }),
    },
  };
}

function defaultClaim(claim: PersistentVolumeClaim, context: DefaultsContext): PersistentVolumeClaim {
  return { ...claim, spec: defaultClaimSpec(claim.spec, context) };
}

/** Also for the claims that controllers make from templates. A bound claim needs no class any more. */
function defaultClaimSpec(
  spec: PersistentVolumeClaimSpec,
  { defaultStorageClass }: DefaultsContext,
): PersistentVolumeClaimSpec {
  const { resources } = spec;
  const classless = spec.storageClassName === undefined && !spec.volumeName && defaultStorageClass;
  return {
    ...spec,
    volumeMode: spec.volumeMode ?? 'Filesystem',
    ...(classless && { storageClassName: defaultStorageClass.metadata.name }),
    ...(resources && {
      resources: {
        ...resources,
        ...(resources.requests && { requests: roundedUp(resources.requests) }),
        ...(resources.limits && { limits: roundedUp(resources.limits) }),
      },
    }),
  };
}

function withReplicas(object: KubeObject): KubeObject {
  const { spec } = object as SelectorOwner;
  return { ...object, spec: { ...spec, replicas: spec?.replicas ?? 1 } } as SelectorOwner;
}

/** Without a selector, a ReplicationController selects by the labels of its template. */
function defaultController(object: ReplicationController): ReplicationController {
  const { spec } = object;
  const labels = spec?.template?.metadata?.labels;
  const selector = Object.keys(spec?.selector ?? {}).length > 0 ? spec?.selector : labels;
  return { ...object, spec: { ...spec, replicas: spec?.replicas ?? 1, ...(selector && { selector }) } };
}
