/**
 * Which kinds there are: those the scheduler needs, with their schema, and the other built-in ones, which are kept
 * unread. Kinds of other API groups (custom resources) are kept as well.
 * Source: Kubernetes v1.36, client-go/kubernetes/scheme.
 */
import {
  checkPriorityClass,
  csiDriverFields,
  csiNodeFields,
  csiStorageCapacityFields,
  deviceClassFields,
  namespaceFields,
  podDisruptionBudgetFields,
  priorityClassFields,
  resourceClaimFields,
  resourceClaimTemplateFields,
  resourceSliceFields,
  runtimeClassFields,
  storageClassFields,
  volumeAttachmentFields,
} from './cluster-kinds.ts';
import { endpointSliceFields, endpointSliceOptions } from './endpoint-slice.ts';
import { cronJobName, dns1035Label, dnsLabel, dnsSubdomain } from './formats.ts';
import { metadata } from './metadata.ts';
import { nodeSpec, nodeStatus } from './node.ts';
import { podSpec, podStatus } from './pod.ts';
import { anything, type ObjectOptions, type Schema, shape, type TextRule } from './schema.ts';
import { serviceFields } from './service.ts';
import { claimSpec, claimStatus, persistentVolumeSpec, persistentVolumeStatus } from './volumes.ts';
import {
  cronJobSpec,
  daemonSetSpec,
  deploymentSpec,
  jobSpec,
  replicaSetSpec,
  replicationControllerSpec,
  statefulSetSpec,
} from './workloads.ts';

export interface Kind {
  namespaced: boolean;
  schema: Schema;
}

interface KindOptions extends ObjectOptions {
  name?: TextRule;
  namespaced?: boolean;
}

function kind(fields: Record<string, Schema>, options: KindOptions = {}): Kind {
  const { name = dnsSubdomain, namespaced = true, required = [], check } = options;
  const schema = shape(
    'apiVersion:text kind:text',
    { metadata: metadata(name), ...fields },
    { required: ['metadata', ...required], check },
  );
  return { namespaced, schema };
}

const global = { namespaced: false };
const owner = (spec: Schema): Kind => kind({ spec, status: anything }, { required: ['spec'] });

/** 'apiVersion kind' → how it is checked. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['v1 Node', kind({ spec: nodeSpec, status: nodeStatus }, global)],
  ['v1 Pod', kind({ spec: podSpec, status: podStatus }, { required: ['spec'] })],
  ['v1 Namespace', kind(namespaceFields, { ...global, name: dnsLabel })],
  ['v1 Service', kind(serviceFields, { name: dns1035Label, required: ['spec'] })],
  ['discovery.k8s.io/v1 EndpointSlice', kind(endpointSliceFields, endpointSliceOptions)],
  ['v1 ReplicationController', owner(replicationControllerSpec)],
  [
    'v1 PersistentVolume',
    kind({ spec: persistentVolumeSpec, status: persistentVolumeStatus }, { ...global, required: ['spec'] }),
  ],
  ['v1 PersistentVolumeClaim', kind({ spec: claimSpec, status: claimStatus }, { required: ['spec'] })],
  ['apps/v1 Deployment', owner(deploymentSpec)],
  ['apps/v1 ReplicaSet', owner(replicaSetSpec)],
  ['apps/v1 StatefulSet', owner(statefulSetSpec)],
  ['apps/v1 DaemonSet', owner(daemonSetSpec)],
  ['batch/v1 Job', owner(jobSpec)],
  ['batch/v1 CronJob', kind({ spec: cronJobSpec, status: anything }, { name: cronJobName, required: ['spec'] })],
  ['storage.k8s.io/v1 StorageClass', kind(storageClassFields, { ...global, required: ['provisioner'] })],
  ['storage.k8s.io/v1 CSINode', kind(csiNodeFields, { ...global, required: ['spec'] })],
  ['storage.k8s.io/v1 CSIDriver', kind(csiDriverFields, { ...global, required: ['spec'] })],
  ['storage.k8s.io/v1 CSIStorageCapacity', kind(csiStorageCapacityFields, { required: ['storageClassName'] })],
  ['storage.k8s.io/v1 VolumeAttachment', kind(volumeAttachmentFields, { ...global, required: ['spec'] })],
  [
    'scheduling.k8s.io/v1 PriorityClass',
    kind(priorityClassFields, { ...global, required: ['value'], check: checkPriorityClass }),
  ],
  ['policy/v1 PodDisruptionBudget', kind(podDisruptionBudgetFields)],
  ['node.k8s.io/v1 RuntimeClass', kind(runtimeClassFields, { ...global, required: ['handler'] })],
  ['resource.k8s.io/v1 ResourceClaim', kind(resourceClaimFields, { required: ['spec'] })],
  ['resource.k8s.io/v1 ResourceClaimTemplate', kind(resourceClaimTemplateFields, { required: ['spec'] })],
  ['resource.k8s.io/v1 DeviceClass', kind(deviceClassFields, { ...global, required: ['spec'] })],
  ['resource.k8s.io/v1 ResourceSlice', kind(resourceSliceFields, { ...global, required: ['spec'] })],
]);

/** Every kind of the built-in groups, in any version; a star marks what lives outside namespaces. */
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  [
    '',
    'Binding ComponentStatus* ConfigMap Endpoints Event LimitRange Namespace* Node* PersistentVolume* ' +
      'PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
  ],
  ['apps', 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet Scale'],
  ['batch', 'CronJob Job'],
  ['autoscaling', 'HorizontalPodAutoscaler Scale'],
  ['extensions', 'DaemonSet Deployment Ingress NetworkPolicy ReplicaSet PodSecurityPolicy*'],
  ['policy', 'Eviction PodDisruptionBudget PodSecurityPolicy*'],
  [
    'admissionregistration.k8s.io',
    'MutatingAdmissionPolicy* MutatingAdmissionPolicyBinding* MutatingWebhookConfiguration* ' +
      'ValidatingAdmissionPolicy* ValidatingAdmissionPolicyBinding* ValidatingWebhookConfiguration*',
  ],
  ['apiextensions.k8s.io', 'CustomResourceDefinition*'],
  ['apiregistration.k8s.io', 'APIService*'],
  ['authentication.k8s.io', 'SelfSubjectReview* TokenRequest TokenReview*'],
  [
    'authorization.k8s.io',
    'LocalSubjectAccessReview SelfSubjectAccessReview* SelfSubjectRulesReview* SubjectAccessReview*',
  ],
  ['certificates.k8s.io', 'CertificateSigningRequest* ClusterTrustBundle* PodCertificateRequest'],
  ['coordination.k8s.io', 'Lease LeaseCandidate'],
  ['discovery.k8s.io', 'EndpointSlice'],
  ['events.k8s.io', 'Event'],
  ['flowcontrol.apiserver.k8s.io', 'FlowSchema* PriorityLevelConfiguration*'],
  ['internal.apiserver.k8s.io', 'StorageVersion*'],
  ['networking.k8s.io', 'IPAddress* Ingress IngressClass* NetworkPolicy ServiceCIDR*'],
  ['node.k8s.io', 'RuntimeClass*'],
  ['rbac.authorization.k8s.io', 'ClusterRole* ClusterRoleBinding* Role RoleBinding'],
  [
    'resource.k8s.io',
    'DeviceClass* DeviceTaintRule* ResourceClaim ResourceClaimTemplate ResourcePoolStatusRequest* ResourceSlice*',
  ],
  ['scheduling.k8s.io', 'PodGroup PriorityClass* Workload'],
  ['storage.k8s.io', 'CSIDriver* CSINode* CSIStorageCapacity StorageClass* VolumeAttachment* VolumeAttributesClass*'],
  ['storagemigration.k8s.io', 'StorageVersionMigration*'],
  ['metrics.k8s.io', 'NodeMetrics* PodMetrics'],
]);

