/**
 * Nobody gives away more than they have: do rules that someone holds cover the rules of a role that is written or bound?
 * Source: Kubernetes v1.36, component-helpers/auth/rbac/validation/policy_comparator.go, pkg/registry/rbac/validation/rule.go.
 */
import type { User } from '../../request.ts';
import type { PolicyRule } from '../faces.ts';

/** What a write of `rules` asks for and `held` does not cover, one verb, group, resource and name each. */
export function uncovered(held: readonly PolicyRule[], rules: readonly PolicyRule[]): PolicyRule[] {
  return rules.flatMap(singles).filter((single) => !held.some((rule) => covers(rule, single)));
}

/** 'user "bob" (groups=["a"]) is attempting to grant RBAC permissions not currently held:' and a line per rule. */
export function escalationMessage(user: User, missing: readonly PolicyRule[]): string {
  const lines = [...new Set(compact(missing).map(ruleText))].sort();
  const who = `user ${JSON.stringify(user.name)} (groups=${quoted(user.groups)})`;
  return `${who} is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}`;
}

function singles({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): PolicyRule[] {
  return verbs.flatMap((verb) => [
    ...nonResourceURLs.map((url): PolicyRule => ({ verbs: [verb], nonResourceURLs: [url] })),
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource): PolicyRule[] => {
        const single = { verbs: [verb], apiGroups: [group], resources: [resource] };
        return resourceNames.length === 0
          ? [single]
          : resourceNames.map((name) => ({ ...single, resourceNames: [name] }));
      }),
    ),
  ]);
}

function covers(held: PolicyRule, single: PolicyRule): boolean {
  if (!includes(held.verbs, single.verbs[0])) return false;
  if (single.nonResourceURLs) return coversPath(held.nonResourceURLs, single.nonResourceURLs[0]);
  const names = held.resourceNames ?? [];
  return (
    includes(held.apiGroups, single.apiGroups?.[0]) &&
    coversResource(held.resources, single.resources?.[0] ?? '') &&
    (names.length === 0 || (single.resourceNames !== undefined && names.includes(single.resourceNames[0])))
  );
}

function includes(held: readonly string[] | undefined, asked: string | undefined): boolean {
  return Boolean(held?.includes('*') || (asked !== undefined && held?.includes(asked)));
}

/** '*' covers all, '*' + '/scale' that subresource of every resource. */
function coversResource(held: readonly string[] | undefined, asked: string): boolean {
  const slash = asked.indexOf('/');
  return includes(held, asked) || (slash >= 0 && includes(held, `*${asked.slice(slash)}`));
}

function coversPath(held: readonly string[] | undefined, asked: string): boolean {
  return Boolean(
    held?.some(
      (one) => one === '*' || one === asked || (one.endsWith('*') && asked.startsWith(one.replace(/\*+$/, ''))),
    ),
  );
}

/** Rules of one group and resource become one with all their verbs, as Kubernetes prints them. */
function compact(rules: readonly PolicyRule[]): PolicyRule[] {
  const merged = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { verbs: _, ...rest } = rule;
    const key = JSON.stringify(rest);
    const known = merged.get(key);
    merged.set(key, known ? { ...known, verbs: [...known.verbs, ...rule.verbs] } : rule);
  }
  return [...merged.values()];
}

/** '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}' */
function ruleText({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): string {
  const part = (name: string, values: readonly string[]): string[] =>
    values.length > 0 ? [`${name}:${quoted(values)}`] : [];
  const parts = [
    ...part('APIGroups', apiGroups),
    ...part('Resources', resources),
    ...part('ResourceNames', resourceNames),
    ...part('NonResourceURLs', nonResourceURLs),
    ...part('Verbs', verbs),
  ];
  return `{${parts.join(', ')}}`;
}

/** Go's %q of a list. */
function quoted(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
}
