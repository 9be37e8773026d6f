/**
 * The rules of an aggregated ClusterRole: those of every role that one of its selectors finds, and of the roles which
 * these aggregate in turn. Kubernetes' controller writes the union into the object step by step; this is where its
 * steps end. Source: Kubernetes v1.36, pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go.
 */
import { isDeepStrictEqual } from 'node:util';
import { compileLabelSelector, selectorMatches } from '../../../../core/index.ts';
import type { PolicyRule } from '../faces.ts';
import type { ClusterRole } from './objects.ts';

/** The rules that count for `role`, in the order of the names of the roles they come from, each once. */
export function effectiveRules(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  if (!role.aggregationRule) return [...(role.rules ?? [])];
  const rules: PolicyRule[] = [];
  const seen = new Set<string>();
  for (const source of sourcesOf(role, all)) {
    for (const rule of source.rules ?? []) {
      const key = JSON.stringify([
        rule.verbs,
        rule.apiGroups,
        rule.resources,
        rule.resourceNames,
        rule.nonResourceURLs,
      ]);
      if (!seen.has(key)) rules.push(rule);
      seen.add(key);
    }
  }
  return rules;
}

/** Aggregated roles whose stored rules are not what they should be, with the rules they should have. */
export function staleAggregates(all: readonly ClusterRole[]): ClusterRole[] {
  return all.flatMap((role) => {
    if (!role.aggregationRule) return [];
    const rules = effectiveRules(role, all);
    return isDeepStrictEqual(rules, role.rules ?? []) ? [] : [{ ...role, rules }];
  });
}

/** Roles with rules of their own that `role` reaches; roles that aggregate each other are walked once. */
function sourcesOf(
  role: ClusterRole,
  all: readonly ClusterRole[],
  walked = new Set([role.metadata.name]),
): ClusterRole[] {
  const found = all
    .filter((other) => !walked.has(other.metadata.name) && isSelected(role, other))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const { metadata } of found) walked.add(metadata.name);
  return found.flatMap((other) => (other.aggregationRule ? sourcesOf(other, all, walked) : [other]));
}

function isSelected({ aggregationRule }: ClusterRole, { metadata }: ClusterRole): boolean {
  return Boolean(
    aggregationRule?.clusterRoleSelectors?.some((selector) => {
      const compiled = compileLabelSelector(selector);
      return compiled !== undefined && selectorMatches(compiled, metadata.labels);
    }),
  );
}
