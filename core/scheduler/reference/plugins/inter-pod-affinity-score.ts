/**
 * The score of InterPodAffinity: weights of the pod's preferences that placed pods fulfil, and of placed pods' preferences
 * (and required affinity) that the pod fulfils, summed per topology value.
 * Source: Kubernetes v1.36, plugins/interpodaffinity/scoring.go.
 */

import type { Labels, Pod } from '../../../objects/types.ts';
import {
  type AffinityTerm,
  affinityTermsOf,
  expandNamespaces,
  namespaceLabelsOf,
  termMatches,
} from '../../terms/affinity-terms.ts';
import type { NodeInfo } from '../node-info.ts';
import { type Context, SKIP, type Skip } from '../plugin.ts';

/** topology key → value → weight. */
export type AffinityScoreState = Map<string, Map<string, number>>;

export function preScoreAffinity(context: Context): { state: AffinityScoreState } | Skip | { error: string } {
  const { pod, nodes, listers } = context;
  const { hardPodAffinityWeight, ignorePreferredTermsOfExistingPods } = context.args.interPodAffinity;
  const own = affinityTermsOf(pod);
  if (own.malformed) return { error: `failed to parse pod: ${own.malformed}` };
  const hasPreferences = own.preferred.length > 0 || own.preferredAnti.length > 0;
  if (ignorePreferredTermsOfExistingPods && !hasPreferences) return SKIP;
  const preferred = expandNamespaces(own.preferred, listers);
  const preferredAnti = expandNamespaces(own.preferredAnti, listers);
  const namespaceLabels = namespaceLabelsOf(pod, listers);
  const weights: AffinityScoreState = new Map();

  for (const { labels, pods, podsWithAffinity } of nodes) {
    const add = (
      terms: readonly AffinityTerm[],
      seen: Pod,
      of: Labels | undefined,
      factor: number,
      hard = false,
    ): void => {
      for (const term of terms) {
        if (!termMatches(term, seen, of)) continue;
        addWeight(weights, term.topologyKey, labels, (hard ? 1 : term.weight) * factor);
      }
    };
    for (const other of hasPreferences ? pods : podsWithAffinity) {
      add(preferred, other, undefined, 1);
      add(preferredAnti, other, undefined, -1);
      const theirs = affinityTermsOf(other);
      if (hardPodAffinityWeight > 0) add(theirs.required, pod, namespaceLabels, hardPodAffinityWeight, true);
      add(theirs.preferred, pod, namespaceLabels, 1);
      add(theirs.preferredAnti, pod, namespaceLabels, -1);
    }
  }
  return weights.size > 0 ? { state: weights } : SKIP;
}

/** An entry stays even where the weights add up to 0. */
function addWeight(weights: AffinityScoreState, topologyKey: string, labels: Labels, weight: number): void {
  const value = labels[topologyKey];
  if (value === undefined) return;
  let values = weights.get(topologyKey);
  if (!values) weights.set(topologyKey, (values = new Map()));
  values.set(value, (values.get(value) ?? 0) + weight);
}

export function scoreAffinity(weights: AffinityScoreState, { labels }: NodeInfo): number {
  let score = 0;
  for (const [topologyKey, values] of weights) {
    const value = labels[topologyKey];
    if (value !== undefined) score += values.get(value) ?? 0;
  }
  return score;
}

/** Divides first, multiplies then, truncates: in that order. */
export function normalizeAffinity(scores: number[]): void {
  const min = Math.min(...scores);
  const difference = Math.max(...scores) - min;
  scores.forEach((score, k) => {
    scores[k] = difference > 0 ? Math.trunc(100 * ((score - min) / difference)) : 0;
  });
}
