/**
 * The roles that every cluster starts with, for people and for components.
 * Source: Kubernetes v1.36, plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go.
 */
import type { Labels } from '../../../../core/index.ts';
import type { PolicyRule } from '../faces.ts';
import { EVENTS, paths, READ, READ_WRITE, rule, WRITE } from './rules.ts';

export interface DefaultRole {
  name: string;
  labels?: Labels;
  /** Label that the roles carry whose rules this one is made of. */
  aggregates?: string;
  rules?: readonly PolicyRule[];
}

const aggregateTo = (role: string): string => `rbac.authorization.k8s.io/aggregate-to-${role}`;
const partOf = (role: string): Labels => ({ [aggregateTo(role)]: 'true' });

const CSR = 'certificatesigningrequests';
const SIGNERS = 'certificates.k8s.io';

/** For people: what a namespace's admins, editors and viewers may do in it. */
const peopleRoles: readonly DefaultRole[] = [
  { name: 'cluster-admin', rules: [rule('*', '*', '*'), paths('*', '*')] },
  { name: 'admin', aggregates: aggregateTo('admin') },
  { name: 'edit', labels: partOf('admin'), aggregates: aggregateTo('edit') },
  { name: 'view', labels: partOf('edit'), aggregates: aggregateTo('view') },
  {
    name: 'system:aggregate-to-admin',
    labels: partOf('admin'),
    rules: [
      rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
      rule(READ_WRITE, 'rbac.authorization.k8s.io', 'roles rolebindings'),
    ],
  },
  {
    name: 'system:aggregate-to-edit',
    labels: partOf('edit'),
    rules: [
      rule(READ, 'core', 'pods/attach pods/proxy pods/exec pods/portforward secrets services/proxy'),
      rule('impersonate', 'core', 'serviceaccounts'),
      rule(WRITE, 'core', 'pods pods/attach pods/proxy pods/exec pods/portforward'),
      rule('create', 'core', 'pods/eviction'),
      rule(
        WRITE,
        'core',
        'replicationcontrollers replicationcontrollers/scale serviceaccounts services services/proxy ' +
          'persistentvolumeclaims configmaps secrets events',
      ),
      rule('create', 'core', 'serviceaccounts/token'),
      rule(
        WRITE,
        'apps',
        'statefulsets statefulsets/scale daemonsets deployments deployments/scale deployments/rollback replicasets ' +
          'replicasets/scale',
      ),
      rule(WRITE, 'autoscaling', 'horizontalpodautoscalers'),
      rule(WRITE, 'batch', 'jobs cronjobs'),
      rule(
        WRITE,
        'extensions',
        'daemonsets deployments deployments/scale deployments/rollback ingresses replicasets replicasets/scale ' +
          'replicationcontrollers/scale networkpolicies',
      ),
      rule(WRITE, 'policy', 'poddisruptionbudgets'),
      rule(WRITE, 'networking.k8s.io', 'networkpolicies ingresses'),
      rule(READ_WRITE, 'coordination.k8s.io', 'leases'),
    ],
  },
  {
    name: 'system:aggregate-to-view',
    labels: partOf('view'),
    rules: [
      rule(
        READ,
        'core',
        'pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status endpoints ' +
          'persistentvolumeclaims persistentvolumeclaims/status configmaps',
      ),
      rule(
        READ,
        'core',
        'limitranges resourcequotas bindings events pods/status resourcequotas/status namespaces/status ' +
          'replicationcontrollers/status pods/log',
      ),
      rule(READ, 'core', 'namespaces'),
      rule(READ, 'discovery.k8s.io', 'endpointslices'),
      rule(
        READ,
        'apps',
        'controllerrevisions statefulsets statefulsets/status statefulsets/scale daemonsets daemonsets/status ' +
          'deployments deployments/status deployments/scale replicasets replicasets/status replicasets/scale',
      ),
      rule(READ, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
      rule(READ, 'batch', 'jobs cronjobs cronjobs/status jobs/status'),
      rule(
        READ,
        'extensions',
        'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status ' +
          'replicasets replicasets/scale replicasets/status replicationcontrollers/scale networkpolicies',
      ),
      rule(READ, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
      rule(READ, 'networking.k8s.io', 'networkpolicies ingresses ingresses/status'),
    ],
  },
];

/** What everybody who is known may ask of the server itself. */
const everybodyRoles: readonly DefaultRole[] = [
  {
    name: 'system:discovery',
    rules: [paths('get', '/livez /readyz /healthz /version /version/ /openapi /openapi/* /api /api/* /apis /apis/*')],
  },
  {
    name: 'system:basic-user',
    rules: [
      rule('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
      rule('create', 'authentication.k8s.io', 'selfsubjectreviews'),
    ],
  },
  { name: 'system:public-info-viewer', rules: [paths('get', '/livez /readyz /healthz /version /version/')] },
  {
    name: 'system:monitoring',
    rules: [
      paths('get', '/metrics /metrics/slis /livez /readyz /healthz /livez/* /readyz/* /healthz/* /statusz /flagz'),
    ],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [paths('get', '/.well-known/openid-configuration /openid/v1/jwks')],
  },
];

const nodeRules: readonly PolicyRule[] = [
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'subjectaccessreviews localsubjectaccessreviews'),
  rule(READ, 'core', 'services'),
  rule('create get list watch', 'core', 'nodes'),
  rule('update patch', 'core', 'nodes/status'),
  rule('update patch', 'core', 'nodes'),
  rule('create update patch', 'core', 'events'),
  rule(READ, 'core', 'pods'),
  rule('create delete', 'core', 'pods'),
  rule('update patch', 'core', 'pods/status'),
  rule('create', 'core', 'pods/eviction'),
  rule(READ, 'core', 'secrets configmaps'),
  rule('get', 'core', 'persistentvolumeclaims persistentvolumes'),
  rule('get', 'core', 'endpoints'),
  rule('create get list watch', SIGNERS, CSR),
  rule('get create update patch delete', 'coordination.k8s.io', 'leases'),
  rule('get', 'storage.k8s.io', 'volumeattachments'),
  rule('get update patch', 'core', 'persistentvolumeclaims/status'),
  rule('create', 'core', 'serviceaccounts/token'),
  rule(READ, 'storage.k8s.io', 'csidrivers'),
  rule('get create update patch delete', 'storage.k8s.io', 'csinodes'),
  rule(READ, 'node.k8s.io', 'runtimeclasses'),
  rule('get', 'resource.k8s.io', 'resourceclaims'),
  rule('deletecollection', 'resource.k8s.io', 'resourceslices'),
  rule('get list watch create update patch delete', 'resource.k8s.io', 'resourceslices'),
];

/** Lease `name` of kube-system, by which one of several runs; leases have no names when they are created. */
const leaderRules = (name: string): PolicyRule[] => [
  rule('create', 'coordination.k8s.io', 'leases'),
  rule('get update', 'coordination.k8s.io', 'leases', name),
];

const CHECK_ACCESS = [
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
];

const componentRoles: readonly DefaultRole[] = [
  { name: 'system:node', rules: nodeRules },
  {
    name: 'system:node-proxier',
    rules: [
      rule('list watch', 'core', 'services endpoints'),
      rule(READ, 'core', 'nodes'),
      EVENTS,
      rule('list watch', 'discovery.k8s.io', 'endpointslices'),
      rule('list watch', 'networking.k8s.io', 'servicecidrs'),
    ],
  },
  {
    name: 'system:node-problem-detector',
    rules: [rule('get', 'core', 'nodes'), rule('patch', 'core', 'nodes/status'), EVENTS],
  },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      rule(READ, 'core', 'nodes'),
      rule('proxy', 'core', 'nodes'),
      rule(
        '*',
        'core',
        'nodes/proxy nodes/metrics nodes/stats nodes/log nodes/checkpoint nodes/pods nodes/healthz nodes/configz',
      ),
    ],
  },
  { name: 'system:node-bootstrapper', rules: [rule('create get list watch', SIGNERS, CSR)] },
  { name: 'system:auth-delegator', rules: CHECK_ACCESS },
  { name: 'system:kube-aggregator', rules: [rule(READ, 'core', 'services endpoints')] },
  { name: 'system:kube-dns', rules: [rule('list watch', 'core', 'endpoints services')] },
  {
    name: 'system:kube-controller-manager',
    rules: [
      EVENTS,
      ...leaderRules('kube-controller-manager'),
      rule('create', 'core', 'secrets serviceaccounts'),
      rule('delete', 'core', 'secrets'),
      rule('get', 'core', 'namespaces secrets serviceaccounts configmaps'),
      rule('update', 'core', 'secrets serviceaccounts'),
      ...CHECK_ACCESS,
      rule('list watch', '*', '*'),
      rule('create', 'core', 'serviceaccounts/token'),
    ],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      EVENTS,
      ...leaderRules('kube-scheduler'),
      rule(READ, 'core', 'nodes'),
      rule('get list watch delete', 'core', 'pods'),
      rule('create', 'core', 'pods/binding bindings'),
      rule('patch update', 'core', 'pods/status'),
      rule(READ, 'core', 'services replicationcontrollers'),
      rule(READ, 'apps extensions', 'replicasets'),
      rule(READ, 'apps', 'statefulsets'),
      rule(READ, 'policy', 'poddisruptionbudgets'),
      rule(READ, 'core', 'persistentvolumeclaims persistentvolumes'),
      ...CHECK_ACCESS,
      rule(READ, 'storage.k8s.io', 'csinodes csidrivers csistoragecapacities volumeattachments'),
      rule(READ, 'core', 'namespaces'),
      rule(READ, 'resource.k8s.io', 'deviceclasses resourceslices'),
      rule('get list watch update', 'resource.k8s.io', 'resourceclaims'),
      rule('update patch', 'resource.k8s.io', 'resourceclaims/status'),
    ],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      rule('get list watch update patch', 'core', 'persistentvolumes persistentvolumeclaims'),
      rule(READ, 'storage.k8s.io', 'storageclasses'),
    ],
  },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      rule('get list watch create delete', 'core', 'persistentvolumes'),
      rule('get list watch update', 'core', 'persistentvolumeclaims'),
      rule(READ, 'storage.k8s.io', 'storageclasses'),
      rule('watch', 'core', 'events'),
      EVENTS,
    ],
  },
  ...['nodeclient', 'selfnodeclient'].map((kind) => ({
    name: `system:certificates.k8s.io:${CSR}:${kind}`,
    rules: [rule('create', SIGNERS, `${CSR}/${kind}`)],
  })),
  ...['legacy-unknown', 'kubelet-serving', 'kube-apiserver-client', 'kube-apiserver-client-kubelet'].map((signer) => ({
    name: `system:certificates.k8s.io:${signer}-approver`,
    rules: [rule('approve', SIGNERS, 'signers', `kubernetes.io/${signer}`)],
  })),
];

export const DEFAULT_CLUSTER_ROLES: readonly DefaultRole[] = [...peopleRoles, ...everybodyRoles, ...componentRoles];
