/**
 * What a pod demands and prefers of a node's labels and name, compiled once per object.
 * Source: Kubernetes v1.36, component-helpers/scheduling/corev1/nodeaffinity, plugins/nodeaffinity.
 */
import {
  compileNodeSelector,
  compileNodeTerm,
  isLabelValue,
  isQualifiedName,
  type NodeTerm,
  nodeTermMatches,
  parseInt64,
} from '../../objects/selectors.ts';
import type {
  Labels,
  Node,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Pod,
  PreferredSchedulingTerm,
} from '../../objects/types.ts';

const requiredTerms = new WeakMap<NodeSelector, readonly NodeTerm[]>();

/** One of the terms matches. A selector without usable terms matches no node. */
export function nodeSelectorMatches(selector: NodeSelector, labels: Labels | undefined, name: string): boolean {
  let terms = requiredTerms.get(selector);
  if (!terms) requiredTerms.set(selector, (terms = compileNodeSelector(selector)));
  return terms.some((term) => nodeTermMatches(term, labels, name));
}

export function requiredNodeSelectorOf(affinity: NodeAffinity | undefined): NodeSelector | undefined {
  return affinity?.requiredDuringSchedulingIgnoredDuringExecution;
}

/** Every pair of spec.nodeSelector, and one term of the required node affinity. */
export function requiredNodeAffinityMatches(pod: Pod, node: Node): boolean {
  const { labels, name } = node.metadata;
  const { nodeSelector, affinity } = pod.spec;
  for (const key in nodeSelector) if (labels?.[key] !== nodeSelector[key]) return false;
  const required = requiredNodeSelectorOf(affinity?.nodeAffinity);
  return !required || nodeSelectorMatches(required, labels, name);
}

/**
 * The names that metadata.name fields leave: per term the intersection of its In sets, over terms their union; undefined
 * when some term names none. Values count here even where the term is invalid and will match nothing.
 */
export function namedNodes(required: NodeSelector): Set<string> | undefined {
  const all = new Set<string>();
  for (const term of required.nodeSelectorTerms ?? []) {
    let names: Set<string> | undefined;
    for (const { key, operator, values = [] } of term.matchFields ?? []) {
      if (key !== 'metadata.name' || operator !== 'In') continue;
      names = names ? names.intersection(new Set(values)) : new Set(values);
    }
    if (!names) return undefined;
    for (const name of names) all.add(name);
  }
  return required.nodeSelectorTerms?.length ? all : undefined;
}

export interface PreferredNodeTerm {
  weight: number;
  term: NodeTerm;
}
type PreferredNodeTerms = readonly PreferredNodeTerm[] | { error: string };

const preferredTerms = new WeakMap<readonly PreferredSchedulingTerm[], PreferredNodeTerms>();

/** Preferred terms with a weight and something in them. One malformed term makes the whole list an error. */
export function preferredNodeTerms(list: readonly PreferredSchedulingTerm[]): PreferredNodeTerms {
  let terms = preferredTerms.get(list);
  if (!terms) preferredTerms.set(list, (terms = compilePreferred(list)));
  return terms;
}

function compilePreferred(list: readonly PreferredSchedulingTerm[]): PreferredNodeTerms {
  const terms: PreferredNodeTerm[] = [];
  const problems: string[] = [];
  list.forEach(({ weight, preference }, index) => {
    const term = weight === 0 ? undefined : compileNodeTerm(preference);
    if (!term) return;
    if (!term.valid) problems.push(...problemsOf(preference, `[${index}]`));
    terms.push({ weight, term });
  });
  if (problems.length === 0) return terms;
  return { error: problems.length === 1 ? problems[0] : `[${[...new Set(problems)].join(', ')}]` };
}

/** Sum of the weights of the terms that match. */
export function preferredWeight(terms: readonly PreferredNodeTerm[], node: Node): number {
  let sum = 0;
  for (const { weight, term } of terms) {
    if (nodeTermMatches(term, node.metadata.labels, node.metadata.name)) sum += weight;
  }
  return sum;
}

// --- the words for malformed terms ---------------------------------------------------------------------------------

function problemsOf({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, path: string): string[] {
  return [
    ...matchExpressions.flatMap((one, i) => expressionProblems(one, `${path}.matchExpressions[${i}]`)),
    ...matchFields.flatMap((one, i) => fieldProblems(one, `${path}.matchFields[${i}]`)),
  ];
}

const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
  "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

function expressionProblems({ key, operator, values = [] }: NodeSelectorRequirement, path: string): string[] {
  const problems: string[] = [];
  const list = JSON.stringify(values);
  if (!isQualifiedName(key)) problems.push(`${path}.key: Invalid value: ${JSON.stringify(key)}: ${NAME_RULE}`);
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) {
        problems.push(`${path}.values: Invalid value: ${list}: for 'in', 'notin' operators, values set can't be empty`);
      }
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        problems.push(`${path}.values: Invalid value: ${list}: values set must be empty for exists and does not exist`);
      }
      break;
    case 'Gt':
    case 'Lt':
      if (values.length !== 1) {
        problems.push(
          `${path}.values: Invalid value: ${list}: for 'Gt', 'Lt' operators, exactly one value is required`,
        );
      }
      values.forEach((value, i) => {
        if (parseInt64(value) !== undefined) return;
        const shown = JSON.stringify(value);
        problems.push(
          `${path}.values[${i}]: Invalid value: ${shown}: for 'Gt', 'Lt' operators, the value must be an integer`,
        );
      });
      break;
    default:
      return [`${path}.operator: Unsupported value: ${JSON.stringify(operator)}`];
  }
  values.forEach((value, i) => {
    if (isLabelValue(value)) return;
    problems.push(`${path}.values[${i}][${key}]: Invalid value: ${JSON.stringify(value)}: ${LABEL_VALUE_RULE}`);
  });
  return problems;
}

function fieldProblems({ key, operator, values = [] }: NodeSelectorRequirement, path: string): string[] {
  if (operator !== 'In' && operator !== 'NotIn') {
    return [`${path}.operator: Unsupported value: ${JSON.stringify(operator)}`];
  }
  if (values.length !== 1) return [`${path}.values: Required value: must have one element`];
  return key === 'metadata.name' ? [] : [`${path}.key: Invalid value: ${JSON.stringify(key)}: not a valid field`];
}
