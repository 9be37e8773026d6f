/**
 * The score of PodTopologySpread: matching pods in the node's domains, weighted by the logarithm of the number of domains;
 * the fewer the better.
 * Source: Kubernetes v1.36, plugins/podtopologyspread/scoring.go.
 */
import { namespaceOf } from '../../../objects/types.ts';
import { goLog, goRound } from '../../go-math.ts';
import {
  countMatchingPods,
  countsNode,
  HOSTNAME,
  hasAllTopologyKeys,
  type SpreadConstraint,
  spreadConstraintsOf,
} from '../../terms/spread-constraints.ts';
import type { NodeInfo } from '../node-info.ts';
import { type Context, SKIP, type Skip } from '../plugin.ts';

export interface SpreadScoreState {
  constraints: readonly SpreadConstraint[];
  /** Feasible nodes that lack some topology key. */
  ignored: ReadonlySet<NodeInfo>;
  /** Per constraint: topology value of some feasible node → matching pods anywhere. Empty for the host name. */
  counts: Map<string, number>[];
  /** Per constraint: ln(domains + 2). */
  weights: number[];
}

export function preScoreSpread(
  { pod, nodes, listers, args }: Context,
  feasible: readonly NodeInfo[],
): { state: SpreadScoreState } | Skip | { error: string } {
  const soft = spreadConstraintsOf(pod, 'ScheduleAnyway', args.podTopologySpread, listers);
  if ('error' in soft) return { error: `obtaining pod's soft topology spread constraints: ${soft.error}` };
  const { constraints, requireAllTopologies } = soft;
  if (constraints.length === 0) return SKIP;
  const isIgnored = ({ labels }: NodeInfo): boolean => requireAllTopologies && !hasAllTopologyKeys(constraints, labels);
  const ignored = new Set(feasible.filter(isIgnored));
  const counts = constraints.map(({ topologyKey }) => {
    const domains = new Map<string, number>();
    if (topologyKey === HOSTNAME) return domains;
    // Without requireAllTopologies a node may lack the key; its value is then '', as in Go.
    for (const node of feasible) if (!ignored.has(node)) domains.set(node.labels[topologyKey] ?? '', 0);
    return domains;
  });
  const weights = constraints.map(({ topologyKey }, i) => {
    const size = topologyKey === HOSTNAME ? feasible.length - ignored.size : counts[i].size;
    return goLog(size + 2);
  });
  for (const info of nodes) {
    if (isIgnored(info)) continue;
    constraints.forEach((constraint, i) => {
      const value = info.labels[constraint.topologyKey] ?? '';
      const count = counts[i].get(value);
      if (count === undefined || !countsNode(constraint, pod, info.node)) return;
      counts[i].set(value, count + countMatchingPods(constraint.selector, namespaceOf(pod), info.pods));
    });
  }
  return { state: { constraints, ignored, counts, weights } };
}

export function scoreSpread(state: SpreadScoreState, node: NodeInfo, { pod }: Context): number {
  if (state.ignored.has(node)) return 0;
  let score = 0;
  state.constraints.forEach(({ topologyKey, selector, maxSkew }, i) => {
    const value = node.labels[topologyKey];
    if (value === undefined) return;
    const count =
      topologyKey === HOSTNAME
        ? countMatchingPods(selector, namespaceOf(pod), node.pods)
        : (state.counts[i].get(value) ?? 0);
    score += count * state.weights[i] + (maxSkew - 1);
  });
  return goRound(score);
}

export function normalizeSpread(scores: number[], feasible: readonly NodeInfo[], { ignored }: SpreadScoreState): void {
  let min = Number.MAX_SAFE_INTEGER;
  let max = 0;
  scores.forEach((score, k) => {
    if (ignored.has(feasible[k])) return;
    min = Math.min(min, score);
    max = Math.max(max, score);
  });
  scores.forEach((score, k) => {
    if (ignored.has(feasible[k])) scores[k] = 0;
    else if (max === 0) scores[k] = 100;
    else scores[k] = Math.trunc((100 * (max + min - score)) / max);
  });
}
