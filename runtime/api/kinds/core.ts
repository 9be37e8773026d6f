/** The rows of the core group, v1. Source: Kubernetes v1.36, pkg/registry/core/rest/storage_core.go. */
import type { KubeObject } from '../../../core/index.ts';
import type { ApiKind, Subresource } from './kind.ts';
import { ALL_VERBS, row, WORKLOAD_SCALE } from './row.ts';

const core = { group: '', version: 'v1' } as const;

/** spec.finalizers change through /finalize only. Source: pkg/registry/core/namespace/strategy.go. */
function keepFinalizers(next: KubeObject, old: KubeObject): KubeObject {
  const { finalizers } = (old as { spec?: { finalizers?: string[] } }).spec ?? {};
  return { ...next, spec: { ...(next as { spec?: object }).spec, finalizers } } as KubeObject;
}

function ofPod(name: string, kind: string, verbs: readonly string[], group = '', version = 'v1'): Subresource {
  return { name, group, version, kind, verbs };
}

const PROXY_VERBS = ['create', 'delete', 'get', 'patch', 'update'];

export const CORE_KINDS: readonly ApiKind[] = [
  row({ ...core, kind: 'Binding', plural: 'bindings', verbs: ['create'] }),
  row({ ...core, kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'] }),
  row({ ...core, kind: 'Endpoints', plural: 'endpoints', shortNames: ['ep'] }),
  row({
    ...core,
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    selectableFields: [
      'involvedObject.kind',
      'involvedObject.namespace',
      'involvedObject.name',
      'involvedObject.uid',
      'involvedObject.apiVersion',
      'involvedObject.resourceVersion',
      'involvedObject.fieldPath',
      'reason',
      'reportingComponent',
      'source',
      'type',
    ],
  }),
  row({ ...core, kind: 'LimitRange', plural: 'limitranges', shortNames: ['limits'] }),
  row({
    ...core,
    kind: 'Namespace',
    plural: 'namespaces',
    shortNames: ['ns'],
    namespaced: false,
    nameRule: 'label',
    verbs: ALL_VERBS.filter((verb) => verb !== 'deletecollection'),
    status: true,
    further: [{ name: 'finalize', ...core, kind: 'Namespace', verbs: ['update'] }],
    prepareForUpdate: keepFinalizers,
    selectableFields: ['status.phase'],
  }),
  row({
    ...core,
    kind: 'Node',
    plural: 'nodes',
    shortNames: ['no'],
    namespaced: false,
    status: true,
    createsWithStatus: true,
    further: [{ name: 'proxy', ...core, kind: 'NodeProxyOptions', verbs: PROXY_VERBS }],
    selectableFields: ['spec.unschedulable'],
  }),
  row({ ...core, kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', shortNames: ['pvc'], status: true }),
  row({
    ...core,
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    shortNames: ['pv'],
    namespaced: false,
    status: true,
  }),
  row({
    ...core,
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    categories: ['all'],
    status: true,
    sharesSpecs: true,
    further: [
      ofPod('attach', 'PodAttachOptions', ['create', 'get']),
      ofPod('binding', 'Binding', ['create']),
      ofPod('ephemeralcontainers', 'Pod', ['get', 'patch', 'update']),
      ofPod('eviction', 'Eviction', ['create'], 'policy', 'v1'),
      ofPod('exec', 'PodExecOptions', ['create', 'get']),
      ofPod('log', 'Pod', ['get']),
      ofPod('portforward', 'PodPortForwardOptions', ['create', 'get']),
      ofPod('proxy', 'PodProxyOptions', PROXY_VERBS),
      ofPod('resize', 'Pod', ['get', 'patch', 'update']),
    ],
    selectableFields: [
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'spec.hostNetwork',
      'status.phase',
      'status.podIP',
      'status.podIPs',
      'status.nominatedNodeName',
    ],
  }),
  row({ ...core, kind: 'PodTemplate', plural: 'podtemplates' }),
  row({
    ...core,
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    shortNames: ['rc'],
    categories: ['all'],
    status: true,
    scale: WORKLOAD_SCALE,
    selectableFields: ['status.replicas'],
  }),
  row({ ...core, kind: 'ResourceQuota', plural: 'resourcequotas', shortNames: ['quota'], status: true }),
  row({ ...core, kind: 'Secret', plural: 'secrets', selectableFields: ['type'] }),
  row({
    ...core,
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    further: [
      { name: 'token', group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', verbs: ['create'] },
    ],
  }),
  row({
    ...core,
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    categories: ['all'],
    nameRule: 'label',
    status: true,
    further: [{ name: 'proxy', ...core, kind: 'ServiceProxyOptions', verbs: PROXY_VERBS }],
    selectableFields: ['spec.clusterIP', 'spec.type'],
  }),
];
