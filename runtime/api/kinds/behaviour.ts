/** What is peculiar to each kind, gathered from the folders beside: defaults, rules, columns, first status. */
import { type KubeObject, objectAt, type PlainObject } from '../../../core/objects/index.ts';
import {
  csiDriverColumns,
  csiStorageCapacityColumns,
  resourceClaimColumns,
  resourceSliceColumns,
  volumeAttachmentColumns,
  webhookColumns,
} from './columns/cluster.ts';
import {
  apiServiceColumns,
  bindingColumns,
  certificateRequestColumns,
  claimColumns,
  configMapColumns,
  csiNodeColumns,
  definitionColumns,
  endpointSliceColumns,
  endpointsColumns,
  eventColumns,
  ingressClassColumns,
  ingressColumns,
  leaseColumns,
  namespaceColumns,
  networkPolicyColumns,
  priorityClassColumns,
  quotaColumns,
  roleColumns,
  runtimeClassColumns,
  secretColumns,
  serviceAccountColumns,
  serviceColumns,
  storageClassColumns,
  volumeColumns,
} from './columns/others.ts';
import { nodeColumns, podColumns } from './columns/pods.ts';
import {
  autoscalerColumns,
  budgetColumns,
  controllerRevisionColumns,
  cronJobColumns,
  daemonSetColumns,
  deploymentColumns,
  jobColumns,
  podTemplateColumns,
  replicaSetColumns,
  replicationControllerColumns,
  statefulSetColumns,
} from './columns/workloads.ts';
import { fillDefaults } from './defaults/defaults.ts';
import { copyOf } from './defaults/fill.ts';
import { withGeneratedSelector } from './defaults/workloads.ts';
import { withFirstStatus } from './first-status.ts';
import type { ApiKind, Column } from './kind.ts';
import { graceSeconds, newPod } from './pods.ts';
import { causesOf, newPodCauses, updateCauses } from './validate/validate.ts';

export type Behaviour = Pick<
  ApiKind,
  'columns' | 'defaults' | 'validate' | 'validateNew' | 'validateUpdate' | 'prepareForCreate' | 'graceful'
>;

const COLUMNS: ReadonlyMap<string, readonly Column[]> = new Map([
  ['/Pod', podColumns],
  ['/Node', nodeColumns],
  ['/PodTemplate', podTemplateColumns],
  ['/ReplicationController', replicationControllerColumns],
  ['/Service', serviceColumns],
  ['/Endpoints', endpointsColumns],
  ['/Namespace', namespaceColumns],
  ['/ConfigMap', configMapColumns],
  ['/Secret', secretColumns],
  ['/ServiceAccount', serviceAccountColumns],
  ['/ResourceQuota', quotaColumns],
  ['/LimitRange', roleColumns],
  ['/PersistentVolume', volumeColumns],
  ['/PersistentVolumeClaim', claimColumns],
  ['/Event', eventColumns],
  ['events.k8s.io/Event', eventColumns],
  ['apps/Deployment', deploymentColumns],
  ['apps/ReplicaSet', replicaSetColumns],
  ['apps/StatefulSet', statefulSetColumns],
  ['apps/DaemonSet', daemonSetColumns],
  ['apps/ControllerRevision', controllerRevisionColumns],
  ['batch/Job', jobColumns],
  ['batch/CronJob', cronJobColumns],
  ['autoscaling/HorizontalPodAutoscaler', autoscalerColumns],
  ['policy/PodDisruptionBudget', budgetColumns],
  ['certificates.k8s.io/CertificateSigningRequest', certificateRequestColumns],
  ['coordination.k8s.io/Lease', leaseColumns],
  ['discovery.k8s.io/EndpointSlice', endpointSliceColumns],
  ['networking.k8s.io/Ingress', ingressColumns],
  ['networking.k8s.io/IngressClass', ingressClassColumns],
  ['networking.k8s.io/NetworkPolicy', networkPolicyColumns],
  ['node.k8s.io/RuntimeClass', runtimeClassColumns],
  ['rbac.authorization.k8s.io/Role', roleColumns],
  ['rbac.authorization.k8s.io/ClusterRole', roleColumns],
  ['rbac.authorization.k8s.io/RoleBinding', bindingColumns],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', bindingColumns],
  ['scheduling.k8s.io/PriorityClass', priorityClassColumns],
  ['storage.k8s.io/StorageClass', storageClassColumns],
  ['storage.k8s.io/CSINode', csiNodeColumns],
  ['storage.k8s.io/CSIDriver', csiDriverColumns],
  ['storage.k8s.io/CSIStorageCapacity', csiStorageCapacityColumns],
  ['storage.k8s.io/VolumeAttachment', volumeAttachmentColumns],
  ['resource.k8s.io/ResourceClaim', resourceClaimColumns],
  ['resource.k8s.io/ResourceSlice', resourceSliceColumns],
  ['admissionregistration.k8s.io/MutatingWebhookConfiguration', webhookColumns],
  ['admissionregistration.k8s.io/ValidatingWebhookConfiguration', webhookColumns],
  ['apiextensions.k8s.io/CustomResourceDefinition', definitionColumns],
  ['apiregistration.k8s.io/APIService', apiServiceColumns],
]);

const pending = (object: KubeObject): KubeObject => ({ ...object, status: { phase: 'Pending' } }) as KubeObject;

/** A namespace is held by Kubernetes until everything in it is gone. */
function newNamespace(namespace: KubeObject): KubeObject {
  const spec = objectAt(namespace as unknown as PlainObject, 'spec') ?? {};
  const finalizers = Array.isArray(spec.finalizers) ? spec.finalizers : [];
  const held = finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'];
  return { ...namespace, spec: { ...spec, finalizers: held }, status: { phase: 'Active' } } as KubeObject;
}

const newJob = (job: KubeObject): KubeObject =>
  withGeneratedSelector(copyOf(job) as unknown as PlainObject) as unknown as KubeObject;

/** What this server serves itself is there from the start. */
function newApiService(service: KubeObject): KubeObject {
  if (objectAt(service as unknown as PlainObject, 'spec')?.service) return service;
  const available = {
    type: 'Available',
    status: 'True',
    lastTransitionTime: service.metadata.creationTimestamp,
    reason: 'Local',
    message: 'Local APIServices are always available',
  };
  return { ...service, status: { conditions: [available] } } as KubeObject;
}

/** Runs once name and uid are known. */
const NEW: ReadonlyMap<string, (object: KubeObject) => KubeObject> = new Map([
  ['/Pod', newPod],
  ['/Namespace', newNamespace],
  ['/PersistentVolume', pending],
  ['/PersistentVolumeClaim', pending],
  ['batch/Job', newJob],
  ['apiregistration.k8s.io/APIService', newApiService],
]);

/** Of a built-in kind; what it has nothing peculiar in is absent. */
export function behaviourOf(group: string, kind: string): Behaviour {
  const key = `${group}/${kind}`;
  const isPod = key === '/Pod';
  return {
    columns: COLUMNS.get(key),
    defaults: (object) => fillDefaults(group, kind, object),
    validate: (object) => causesOf(group, kind, object),
    validateUpdate: (next, old) => updateCauses(group, kind, next, old),
    prepareForCreate: (object) => withFirstStatus(group, kind, NEW.get(key)?.(object) ?? object),
    ...(isPod && {
      graceful: graceSeconds,
      validateNew: newPodCauses,
    }),
  };
}
