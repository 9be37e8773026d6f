/** Holds a pod to a level in a version: every violated rule, the baseline's first, each level's by name. Source: Kubernetes v1.36, pod-security-admission/policy/registry.go. */
import { BASELINE } from './baseline.ts';
import type { Check, Violation } from './check.ts';
import type { PodView } from './pod-view.ts';
import type { Demand } from './policy.ts';
import { RESTRICTED } from './restricted.ts';

export function violationsOf(pod: PodView, { level, minor }: Demand): Violation[] {
  if (level === 'privileged') return [];
  const restricted = level === 'restricted' ? active(RESTRICTED, minor) : [];
  const replaced = new Set(restricted.map(({ overrides }) => overrides));
  const checks = [...active(BASELINE, minor).filter(({ id }) => !replaced.has(id)), ...restricted];
  return checks.flatMap(({ forms }) => forms.findLast(({ since }) => since <= minor)?.find(pod) ?? []);
}

/** 'host namespaces (hostNetwork=true), privileged (…)' */
export function violationsText(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => (detail ? `${reason} (${detail})` : reason)).join(', ');
}

function active(checks: readonly Check[], minor: number): Check[] {
  return checks.filter(({ forms }) => forms[0].since <= minor);
}
