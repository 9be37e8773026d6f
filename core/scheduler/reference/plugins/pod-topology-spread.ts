/**
 * PodTopologySpread. Filter: placing the pod keeps the skew of every hard constraint within bounds. Score: the soft ones.
 * Source: Kubernetes v1.36, plugins/podtopologyspread/filtering.go.
 */
import { selectorMatches } from '../../../objects/selectors.ts';
import { namespaceOf } from '../../../objects/types.ts';
import {
  countMatchingPods,
  countsNode,
  hasAllTopologyKeys,
  type SpreadConstraint,
  spreadConstraintsOf,
} from '../../terms/spread-constraints.ts';
import { type Context, type ReferencePlugin, SKIP, unresolvable, unschedulable } from '../plugin.ts';
import { normalizeSpread, preScoreSpread, type SpreadScoreState, scoreSpread } from './pod-topology-spread-score.ts';

interface State {
  constraints: readonly SpreadConstraint[];
  /** Per constraint: topology value → matching pods. A value with 0 pods is a domain too. */
  counts: Map<string, number>[];
}

export const podTopologySpread: ReferencePlugin<State, SpreadScoreState> = {
  name: 'PodTopologySpread',

  preFilter({ pod, nodes, listers, args }) {
    const hard = spreadConstraintsOf(pod, 'DoNotSchedule', args.podTopologySpread, listers);
    if ('error' in hard) return { error: `obtaining pod's hard topology spread constraints: ${hard.error}` };
    const { constraints } = hard;
    if (constraints.length === 0) return SKIP;
    const counts = constraints.map(() => new Map<string, number>());
    for (const { node, labels, pods } of nodes) {
      if (!hasAllTopologyKeys(constraints, labels)) continue;
      constraints.forEach((constraint, i) => {
        if (!countsNode(constraint, pod, node)) return;
        const value = labels[constraint.topologyKey];
        const matching = countMatchingPods(constraint.selector, namespaceOf(pod), pods);
        counts[i].set(value, (counts[i].get(value) ?? 0) + matching);
      });
    }
    return { state: { constraints, counts } };
  },

  filter({ constraints, counts }, { labels }, { pod }) {
    for (const [i, constraint] of constraints.entries()) {
      const value = labels[constraint.topologyKey];
      if (value === undefined) {
        return unresolvable("node(s) didn't match pod topology spread constraints (missing required label)");
      }
      // The selector {} counts no pod, but it does see the pod itself.
      const self = selectorMatches(constraint.selector, pod.metadata.labels) ? 1 : 0;
      const skew = (counts[i].get(value) ?? 0) + self - globalMinimum(counts[i], constraint.minDomains);
      if (skew > constraint.maxSkew) return unschedulable("node(s) didn't match pod topology spread constraints");
    }
    return undefined;
  },

  clone({ constraints, counts }) {
    return { constraints, counts: counts.map((domains) => new Map(domains)) };
  },

  /** Unlike in preFilter, a terminating pod counts, and {} matches: removing such a pod takes off what was never added. */
  shift({ constraints, counts }, other, { node, labels }, by, { pod }: Context) {
    if (namespaceOf(other) !== namespaceOf(pod) || !hasAllTopologyKeys(constraints, labels)) return;
    constraints.forEach((constraint, i) => {
      if (!selectorMatches(constraint.selector, other.metadata.labels) || !countsNode(constraint, pod, node)) return;
      const value = labels[constraint.topologyKey];
      counts[i].set(value, (counts[i].get(value) ?? 0) + by);
    });
  },

  preScore: preScoreSpread,
  score: scoreSpread,
  normalize: normalizeSpread,
};

/** Too few domains: the missing ones count as empty. */
function globalMinimum(domains: ReadonlyMap<string, number>, minDomains: number): number {
  if (domains.size < minDomains) return 0;
  let min = Infinity;
  for (const count of domains.values()) min = Math.min(min, count);
  return min;
}
