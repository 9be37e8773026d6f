/** The four kinds of rbac.authorization.k8s.io as plain data. Source: Kubernetes v1.36, staging/src/k8s.io/api/rbac/v1/types.go. */
import type { KubeObject, LabelSelector } from '../../../../core/index.ts';
import type { PolicyRule } from '../faces.ts';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';
export const RBAC_VERSION = `${RBAC_GROUP}/v1`;

/** The resources whose change makes an index of rules old. */
export const RBAC_RESOURCES = ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'] as const;

export interface Role extends KubeObject {
  rules?: PolicyRule[] | null;
}
export interface ClusterRole extends KubeObject {
  rules?: PolicyRule[] | null;
  /** The rules are the union of those of all roles that one of the selectors finds; own rules do not count then. */
  aggregationRule?: { clusterRoleSelectors?: LabelSelector[] };
}
export interface Subject {
  kind: string;
  apiGroup?: string;
  name: string;
  /** Of a ServiceAccount only. */
  namespace?: string;
}
export interface RoleRef {
  apiGroup: string;
  kind: string;
  name: string;
}
/** RoleBinding and ClusterRoleBinding. */
export interface Binding extends KubeObject {
  subjects?: Subject[] | null;
  roleRef: RoleRef;
}

/** 'system:serviceaccount:NAMESPACE:NAME' */
export function serviceAccountUserName(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** The account behind a user name; undefined for all other users. */
export function serviceAccountOf(userName: string): { namespace: string; name: string } | undefined {
  const parts = userName.split(':');
  const [system, kind, namespace, name] = parts;
  if (parts.length !== 4 || system !== 'system' || kind !== 'serviceaccount' || !namespace || !name) return undefined;
  return { namespace, name };
}

/** Groups that every service account of `namespace` is in. */
export function serviceAccountGroups(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}
