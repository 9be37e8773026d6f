/**
 * Kubernetes' own objects as plain data: the kinds and fields the scheduler honours, spelled as in JSON.
 * Fields that no part of Keelson reads are kept by `unknown` index signatures, never dropped.
 * Source: Kubernetes v1.36, staging/src/k8s.io/api/{core,apps,storage,policy,scheduling,resource}.
 */
import type { KubeObject, Labels, ObjectMeta } from './meta.ts';

export * from './meta.ts';
export type * from './service.ts';

// --- quantities --------------------------------------------------------------------------------------------------

/** A quantity as written: '500m', '1Gi', or a bare number in JSON. See quantity.ts. */
export type QuantityText = string | number;
export type ResourceList = Record<string, QuantityText>;

// --- selectors ---------------------------------------------------------------------------------------------------

export interface LabelSelectorRequirement {
  key: string;
  operator: string;
  values?: string[];
}
/** nil selects nothing, {} selects everything. */
export interface LabelSelector {
  matchLabels?: Labels;
  matchExpressions?: LabelSelectorRequirement[];
}
export interface NodeSelectorRequirement {
  key: string;
  operator: string;
  values?: string[];
}
export interface NodeSelectorTerm {
  matchExpressions?: NodeSelectorRequirement[];
  matchFields?: NodeSelectorRequirement[];
}
export interface NodeSelector {
  nodeSelectorTerms: NodeSelectorTerm[];
}
export interface TopologySelectorTerm {
  matchLabelExpressions?: { key: string; values: string[] }[];
}

// --- node --------------------------------------------------------------------------------------------------------

export interface Taint {
  key: string;
  value?: string;
  effect: string;
  timeAdded?: string;
}
export interface ContainerImage {
  names?: string[];
  sizeBytes?: number;
}
export interface NodeSpec {
  unschedulable?: boolean;
  taints?: Taint[];
  providerID?: string;
  podCIDR?: string;
  podCIDRs?: string[];
}
export interface NodeStatus {
  capacity?: ResourceList;
  allocatable?: ResourceList;
  images?: ContainerImage[];
  declaredFeatures?: string[];
  conditions?: { type: string; status: string; reason?: string; message?: string }[];
  [field: string]: unknown;
}
export interface Node extends KubeObject {
  spec?: NodeSpec;
  status?: NodeStatus;
}

// --- pod ---------------------------------------------------------------------------------------------------------

export interface ResourceRequirements {
  requests?: ResourceList;
  limits?: ResourceList;
  claims?: { name: string; request?: string }[];
}
export interface ContainerPort {
  name?: string;
  containerPort?: number;
  hostPort?: number;
  hostIP?: string;
  protocol?: string;
}
export interface Container {
  name: string;
  image?: string;
  ports?: ContainerPort[];
  resources?: ResourceRequirements;
  /** 'Always' on an init container makes it a sidecar. */
  restartPolicy?: string;
  [field: string]: unknown;
}
export interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
}
export interface PreferredSchedulingTerm {
  weight: number;
  preference: NodeSelectorTerm;
}
export interface NodeAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
  preferredDuringSchedulingIgnoredDuringExecution?: PreferredSchedulingTerm[];
}
export interface PodAffinityTerm {
  labelSelector?: LabelSelector;
  namespaces?: string[];
  namespaceSelector?: LabelSelector;
  topologyKey: string;
  matchLabelKeys?: string[];
  mismatchLabelKeys?: string[];
}
export interface WeightedPodAffinityTerm {
  weight: number;
  podAffinityTerm: PodAffinityTerm;
}
/** The same shape serves affinity and anti-affinity. */
export interface PodAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[];
}
export interface Affinity {
  nodeAffinity?: NodeAffinity;
  podAffinity?: PodAffinity;
  podAntiAffinity?: PodAffinity;
}
export interface TopologySpreadConstraint {
  maxSkew: number;
  topologyKey: string;
  whenUnsatisfiable: string;
  labelSelector?: LabelSelector;
  minDomains?: number;
  nodeAffinityPolicy?: string;
  nodeTaintsPolicy?: string;
  matchLabelKeys?: string[];
}
export interface Volume {
  name: string;
  persistentVolumeClaim?: { claimName: string; readOnly?: boolean };
  ephemeral?: { volumeClaimTemplate?: { metadata?: Partial<ObjectMeta>; spec: PersistentVolumeClaimSpec } };
  gcePersistentDisk?: { pdName: string; readOnly?: boolean; [field: string]: unknown };
  awsElasticBlockStore?: { volumeID: string; readOnly?: boolean; [field: string]: unknown };
  iscsi?: { iqn: string; targetPortal?: string; lun?: number; readOnly?: boolean; [field: string]: unknown };
  rbd?: { monitors: string[]; image: string; pool?: string; readOnly?: boolean; [field: string]: unknown };
  azureDisk?: { diskName: string; diskURI: string; [field: string]: unknown };
  csi?: { driver: string; [field: string]: unknown };
  image?: { reference?: string; pullPolicy?: string };
  [source: string]: unknown;
}
export interface PodSpec {
  nodeName?: string;
  schedulerName?: string;
  priority?: number;
  priorityClassName?: string;
  preemptionPolicy?: string;
  containers: Container[];
  initContainers?: Container[];
  overhead?: ResourceList;
  resources?: ResourceRequirements;
  nodeSelector?: Labels;
  affinity?: Affinity;
  tolerations?: Toleration[];
  topologySpreadConstraints?: TopologySpreadConstraint[];
  schedulingGates?: { name: string }[];
  volumes?: Volume[];
  resourceClaims?: { name: string; resourceClaimName?: string; resourceClaimTemplateName?: string }[];
  hostNetwork?: boolean;
  restartPolicy?: string;
  terminationGracePeriodSeconds?: number;
  [field: string]: unknown;
}
export interface ContainerStatus {
  name: string;
  resources?: ResourceRequirements;
  allocatedResources?: ResourceList;
  [field: string]: unknown;
}
export interface PodCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  [field: string]: unknown;
}
export interface PodStatus {
  phase?: string;
  nominatedNodeName?: string;
  startTime?: string;
  conditions?: PodCondition[];
  containerStatuses?: ContainerStatus[];
  initContainerStatuses?: ContainerStatus[];
  resources?: ResourceRequirements;
  allocatedResources?: ResourceList;
  [field: string]: unknown;
}
export interface Pod extends KubeObject {
  spec: PodSpec;
  status?: PodStatus;
}

