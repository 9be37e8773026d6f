/**
 * Node selectors over label columns: each requirement becomes one look into a table by value id.
 * Semantics 3.4; the plain form stands in objects/selectors.ts and terms/node-affinity.ts.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import { compileNodeSelector, type NodeTerm, type Requirement } from '../../objects/selectors.ts';
import type { Labels, NodeSelector } from '../../objects/types.ts';

interface LabelTest {
  ids: Int32Array;
  /** [value id] */
  allowed: Uint8Array;
}

/** All tests must hold, and the row be (or not be) each named one. */
export interface TermTest {
  labels: readonly LabelTest[];
  rows: readonly { row: number; is: boolean }[];
  never: boolean;
}

/** Every pair, and one of the terms; without `terms` the pairs alone. */
export interface NodeMatcher {
  pairs: readonly LabelTest[];
  terms: readonly TermTest[] | undefined;
}

export function compileNodeMatcher(
  cluster: Cluster,
  pairs: Labels | undefined,
  required: NodeSelector | undefined,
): NodeMatcher {
  const requirements = Object.entries(pairs ?? {}).map(
    ([key, value]): Requirement => ({ key, operator: 'In', values: [value] }),
  );
  return {
    pairs: requirements.map((requirement) => labelTest(cluster, requirement)),
    terms: required && compileNodeSelector(required).map((term) => compileTerm(cluster, term)),
  };
}

export function compileTerm(cluster: Cluster, term: NodeTerm): TermTest {
  if (!term.valid) return { labels: [], rows: [], never: true };
  return {
    labels: term.labels.map((requirement) => labelTest(cluster, requirement)),
    rows: term.fields.map(({ operator, values }) => ({ row: cluster.rowOf(values[0]), is: operator === 'In' })),
    never: false,
  };
}

function labelTest(cluster: Cluster, requirement: Requirement): LabelTest {
  const { ids, dictionary } = cluster.labelColumn(requirement.key);
  return { ids, allowed: dictionary.allowed(requirement) };
}

export function matchesNode({ pairs, terms }: NodeMatcher, n: number): boolean {
  for (const { ids, allowed } of pairs) if (allowed[ids[n]] === 0) return false;
  if (!terms) return true;
  for (const term of terms) if (matchesTerm(term, n)) return true;
  return false;
}

export function matchesTerm({ labels, rows, never }: TermTest, n: number): boolean {
  if (never) return false;
  for (const { ids, allowed } of labels) if (allowed[ids[n]] === 0) return false;
  for (const { row, is } of rows) if ((row === n) !== is) return false;
  return true;
}
