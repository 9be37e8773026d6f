/**
 * Every rule under the subject it is given to: a request looks up its user and groups instead of walking all bindings.
 * Built from the cache in one pass, thrown away when a role or binding changes.
 * Source: Kubernetes v1.36, pkg/registry/rbac/validation/rule.go.
 */
import type { ObjectsView } from '../../objects-view.ts';
import type { User } from '../../request.ts';
import type { PolicyRule } from '../faces.ts';
import { effectiveRules } from './aggregate.ts';
import {
  type Binding,
  type ClusterRole,
  RBAC_GROUP,
  type Role,
  type Subject,
  serviceAccountUserName,
} from './objects.ts';

/** What one binding gives to one of its subjects. */
export interface Grant {
  binding: Binding;
  subject: Subject;
  rules: readonly PolicyRule[];
  /** Why the binding gives nothing: its role is not there. */
  missing?: string;
}

type GrantsBySubject = Map<string, Grant[]>;

export class RuleIndex {
  readonly #cluster: GrantsBySubject = new Map();
  readonly #namespaces = new Map<string, GrantsBySubject>();

  constructor(view: ObjectsView) {
    const clusterRoles = [...view.list(RBAC_GROUP, 'clusterroles')] as ClusterRole[];
    const rules = new Map(clusterRoles.map((role) => [role.metadata.name, effectiveRules(role, clusterRoles)]));
    for (const object of view.list(RBAC_GROUP, 'clusterrolebindings')) {
      const binding = object as Binding;
      addGrants(this.#cluster, binding, rules.get(binding.roleRef.name));
    }
    for (const object of view.list(RBAC_GROUP, 'rolebindings')) {
      const binding = object as Binding;
      const namespace = binding.metadata.namespace ?? '';
      let grants = this.#namespaces.get(namespace);
      if (!grants) this.#namespaces.set(namespace, (grants = new Map()));
      const { kind, name } = binding.roleRef;
      const role = kind === 'Role' ? (view.get(RBAC_GROUP, 'roles', namespace, name) as Role | undefined) : undefined;
      addGrants(grants, binding, kind === 'ClusterRole' ? rules.get(name) : role && (role.rules ?? []));
    }
  }

  /**
   * What `user` was given for requests in `namespace`, which is empty for those at the cluster scope and for paths:
   * first by cluster role bindings, then by role bindings. Stops when `visit` says true.
   */
  visit(user: User, namespace: string, visit: (grant: Grant) => boolean): void {
    if (visitGrants(this.#cluster, user, visit) || namespace === '') return;
    const own = this.#namespaces.get(namespace);
    if (own) visitGrants(own, user, visit);
  }
}

function visitGrants(grants: GrantsBySubject, user: User, visit: (grant: Grant) => boolean): boolean {
  if (grants.get(`User ${user.name}`)?.some(visit)) return true;
  return user.groups.some((group) => grants.get(`Group ${group}`)?.some(visit) ?? false);
}

function addGrants(into: GrantsBySubject, binding: Binding, rules: readonly PolicyRule[] | undefined): void {
  const { kind, name } = binding.roleRef;
  for (const subject of binding.subjects ?? []) {
    const key = keyOf(subject, binding.metadata.namespace);
    if (key === undefined) continue;
    const grant: Grant = { binding, subject, rules: rules ?? [] };
    if (!rules) grant.missing = `${kind.toLowerCase()}.${RBAC_GROUP} "${name}" not found`;
    const grants = into.get(key);
    if (grants) grants.push(grant);
    else into.set(key, [grant]);
  }
}

/** A service account without a namespace is one of the binding's own; a cluster role binding then names nobody. */
function keyOf({ kind, name, namespace }: Subject, own: string | undefined): string | undefined {
  if (kind === 'User' || kind === 'Group') return `${kind} ${name}`;
  const home = namespace || own;
  return kind === 'ServiceAccount' && home ? `User ${serviceAccountUserName(home, name)}` : undefined;
}
