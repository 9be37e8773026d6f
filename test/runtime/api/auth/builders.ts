/** Roles, bindings and requests in one line each. */
import type { Attributes, PolicyRule } from '../../../../runtime/api/auth/faces.ts';
import {
  type Binding,
  type ClusterRole,
  RBAC_GROUP,
  RBAC_VERSION,
  type Role,
  type Subject,
} from '../../../../runtime/api/auth/rbac/objects.ts';
import type { User } from '../../../../runtime/api/request.ts';

export function user(name: string, ...groups: string[]): User {
  return { name, groups };
}

/** 'get pods/log web in default', 'list apps/deployments', 'get /healthz'; a group stands before the resource in brackets. */
export function asks(text: string): Attributes {
  const [, verb, what, name = '', namespace = ''] = /^(\S+) (\S+)(?: (?!in )(\S+))?(?: in (\S+))?$/.exec(text) ?? [];
  const base = { verb, version: 'v1', name, namespace, group: '', resource: '', subresource: '', path: '' };
  if (what.startsWith('/')) return { ...base, resourceRequest: false, path: what };
  const [, group = '', resource, subresource = ''] = /^(?:\[(.*)\])?([^/]+)(?:\/(.+))?$/.exec(what) ?? [];
  return { ...base, resourceRequest: true, group, resource, subresource };
}

export function rule(verbs: string, resources: string, more: Partial<PolicyRule> = {}): PolicyRule {
  return { verbs: verbs.split(' '), apiGroups: [''], resources: resources.split(' '), ...more };
}

export function role(namespace: string, name: string, ...rules: PolicyRule[]): Role {
  return { apiVersion: RBAC_VERSION, kind: 'Role', metadata: { namespace, name }, rules };
}

export function clusterRole(name: string, ...rules: PolicyRule[]): ClusterRole {
  return { apiVersion: RBAC_VERSION, kind: 'ClusterRole', metadata: { name }, rules };
}

export const toUser = (name: string): Subject => ({ kind: 'User', apiGroup: RBAC_GROUP, name });
export const toGroup = (name: string): Subject => ({ kind: 'Group', apiGroup: RBAC_GROUP, name });
export const toAccount = (name: string, namespace?: string): Subject => ({ kind: 'ServiceAccount', name, namespace });

/** @param ref 'Role/x' or 'ClusterRole/x' */
export function roleBinding(namespace: string, name: string, ref: string, ...subjects: Subject[]): Binding {
  return { ...binding('RoleBinding', ref, subjects), metadata: { namespace, name } };
}

export function clusterRoleBinding(name: string, ref: string, ...subjects: Subject[]): Binding {
  return { ...binding('ClusterRoleBinding', ref, subjects), metadata: { name } };
}

function binding(kind: string, ref: string, subjects: Subject[]): Omit<Binding, 'metadata'> {
  const [refKind, name] = ref.split('/');
  return { apiVersion: RBAC_VERSION, kind, roleRef: { apiGroup: RBAC_GROUP, kind: refKind, name }, subjects };
}
