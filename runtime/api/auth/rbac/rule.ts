/**
 * Does one rule allow one request? Source: Kubernetes v1.36, pkg/apis/rbac/v1/evaluation_helpers.go,
 * plugin/pkg/auth/authorizer/rbac/rbac.go.
 */
import type { Attributes, PolicyRule } from '../faces.ts';

const ALL = '*';

export function ruleAllows(attributes: Attributes, rule: PolicyRule): boolean {
  if (!matchesOne(rule.verbs, attributes.verb)) return false;
  if (!attributes.resourceRequest) return pathMatches(rule.nonResourceURLs, attributes.path);
  return (
    matchesOne(rule.apiGroups, attributes.group) &&
    resourceMatches(rule.resources, attributes.resource, attributes.subresource) &&
    nameMatches(rule.resourceNames, attributes.name)
  );
}

function matchesOne(allowed: readonly string[] | undefined, asked: string): boolean {
  return allowed?.some((one) => one === ALL || one === asked) ?? false;
}

/** 'pods' does not allow 'pods/log'; '*' allows both, '*' + '/scale' that subresource of every resource. */
function resourceMatches(allowed: readonly string[] | undefined, resource: string, subresource: string): boolean {
  const asked = subresource ? `${resource}/${subresource}` : resource;
  return (
    allowed?.some((one) => one === ALL || one === asked || (subresource !== '' && one === `*/${subresource}`)) ?? false
  );
}

/** Without names a rule speaks of all objects; with names never of requests without one (create, list). */
function nameMatches(allowed: readonly string[] | undefined, name: string): boolean {
  return !allowed || allowed.length === 0 || allowed.includes(name);
}

/** '*' stands at the end only: '/healthz/*' allows '/healthz/etcd' and '/healthz/', not '/healthz'. */
function pathMatches(allowed: readonly string[] | undefined, path: string): boolean {
  return (
    allowed?.some(
      (one) => one === ALL || one === path || (one.endsWith(ALL) && path.startsWith(one.replace(/\*+$/, ''))),
    ) ?? false
  );
}
