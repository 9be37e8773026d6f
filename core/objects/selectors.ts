/**
 * Label selectors and node selectors: compile once, match many times.
 * Source: Kubernetes v1.36, apimachinery/pkg/labels/selector.go, component-helpers/scheduling/corev1/nodeaffinity.
 */
import type { LabelSelector, Labels, NodeSelector, NodeSelectorTerm } from './types.ts';

export type Operator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
export interface Requirement {
  key: string;
  operator: Operator;
  values: readonly string[];
}

/** All requirements must hold. `nothing` marks the selector that matches no labels at all. */
export interface Selector {
  nothing: boolean;
  requirements: readonly Requirement[];
}

export const NOTHING: Selector = { nothing: true, requirements: [] };
export const EVERYTHING: Selector = { nothing: false, requirements: [] };

/** nil → nothing, {} → everything. undefined when a key, value or requirement is malformed; callers make that an error. */
export function compileLabelSelector(selector: LabelSelector | undefined | null): Selector | undefined {
  if (!selector) return NOTHING;
  const requirements: Requirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    requirements.push({ key, operator: 'In', values: [value] });
  }
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    if (!isLabelOperator(operator)) return undefined;
    requirements.push({ key, operator, values });
  }
  return requirements.every(isValidRequirement) ? { nothing: false, requirements } : undefined;
}

function isLabelOperator(operator: string): operator is 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' {
  return operator === 'In' || operator === 'NotIn' || operator === 'Exists' || operator === 'DoesNotExist';
}

/** A map of equal pairs, as in Service.spec.selector. */
export function compilePairs(pairs: Labels): Selector {
  const requirements = Object.entries(pairs).map(
    ([key, value]): Requirement => ({ key, operator: 'In', values: [value] }),
  );
  return { nothing: false, requirements };
}

export function selectorMatches(selector: Selector, labels: Labels | undefined): boolean {
  if (selector.nothing) return false;
  for (const requirement of selector.requirements) {
    if (!requirementMatches(requirement, labelOf(labels, requirement.key))) return false;
  }
  return true;
}

/** The label's value; a label may be named as something every JavaScript object inherits ('constructor'). */
export function labelOf(labels: Labels | undefined, key: string): string | undefined {
  const value: unknown = labels?.[key];
  return typeof value === 'string' ? value : undefined;
}

/** NotIn holds when the key is absent; Gt and Lt compare base-10 int64 and fail on anything else. */
export function requirementMatches({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      const left = value === undefined ? undefined : parseInt64(value);
      const right = parseInt64(values[0]);
      if (left === undefined || right === undefined) return false;
      return operator === 'Gt' ? left > right : left < right;
    }
  }
}

/** Go's strconv.ParseInt(text, 10, 64). */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,64}$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value >= -(1n << 63n) && value < 1n << 63n ? value : undefined;
}

// --- node selectors ----------------------------------------------------------------------------------------------

/** One ORed term. An invalid term never matches; `fieldNames` are its metadata.name requirements. */
export interface NodeTerm {
  valid: boolean;
  labels: readonly Requirement[];
  /** metadata.name In/NotIn exactly one value. */
  fields: readonly Requirement[];
}

/** undefined when the term is empty: it matches nothing and is dropped. */
export function compileNodeTerm(term: NodeSelectorTerm): NodeTerm | undefined {
  const expressions = term.matchExpressions ?? [];
  const fieldExpressions = term.matchFields ?? [];
  if (expressions.length === 0 && fieldExpressions.length === 0) return undefined;
  let valid = true;
  const labels: Requirement[] = [];
  for (const { key, operator, values = [] } of expressions) {
    const requirement = { key, operator: operator as Operator, values };
    valid &&= isValidRequirement(requirement);
    labels.push(requirement);
  }
  const fields: Requirement[] = [];
  for (const { key, operator, values = [] } of fieldExpressions) {
    valid &&= key === 'metadata.name' && (operator === 'In' || operator === 'NotIn') && values.length === 1;
    fields.push({ key, operator: operator as Operator, values });
  }
  return { valid, labels, fields };
}

/** labels.NewRequirement: key and values must be well formed, and the operator take that many values. */
export function isValidRequirement({ key, operator, values }: Requirement): boolean {
  if (!isQualifiedName(key)) return false;
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) return false;
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length !== 0) return false;
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1 || parseInt64(values[0]) === undefined) return false;
      break;
    default:
      return false;
  }
  return values.every(isLabelValue);
}

export function nodeTermMatches(term: NodeTerm, labels: Labels | undefined, nodeName: string): boolean {
  if (!term.valid) return false;
  for (const requirement of term.labels) {
    if (!requirementMatches(requirement, labelOf(labels, requirement.key))) return false;
  }
  return term.fields.every((requirement) => requirementMatches(requirement, nodeName));
}

/** Terms are ORed; empty ones are dropped; no usable term matches nothing. */
export function compileNodeSelector(selector: NodeSelector): NodeTerm[] {
  return (selector.nodeSelectorTerms ?? []).map(compileNodeTerm).filter((term) => term !== undefined);
}

const NAME_PART = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** '[prefix/]name': prefix a DNS subdomain of at most 253, name at most 63 characters. */
export function isQualifiedName(key: string): boolean {
  const slash = key.indexOf('/');
  if (slash < 0) return NAME_PART.test(key);
  const prefix = key.slice(0, slash);
  return prefix.length <= 253 && DNS_SUBDOMAIN.test(prefix) && NAME_PART.test(key.slice(slash + 1));
}

export function isLabelValue(value: string): boolean {
  return value === '' || NAME_PART.test(value);
}
