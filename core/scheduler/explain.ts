/**
 * Why a pod goes where it goes: every node against every plugin, as plain data, and as rows for a table. Feasible nodes
 * come first, best first; then the rejected ones in walking order.
 */
import { namespaceOf } from '../objects/types.ts';
import type { TieRule } from './decision.ts';
import type { Cycle, Rejection, Scores } from './framework.ts';
import { type Inspection, inspect } from './inspect.ts';
import { HostSelector } from './select-node.ts';

export interface FilterVerdict {
  plugin: string;
  passed: boolean;
  /** What it said; empty when passed. */
  reasons: string[];
}

export interface PluginScore {
  plugin: string;
  weight: number;
  raw: number;
  /** 0 to 100 */
  normalized: number;
  weighted: number;
}

export interface ExplainedNode {
  node: string;
  verdict: 'chosen' | 'feasible' | 'rejected';
  /** The plugin that decided, nominated pods included. Later ones are asked for `filters` only. */
  rejectedBy?: Rejection;
  /** Each filter by itself, without nominated pods. */
  filters: FilterVerdict[];
  /** Empty unless two or more nodes are feasible. */
  scores: PluginScore[];
  total?: number;
  /** 1 is best; equal totals share a rank. */
  rank?: number;
}

export interface Explanation {
  /** 'namespace/name' */
  pod: string;
  /** PreFilter refused the pod: no node was asked. */
  preFilter?: Rejection;
  /** PreFilter or a score plugin failed. */
  error?: string;
  /** Only these nodes were asked. */
  narrowedTo?: string[];
  /** Feasible nodes with the best total. The tie rule chose among them if they are several. */
  best: string[];
  nodes: ExplainedNode[];
}

/** The choice is the one among all feasible nodes; a nominated node is not preferred here. */
export function explain(cycle: Cycle, tieRule: TieRule = 'order', seed = 0): Explanation {
  const inspection = inspect(cycle);
  const { feasible, scores, rejections, examined } = inspection;
  const ranks = scores ? ranksOf(scores.totals) : feasible.map(() => 1);
  const best = feasible.filter((_, k) => ranks[k] === 1);
  const chosen = choose(cycle, inspection, new HostSelector(tieRule, seed));
  const fitting = feasible
    .map((n, k) => ({ ...fittingNode(cycle, n, n === chosen), ...(scores ? scored(scores, k, ranks[k]) : {}) }))
    .sort((a, b) => (a.rank ?? 1) - (b.rank ?? 1));
  const rejected = examined.flatMap((n) => {
    const rejectedBy = rejections.get(n);
    return rejectedBy ? [rejectedNode(cycle, n, rejectedBy)] : [];
  });
  const { rejection, error, nodeNames } = cycle.preFilter;
  return {
    pod: `${namespaceOf(cycle.pod)}/${cycle.pod.metadata.name}`,
    ...(rejection ? { preFilter: rejection } : {}),
    ...errorOf(error?.message ?? inspection.scoreError?.message),
    ...(nodeNames ? { narrowedTo: [...nodeNames].sort() } : {}),
    best: inspection.scoreError ? [] : best.map((n) => cycle.nodeName(n)),
    nodes: [...fitting, ...rejected],
  };
}

function errorOf(error: string | undefined): { error?: string } {
  return error === undefined ? {} : { error };
}

/** Node index, or -1 when nothing can be chosen. */
function choose(cycle: Cycle, { feasible, scores, scoreError }: Inspection, selector: HostSelector): number {
  if (feasible.length === 0 || scoreError) return -1;
  return scores ? feasible[selector.select(cycle, feasible, scores.totals, 1)] : feasible[0];
}

/** Competition ranks: 1, 1, 3. */
function ranksOf(totals: ArrayLike<number>): number[] {
  const sorted = Array.from(totals).sort((a, b) => b - a);
  const rankOf = new Map<number, number>();
  sorted.forEach((total, i) => {
    if (!rankOf.has(total)) rankOf.set(total, i + 1);
  });
  return Array.from(totals, (total) => rankOf.get(total) ?? 0);
}

function fittingNode(cycle: Cycle, n: number, chosen: boolean): ExplainedNode {
  const verdict = chosen ? 'chosen' : 'feasible';
  return { node: cycle.nodeName(n), verdict, filters: filtersOf(cycle, n), scores: [] };
}

function rejectedNode(cycle: Cycle, n: number, rejectedBy: Rejection): ExplainedNode {
  return { node: cycle.nodeName(n), verdict: 'rejected', rejectedBy, filters: filtersOf(cycle, n), scores: [] };
}

function filtersOf(cycle: Cycle, n: number): FilterVerdict[] {
  return cycle.verdicts(n).map(({ plugin, rejection }) => ({
    plugin,
    passed: rejection === null,
    reasons: rejection?.reasons ?? [],
  }));
}

function scored(scores: Scores, k: number, rank: number): Pick<ExplainedNode, 'scores' | 'total' | 'rank'> {
  const { plugins, weights, raw, normalized, totals } = scores;
  const perPlugin = plugins.map((plugin, p) => ({
    plugin,
    weight: weights[p],
    raw: raw[p][k],
    normalized: normalized[p][k],
    weighted: weights[p] * normalized[p][k],
  }));
  return { scores: perPlugin, total: totals[k], rank };
}

/** A heading row and one row per node: node, verdict, total, rank, then each score plugin, then why not. */
export function explanationRows({ nodes }: Explanation): string[][] {
  const plugins = nodes.find(({ scores }) => scores.length > 0)?.scores ?? [];
  const heading = plugins.map(({ plugin, weight }) => `${plugin} x${weight}`);
  const rows = nodes.map((node) => [
    node.node,
    node.verdict,
    node.total === undefined ? '' : String(node.total),
    node.rank === undefined ? '' : String(node.rank),
    ...plugins.map((_, p) => (node.scores[p] ? scoreCell(node.scores[p]) : '')),
    node.rejectedBy ? `${node.rejectedBy.plugin}: ${node.rejectedBy.reasons.join(', ')}` : '',
  ]);
  return [['node', 'verdict', 'total', 'rank', ...heading, 'why not'], ...rows];
}

/** Weighted, and how it came about where the normalised score is not the raw one. */
function scoreCell({ raw, normalized, weighted }: PluginScore): string {
  return raw === normalized ? String(weighted) : `${weighted} (${raw} -> ${normalized})`;
}
