/**
 * The objects that a cluster starts with: namespaces, roles and their bindings, priority classes; and what every
 * namespace gets. The server creates those that are absent and leaves the others as they are.
 */
import { type KubeObject, SYSTEM_PRIORITY_CLASSES } from '../../../../core/index.ts';
import { effectiveRules } from '../rbac/aggregate.ts';
import { type Binding, type ClusterRole, RBAC_GROUP, RBAC_VERSION, type Subject } from '../rbac/objects.ts';
import { DEFAULT_BINDINGS } from './bindings.ts';
import { DEFAULT_CLUSTER_ROLES, type DefaultRole } from './cluster-roles.ts';
import { CONTROLLER_PREFIX, CONTROLLER_ROLES } from './controller-roles.ts';

export const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;

const DEFAULTS = {
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
};

/** In the order in which they are to be created. */
export function bootstrapObjects(): KubeObject[] {
  return [
    ...SYSTEM_NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...SYSTEM_PRIORITY_CLASSES.map((priority) => ({ ...priority, description: describePriority(priority) })),
    ...defaultClusterRoles(),
    ...Object.entries(DEFAULT_BINDINGS).map(([name, subjects]) => binding(name, subjects)),
    ...Object.keys(CONTROLLER_ROLES).map((name) =>
      binding(CONTROLLER_PREFIX + name, [{ kind: 'ServiceAccount', name, namespace: 'kube-system' }]),
    ),
  ];
}

function describePriority({ metadata }: KubeObject): string {
  return metadata.name === 'system-node-critical'
    ? 'Used for system critical pods that must not be moved from their current node.'
    : 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.';
}

/** Aggregated roles have the rules already that they will have. */
export function defaultClusterRoles(): ClusterRole[] {
  const controllers = Object.entries(CONTROLLER_ROLES).map(([name, rules]) => ({
    name: CONTROLLER_PREFIX + name,
    rules,
  }));
  const roles = [...DEFAULT_CLUSTER_ROLES, ...controllers].map(clusterRole);
  return roles.map((role) => (role.aggregationRule ? { ...role, rules: effectiveRules(role, roles) } : role));
}

function clusterRole({ name, labels, aggregates, rules }: DefaultRole): ClusterRole {
  return {
    apiVersion: RBAC_VERSION,
    kind: 'ClusterRole',
    metadata: { name, labels: { ...DEFAULTS.labels, ...labels }, annotations: { ...DEFAULTS.annotations } },
    ...(aggregates && { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregates]: 'true' } }] } }),
    rules: [...(rules ?? [])],
  };
}

function binding(name: string, subjects: readonly Subject[]): Binding {
  return {
    apiVersion: RBAC_VERSION,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: { ...DEFAULTS.labels }, annotations: { ...DEFAULTS.annotations } },
    roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name },
    subjects: [...subjects],
  };
}

/** What Kubernetes' controllers put into every namespace: the account that pods run as, and the CA they trust. */
export function namespaceObjects(namespace: string, authorityPem: string): KubeObject[] {
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'kube-root-ca.crt',
        namespace,
        annotations: {
          'kubernetes.io/description':
            'Contains the certificate authority by which the API server can be verified from inside the cluster.',
        },
      },
      data: { 'ca.crt': authorityPem },
    } as KubeObject,
  ];
}