// --- namespaces, owners -----------------------------------------------------------------------------------------

export interface Namespace extends KubeObject {
  spec?: { finalizers?: string[] };
  status?: { phase?: string };
}
/** ReplicaSet and StatefulSet select by a LabelSelector. */
export interface SelectorOwner extends KubeObject {
  spec?: {
    replicas?: number;
    selector?: LabelSelector;
    template?: { metadata?: Partial<ObjectMeta>; spec: PodSpec };
    [field: string]: unknown;
  };
  status?: Record<string, unknown>;
}
/** ReplicationController selects by a plain label map. */
export interface ReplicationController extends KubeObject {
  spec?: { replicas?: number; selector?: Labels; template?: { metadata?: Partial<ObjectMeta>; spec: PodSpec } };
  status?: Record<string, unknown>;
}

// --- storage -----------------------------------------------------------------------------------------------------

export interface ObjectReference {
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
}
export interface PersistentVolume extends KubeObject {
  spec: {
    capacity?: ResourceList;
    accessModes?: string[];
    claimRef?: ObjectReference;
    storageClassName?: string;
    volumeMode?: string;
    volumeAttributesClassName?: string;
    nodeAffinity?: { required?: NodeSelector };
    csi?: { driver: string; volumeHandle: string; [field: string]: unknown };
    gcePersistentDisk?: { pdName: string; [field: string]: unknown };
    awsElasticBlockStore?: { volumeID: string; [field: string]: unknown };
    azureDisk?: { diskName: string; diskURI?: string; [field: string]: unknown };
    [field: string]: unknown;
  };
  status?: { phase?: string; [field: string]: unknown };
}
export interface PersistentVolumeClaimSpec {
  accessModes?: string[];
  selector?: LabelSelector;
  resources?: { requests?: ResourceList; limits?: ResourceList };
  volumeName?: string;
  storageClassName?: string;
  volumeMode?: string;
  volumeAttributesClassName?: string;
  [field: string]: unknown;
}
export interface PersistentVolumeClaim extends KubeObject {
  spec: PersistentVolumeClaimSpec;
  status?: { phase?: string; [field: string]: unknown };
}
export interface StorageClass extends KubeObject {
  provisioner: string;
  volumeBindingMode?: string;
  allowedTopologies?: TopologySelectorTerm[];
  reclaimPolicy?: string;
  parameters?: Record<string, string>;
}
export interface CSINode extends KubeObject {
  spec: {
    drivers: { name: string; nodeID: string; topologyKeys?: string[]; allocatable?: { count?: number } }[];
  };
}
export interface CSIDriver extends KubeObject {
  spec?: { storageCapacity?: boolean; attachRequired?: boolean; [field: string]: unknown };
}
export interface CSIStorageCapacity extends KubeObject {
  nodeTopology?: LabelSelector;
  storageClassName: string;
  capacity?: QuantityText;
  maximumVolumeSize?: QuantityText;
}
export interface VolumeAttachment extends KubeObject {
  spec: {
    attacher: string;
    nodeName: string;
    source: { persistentVolumeName?: string; inlineVolumeSpec?: PersistentVolume['spec'] };
  };
  status?: { attached?: boolean; [field: string]: unknown };
}

// --- policy ------------------------------------------------------------------------------------------------------

export interface PriorityClass extends KubeObject {
  value: number;
  globalDefault?: boolean;
  preemptionPolicy?: string;
  description?: string;
}
export interface PodDisruptionBudget extends KubeObject {
  spec?: { selector?: LabelSelector; minAvailable?: number | string; maxUnavailable?: number | string };
  status?: { disruptionsAllowed?: number; disruptedPods?: Record<string, string>; [field: string]: unknown };
}

/** The pod's priority; nil counts as 0. */
export function priorityOf(pod: Pod): number {
  return pod.spec.priority ?? 0;
}

export function isTerminating(pod: Pod): boolean {
  return Boolean(pod.metadata.deletionTimestamp);
}

/** A pod in a final phase is invisible to the scheduler. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}
