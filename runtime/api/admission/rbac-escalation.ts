/**
 * Nobody writes a role or a binding that gives more than they have, unless the verbs `escalate` and `bind` are theirs.
 * Kubernetes checks this in the storage of the four kinds; here it is one of the plugins.
 * Source: Kubernetes v1.36, pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased/storage.go.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Authorizer, PolicyRule } from '../auth/faces.ts';
import { effectiveRules } from '../auth/rbac/aggregate.ts';
import { MASTERS_GROUP } from '../auth/rbac/authorizer.ts';
import { escalationMessage, uncovered } from '../auth/rbac/escalation.ts';
import { type Binding, type ClusterRole, RBAC_GROUP, type Role } from '../auth/rbac/objects.ts';
import { forbidden, notFound } from '../http/status.ts';
import type { ObjectsView } from '../objects-view.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

export function rbacEscalation(view: ObjectsView, authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    validate(request) {
      if (request.kind.group !== RBAC_GROUP || !request.object || request.subresource !== '') return;
      if (request.user.groups.includes(MASTERS_GROUP)) return;
      if (request.kind.plural.endsWith('bindings')) checkBinding(request, view, authorizer);
      else checkRole(request, authorizer);
    },
  };
}

function checkRole(request: AdmissionRequest, authorizer: Authorizer): void {
  const next = request.object as ClusterRole;
  const old = request.old as ClusterRole | undefined;
  const aggregationChanged = !isDeepStrictEqual(next.aggregationRule, old?.aggregationRule);
  if (old && !aggregationChanged && isDeepStrictEqual(next.rules ?? [], old.rules ?? [])) return;
  if (isAllowed(request, authorizer, 'escalate', request.kind.plural, next.metadata.name ?? '')) return;
  refuseMore(request, authorizer, next.rules ?? []);
  // Whoever may label a role could add to an aggregated one: only those who have everything may make such a role.
  if (next.aggregationRule && aggregationChanged && uncovered(held(request, authorizer), EVERYTHING).length > 0) {
    throw refused(request, 'must have cluster-admin privileges to use the aggregationRule');
  }
}

function checkBinding(request: AdmissionRequest, view: ObjectsView, authorizer: Authorizer): void {
  const { roleRef, subjects } = request.object as Binding;
  const old = request.old as Binding | undefined;
  if (old && isDeepStrictEqual(roleRef, old.roleRef) && isDeepStrictEqual(subjects ?? [], old.subjects ?? [])) return;
  const resource = roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  if (isAllowed(request, authorizer, 'bind', resource, roleRef.name)) return;
  const namespace = resource === 'roles' ? request.namespace : '';
  const role = view.get(RBAC_GROUP, resource, namespace, roleRef.name) as Role | ClusterRole | undefined;
  if (!role) throw notFound(RBAC_GROUP, resource, roleRef.name);
  const rules =
    resource === 'roles'
      ? role.rules
      : effectiveRules(role, [...view.list(RBAC_GROUP, 'clusterroles')] as ClusterRole[]);
  refuseMore(request, authorizer, rules ?? []);
}

function refuseMore(request: AdmissionRequest, authorizer: Authorizer, rules: readonly PolicyRule[]): void {
  const missing = uncovered(held(request, authorizer), rules);
  if (missing.length > 0) throw refused(request, escalationMessage(request.user, missing));
}

function held({ user, namespace }: AdmissionRequest, authorizer: Authorizer): readonly PolicyRule[] {
  return authorizer.rulesFor(user, namespace);
}

function refused({ kind, name }: AdmissionRequest, why: string): Error {
  return forbidden(RBAC_GROUP, kind.plural, name, why);
}

function isAllowed(
  { user, namespace, kind }: AdmissionRequest,
  authorizer: Authorizer,
  verb: string,
  resource: string,
  name: string,
): boolean {
  return authorizer.authorize(user, {
    resourceRequest: true,
    path: '',
    verb,
    group: RBAC_GROUP,
    version: kind.version,
    resource,
    subresource: '',
    namespace,
    name,
  }).allowed;
}
