/**
 * One role per controller, bound to its service account of the same name in kube-system.
 * Source: Kubernetes v1.36, plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go.
 */
import type { PolicyRule } from '../faces.ts';
import { EVENTS, READ, rule } from './rules.ts';

export const CONTROLLER_PREFIX = 'system:controller:';

const CLAIMS = 'persistentvolumeclaims';
const HANDLE_PODS = rule('list watch create delete patch', 'core', 'pods');

/** status and finalizers of a workload, and the workload itself. */
function workload(groups: string, resource: string, verbs = `${READ} update`): PolicyRule[] {
  return [
    rule(verbs, groups, resource),
    rule('update', groups, `${resource}/status`),
    rule('update', groups, `${resource}/finalizers`),
  ];
}

export const CONTROLLER_ROLES: Readonly<Record<string, readonly PolicyRule[]>> = {
  'attachdetach-controller': [
    rule('list watch', 'core', `persistentvolumes ${CLAIMS} pods`),
    rule(READ, 'core', 'nodes'),
    rule('patch update', 'core', 'nodes/status'),
    EVENTS,
    rule('get create delete list watch', 'storage.k8s.io', 'volumeattachments'),
    rule(READ, 'storage.k8s.io', 'csidrivers csinodes'),
  ],
  'certificate-controller': [
    rule('get list watch delete', 'certificates.k8s.io', 'certificatesigningrequests'),
    rule('update', 'certificates.k8s.io', 'certificatesigningrequests/status certificatesigningrequests/approval'),
    rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'),
    rule(
      'sign',
      'certificates.k8s.io',
      'signers',
      'kubernetes.io/legacy-unknown kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet ' +
        'kubernetes.io/kubelet-serving',
    ),
    rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    EVENTS,
  ],
  'clusterrole-aggregation-controller': [
    rule('escalate get list watch update patch', 'rbac.authorization.k8s.io', 'clusterroles'),
  ],
  'cronjob-controller': [
    ...workload('batch', 'cronjobs'),
    rule('get list watch create update delete patch', 'batch', 'jobs'),
    rule('list watch delete', 'core', 'pods'),
    EVENTS,
  ],
  'daemon-set-controller': [
    ...workload('extensions apps', 'daemonsets', READ),
    rule('list watch', 'core', 'nodes'),
    HANDLE_PODS,
    rule('create', 'core', 'pods/binding'),
    rule('get list watch create delete update patch', 'apps', 'controllerrevisions'),
    EVENTS,
  ],
  'deployment-controller': [
    ...workload('extensions apps', 'deployments'),
    rule('get list watch create update patch delete', 'apps extensions', 'replicasets'),
    rule('get list watch update', 'core', 'pods'),
    EVENTS,
  ],
  'disruption-controller': [
    rule(READ, 'extensions apps', 'deployments replicasets'),
    rule(READ, 'core', 'replicationcontrollers'),
    rule(READ, 'policy', 'poddisruptionbudgets'),
    rule(READ, 'apps', 'statefulsets'),
    rule('update', 'policy', 'poddisruptionbudgets/status'),
    rule('patch update', 'core', 'pods/status'),
    rule('get', '*', '*/scale'),
    EVENTS,
  ],
  'endpoint-controller': [
    rule(READ, 'core', 'services pods'),
    rule('get list watch create update delete', 'core', 'endpoints'),
    rule('create', 'core', 'endpoints/restricted'),
    EVENTS,
  ],
  'endpointslice-controller': [
    rule(READ, 'core', 'services pods nodes'),
    rule('update', 'core', 'services/finalizers'),
    rule('get list watch create update delete', 'discovery.k8s.io', 'endpointslices'),
    EVENTS,
  ],
  'endpointslicemirroring-controller': [
    rule(READ, 'core', 'services endpoints'),
    rule('update', 'core', 'services/finalizers endpoints/finalizers'),
    rule('get list watch create update delete', 'discovery.k8s.io', 'endpointslices'),
    EVENTS,
  ],
  'ephemeral-volume-controller': [
    rule(READ, 'core', 'pods'),
    rule('update', 'core', 'pods/finalizers'),
    rule('get list watch create', 'core', CLAIMS),
    EVENTS,
  ],
  'expand-controller': [
    rule('get list watch update patch', 'core', 'persistentvolumes'),
    rule('update patch', 'core', `${CLAIMS}/status`),
    rule(READ, 'core', CLAIMS),
    EVENTS,
  ],
  'generic-garbage-collector': [rule('get list watch patch update delete', '*', '*'), EVENTS],
  'horizontal-pod-autoscaler': [
    rule(READ, 'autoscaling', 'horizontalpodautoscalers'),
    rule('update', 'autoscaling', 'horizontalpodautoscalers/status'),
    rule('get update', '*', '*/scale'),
    rule('list watch', 'core', 'pods'),
    rule('list watch', 'metrics.k8s.io', 'pods'),
    rule(READ, 'custom.metrics.k8s.io external.metrics.k8s.io', '*'),
    EVENTS,
  ],
  'job-controller': [...workload('batch', 'jobs', `${READ} update patch`), HANDLE_PODS, EVENTS],
  'namespace-controller': [
    rule('get list watch delete', 'core', 'namespaces'),
    rule('update', 'core', 'namespaces/finalize namespaces/status'),
    rule('get list watch delete deletecollection', '*', '*'),
  ],
  'node-controller': [
    rule('get list watch update delete patch', 'core', 'nodes'),
    rule('patch update', 'core', 'nodes/status pods/status'),
    rule('list watch get delete', 'core', 'pods'),
    EVENTS,
  ],
  'persistent-volume-binder': [
    rule('get list watch update create delete', 'core', 'persistentvolumes'),
    rule('update', 'core', `persistentvolumes/status ${CLAIMS}/status`),
    rule('get list watch update', 'core', CLAIMS),
    rule('list watch get create delete', 'core', 'pods'),
    rule(READ, 'storage.k8s.io', 'storageclasses'),
    rule('list watch', 'core', 'nodes'),
    EVENTS,
    rule('watch', 'core', 'events'),
  ],
  'pod-garbage-collector': [
    rule('list watch delete', 'core', 'pods'),
    rule(READ, 'core', 'nodes'),
    rule('patch', 'core', 'pods/status'),
  ],
  'pv-protection-controller': [rule('get list watch update', 'core', 'persistentvolumes'), EVENTS],
  'pvc-protection-controller': [rule('get list watch update', 'core', CLAIMS), rule(READ, 'core', 'pods'), EVENTS],
  'replicaset-controller': [...workload('apps extensions', 'replicasets'), HANDLE_PODS, EVENTS],
  'replication-controller': [...workload('core', 'replicationcontrollers'), HANDLE_PODS, EVENTS],
  'resourcequota-controller': [rule('list watch', '*', '*'), rule('update', 'core', 'resourcequotas/status'), EVENTS],
  'root-ca-cert-publisher': [rule('create update', 'core', 'configmaps'), EVENTS],
  'service-account-controller': [rule('create', 'core', 'serviceaccounts'), EVENTS],
  'service-controller': [
    rule(READ, 'core', 'services'),
    rule('patch update', 'core', 'services/status'),
    rule('list watch', 'core', 'nodes'),
    EVENTS,
  ],
  'statefulset-controller': [
    ...workload('apps', 'statefulsets', READ),
    rule('get list watch create delete update patch', 'core', 'pods'),
    rule('get create delete update patch list watch', 'apps', 'controllerrevisions'),
    rule('get create list watch update delete', 'core', CLAIMS),
    rule('update', 'core', 'pods/finalizers'),
    EVENTS,
  ],
  'ttl-after-finished-controller': [rule('get list watch delete', 'batch', 'jobs'), EVENTS],
  'ttl-controller': [rule('update patch list watch', 'core', 'nodes'), EVENTS],
};