export type KindVerdict =
  | { known: Kind }
  /** Kept unread; `namespaced` only where it is known. */
  | { kept: true; namespaced?: boolean }
  | { unknown: string };

/** What to do with an object of this type; `unknown` says why there is no such type. */
export function lookUpKind(apiVersion: string, name: string): KindVerdict {
  const known = KINDS.get(`${apiVersion} ${name}`);
  if (known) return { known };
  const { group, version } = splitApiVersion(apiVersion);
  if (!/^v[1-9]\d*((alpha|beta)[1-9]\d*)?$/.test(version)) return { unknown: `'${apiVersion}' is not an apiVersion` };
  const builtIn = BUILT_IN.get(group)?.split(' ');
  if (!builtIn) {
    return group.includes('.') ? { kept: true } : { unknown: `no API group '${group}' is known` };
  }
  const namespaced = builtIn.includes(name);
  if (!namespaced && !builtIn.includes(`${name}*`)) return { unknown: `no kind '${name}' is known in ${apiVersion}` };
  const served = servedVersion(group, name);
  // The device kinds are served, and differ, in several versions.
  if (!served || group === 'resource.k8s.io') return { kept: true, namespaced };
  return { unknown: `${name} is served as ${served}, not as ${apiVersion}` };
}

/** The apiVersion under which we read this kind, for those that are written in an old one. */
function servedVersion(group: string, name: string): string | undefined {
  for (const key of KINDS.keys()) {
    const [apiVersion, kind] = key.split(' ');
    const moved = group === 'extensions' && apiVersion === 'apps/v1';
    if (kind === name && (moved || splitApiVersion(apiVersion).group === group)) return apiVersion;
  }
  return undefined;
}

export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.lastIndexOf('/');
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** The built-in kind a typed list ('PodList') holds, or undefined when `name` is no such list. */
export function listedKind(apiVersion: string, name: string): string | undefined {
  if (!name.endsWith('List')) return undefined;
  const item = name.slice(0, -'List'.length);
  const names = BUILT_IN.get(splitApiVersion(apiVersion).group)?.split(' ') ?? [];
  return names.includes(item) || names.includes(`${item}*`) ? item : undefined;
}
