/**
 * RBAC: a request passes when a rule of its user or of one of its groups allows it; nothing is ever denied.
 * Source: Kubernetes v1.36, plugin/pkg/auth/authorizer/rbac/rbac.go, apiserver/pkg/authorization/authorizerfactory.
 */
import type { User } from '../../request.ts';
import type { Attributes, Authorizer, Decision, PolicyRule, VersionedView } from '../faces.ts';
import { RBAC_GROUP, RBAC_RESOURCES, type Subject } from './objects.ts';
import { ruleAllows } from './rule.ts';
import { type Grant, RuleIndex } from './rule-index.ts';

/** Whoever is in it may do everything, whatever the roles say: the way back from a broken set of roles. */
export const MASTERS_GROUP = 'system:masters';

export class RbacAuthorizer implements Authorizer {
  readonly #view: VersionedView;
  #index: RuleIndex | undefined;
  readonly #versions = RBAC_RESOURCES.map(() => -1);

  constructor(view: VersionedView) {
    this.#view = view;
  }

  authorize(user: User, attributes: Attributes): Decision {
    if (user.groups.includes(MASTERS_GROUP)) return { allowed: true, reason: '' };
    const missing: string[] = [];
    let allowedBy: Grant | undefined;
    this.#current().visit(user, attributes.resourceRequest ? attributes.namespace : '', (grant) => {
      if (grant.missing) missing.push(grant.missing);
      if (grant.rules.some((rule) => ruleAllows(attributes, rule))) allowedBy = grant;
      return allowedBy !== undefined;
    });
    if (allowedBy) return new Allowed(allowedBy);
    return { allowed: false, reason: missing.length > 0 ? `RBAC: ${aggregate(missing)}` : '' };
  }

  rulesFor(user: User, namespace: string): readonly PolicyRule[] {
    const rules: PolicyRule[] = [];
    this.#current().visit(user, namespace, (grant) => {
      rules.push(...grant.rules);
      return false;
    });
    return rules;
  }

  #current(): RuleIndex {
    for (let i = 0; i < RBAC_RESOURCES.length; i++) {
      const version = this.#view.version(RBAC_GROUP, RBAC_RESOURCES[i]);
      if (version === this.#versions[i]) continue;
      this.#versions[i] = version;
      this.#index = undefined;
    }
    this.#index ??= new RuleIndex(this.#view);
    return this.#index;
  }
}

/** Its reason is told to few who ask, and made then. */
class Allowed implements Decision {
  readonly allowed = true;
  readonly #by: Grant;

  constructor(by: Grant) {
    this.#by = by;
  }

  get reason(): string {
    return `RBAC: allowed by ${describe(this.#by)}`;
  }
}

/** 'ClusterRoleBinding "x" of ClusterRole "view" to Group "team"' */
function describe({ binding, subject }: Grant): string {
  const { namespace, name } = binding.metadata;
  const what = namespace ? `RoleBinding "${name}/${namespace}"` : `ClusterRoleBinding "${name}"`;
  return `${what} of ${binding.roleRef.kind} "${binding.roleRef.name}" to ${describeSubject(subject, namespace)}`;
}

function describeSubject({ kind, name, namespace }: Subject, own = ''): string {
  return kind === 'ServiceAccount' ? `${kind} "${name}/${namespace || own}"` : `${kind} "${name}"`;
}

function aggregate(messages: readonly string[]): string {
  const unique = [...new Set(messages)];
  return unique.length === 1 ? unique[0] : `[${unique.join(', ')}]`;
}
