/** Kubernetes objects in one line each: what a test does not name has a harmless default. */
import type {
  CSINode,
  KubeObject,
  Labels,
  Namespace,
  Node,
  ObjectMeta,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodSpec,
  PodStatus,
  ResourceList,
  Service,
  StorageClass,
  Taint,
} from '../../core/objects/types.ts';

export interface NodeParts {
  /** allocatable; by default 4 cpu, 8Gi, 110 pods. A name set to '0' overrides. */
  has?: ResourceList;
  labels?: Labels;
  taints?: Taint[];
  unschedulable?: boolean;
  /** Image name → bytes. */
  images?: Record<string, number>;
  declaredFeatures?: string[];
}

export function node(name: string, parts: NodeParts = {}): Node {
  const { has, labels, taints, unschedulable, images = {}, declaredFeatures } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { taints, unschedulable },
    status: {
      allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...has },
      images: Object.entries(images).map(([image, sizeBytes]) => ({ names: [image], sizeBytes })),
      declaredFeatures,
    },
  };
}

export interface PodParts {
  /** The node it runs on; absent: it is pending. */
  on?: string;
  namespace?: string;
  labels?: Labels;
  priority?: number;
  /** Requests of its one container. */
  asks?: ResourceList;
  metadata?: Partial<ObjectMeta>;
  spec?: Partial<PodSpec>;
  status?: PodStatus;
}

export function pod(name: string, parts: PodParts = {}): Pod {
  const { on, namespace = 'default', labels, priority, asks, metadata, spec, status } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid: `uid-of-${namespace}-${name}`, labels, ...metadata },
    spec: {
      containers: [{ name: 'main', resources: { requests: asks } }],
      ...(on === undefined ? {} : { nodeName: on }),
      ...(priority === undefined ? {} : { priority }),
      ...spec,
    },
    status,
  };
}

/** A pod's container that declares one host port. */
export function hostPort(port: number, { hostIP, protocol }: { hostIP?: string; protocol?: string } = {}): PodSpec {
  return { containers: [{ name: 'main', ports: [{ containerPort: port, hostPort: port, hostIP, protocol }] }] };
}

export function namespace(name: string, labels: Labels = {}): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

export function service(name: string, selector: Labels | undefined, inNamespace = 'default'): Service {
  const spec = { selector, ports: [{ port: 80 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: inNamespace }, spec };
}

/** Mounts claims of these names. */
export function mounts(...claims: string[]): Partial<PodSpec> {
  return { volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) };
}

export interface ClaimParts {
  storageClassName?: string;
  /** The volume it is bound to. */
  volumeName?: string;
  asks?: string;
  accessModes?: string[];
  metadata?: Partial<ObjectMeta>;
  spec?: Partial<PersistentVolumeClaim['spec']>;
}

export function claim(name: string, parts: ClaimParts = {}): PersistentVolumeClaim {
  const {
    storageClassName = 'wait',
    volumeName,
    asks = '5Gi',
    accessModes = ['ReadWriteOnce'],
    metadata,
    spec,
  } = parts;
  const annotations: Record<string, string> = volumeName ? { 'pv.kubernetes.io/bind-completed': 'yes' } : {};
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default', uid: `uid-of-claim-${name}`, annotations, ...metadata },
    spec: { storageClassName, volumeName, accessModes, resources: { requests: { storage: asks } }, ...spec },
    status: { phase: volumeName ? 'Bound' : 'Pending' },
  };
}

export interface VolumeParts {
  storageClassName?: string;
  has?: string;
  labels?: Labels;
  /** Label values that nodes must have: key → value. */
  reaches?: Labels;
  accessModes?: string[];
  metadata?: Partial<ObjectMeta>;
  spec?: Partial<PersistentVolume['spec']>;
  phase?: string;
}

export function volume(name: string, parts: VolumeParts = {}): PersistentVolume {
  const { storageClassName = 'wait', has = '10Gi', labels, reaches, accessModes = ['ReadWriteOnce'], phase } = parts;
  const matchExpressions = Object.entries(reaches ?? {}).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
  }));
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels, ...parts.metadata },
    spec: {
      capacity: { storage: has },
      accessModes,
      storageClassName,
      ...(reaches ? { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } } : {}),
      ...parts.spec,
    },
    status: { phase: phase ?? 'Available' },
  };
}

/** Waits for the first consumer by default. */
export function storageClass(name: string, parts: Partial<StorageClass> = {}): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
    ...parts,
  };
}

/** Driver → how many volumes the node may hold; undefined: no limit. */
export function csiNode(name: string, limits: Record<string, number | undefined>): CSINode {
  const drivers = Object.entries(limits).map(([driver, count]) => ({
    name: driver,
    nodeID: name,
    ...(count === undefined ? {} : { allocatable: { count } }),
  }));
  return { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name }, spec: { drivers } };
}

/** An object of a kind that has no builder of its own. */
export function object<T extends KubeObject>(kind: string, name: string, fields: Omit<T, keyof KubeObject>): T {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'default' }, ...fields } as unknown as T;
}
