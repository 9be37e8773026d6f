/** The rows of the smaller groups: rights, network, storage, leases, devices, events and what describes the API itself. */
import type { PlainObject } from '../../../core/objects/index.ts';
import { EVENT_OF_EVENTS } from './convert/event.ts';
import { defaultDefinition, definitionCauses, definitionUpdateCauses, newDefinition } from './custom/definition.ts';
import type { ApiKind } from './kind.ts';
import { review, row } from './row.ts';
import { newEventCauses } from './validate/event.ts';

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1', nameRule: 'path-segment' } as const;
const network = { group: 'networking.k8s.io', version: 'v1' } as const;
const storage = { group: 'storage.k8s.io', version: 'v1', namespaced: false } as const;
const resource = { group: 'resource.k8s.io', version: 'v1' } as const;
const webhooks = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false } as const;
const authorization = 'authorization.k8s.io';

export const CLUSTER_KINDS: readonly ApiKind[] = [
  review('authentication.k8s.io', 'v1', 'SelfSubjectReview', 'selfsubjectreviews'),
  review('authentication.k8s.io', 'v1', 'TokenReview', 'tokenreviews'),
  review('authentication.k8s.io', 'v1beta1', 'SelfSubjectReview', 'selfsubjectreviews'),
  review(authorization, 'v1', 'LocalSubjectAccessReview', 'localsubjectaccessreviews', true),
  review(authorization, 'v1', 'SelfSubjectAccessReview', 'selfsubjectaccessreviews'),
  review(authorization, 'v1', 'SelfSubjectRulesReview', 'selfsubjectrulesreviews'),
  review(authorization, 'v1', 'SubjectAccessReview', 'subjectaccessreviews'),
  row({
    group: 'certificates.k8s.io',
    version: 'v1',
    kind: 'CertificateSigningRequest',
    plural: 'certificatesigningrequests',
    shortNames: ['csr'],
    namespaced: false,
    status: true,
    further: [
      {
        name: 'approval',
        group: 'certificates.k8s.io',
        version: 'v1',
        kind: 'CertificateSigningRequest',
        verbs: ['get', 'patch', 'update'],
      },
    ],
    selectableFields: ['spec.signerName'],
  }),
  row({ group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases' }),
  row({ group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', plural: 'endpointslices' }),
  row({
    group: 'events.k8s.io',
    version: 'v1',
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    storage: EVENT_OF_EVENTS,
    validateNew: (event) => newEventCauses(event as unknown as PlainObject),
    selectableFields: [
      'regarding.kind',
      'regarding.namespace',
      'regarding.name',
      'regarding.uid',
      'regarding.apiVersion',
      'regarding.resourceVersion',
      'regarding.fieldPath',
      'reason',
      'reportingController',
      'type',
    ],
  }),
  row({ ...network, kind: 'IngressClass', plural: 'ingressclasses', namespaced: false }),
  row({ ...network, kind: 'Ingress', plural: 'ingresses', shortNames: ['ing'], status: true }),
  row({ ...network, kind: 'NetworkPolicy', plural: 'networkpolicies', shortNames: ['netpol'] }),
  row({ group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass', plural: 'runtimeclasses', namespaced: false }),
  row({ ...rbac, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', namespaced: false }),
  row({ ...rbac, kind: 'ClusterRole', plural: 'clusterroles', namespaced: false }),
  row({ ...rbac, kind: 'RoleBinding', plural: 'rolebindings' }),
  row({ ...rbac, kind: 'Role', plural: 'roles' }),
  row({
    group: 'scheduling.k8s.io',
    version: 'v1',
    kind: 'PriorityClass',
    plural: 'priorityclasses',
    shortNames: ['pc'],
    namespaced: false,
  }),
  row({ ...storage, kind: 'CSIDriver', plural: 'csidrivers' }),
  row({ ...storage, kind: 'CSINode', plural: 'csinodes' }),
  row({ ...storage, kind: 'CSIStorageCapacity', plural: 'csistoragecapacities', namespaced: true }),
  row({ ...storage, kind: 'StorageClass', plural: 'storageclasses', shortNames: ['sc'] }),
  row({ ...storage, kind: 'VolumeAttachment', plural: 'volumeattachments', status: true }),
  row({ ...resource, kind: 'DeviceClass', plural: 'deviceclasses', namespaced: false }),
  row({ ...resource, kind: 'ResourceClaim', plural: 'resourceclaims', status: true }),
  row({ ...resource, kind: 'ResourceClaimTemplate', plural: 'resourceclaimtemplates' }),
  row({
    ...resource,
    kind: 'ResourceSlice',
    plural: 'resourceslices',
    namespaced: false,
    selectableFields: ['spec.nodeName', 'spec.driver'],
  }),
  // Kept and shown, so that what brings them can be applied; nothing calls them.
  row({ ...webhooks, kind: 'MutatingWebhookConfiguration', plural: 'mutatingwebhookconfigurations' }),
  row({ ...webhooks, kind: 'ValidatingWebhookConfiguration', plural: 'validatingwebhookconfigurations' }),
  row({
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    namespaced: false,
    status: true,
    defaults: defaultDefinition,
    validate: definitionCauses,
    validateUpdate: definitionUpdateCauses,
    prepareForCreate: newDefinition,
  }),
  row({
    group: 'apiregistration.k8s.io',
    version: 'v1',
    kind: 'APIService',
    plural: 'apiservices',
    categories: ['api-extensions'],
    namespaced: false,
    nameRule: 'path-segment',
    status: true,
  }),
  row({
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    kind: 'NodeMetrics',
    plural: 'nodes',
    singular: '',
    namespaced: false,
    verbs: ['get', 'list'],
  }),
  row({
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    kind: 'PodMetrics',
    plural: 'pods',
    singular: '',
    verbs: ['get', 'list'],
  }),
];
