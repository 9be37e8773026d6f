/**
 * InterPodAffinity. Filter: the pod's required affinity and anti-affinity, and the required anti-affinity of the pods that
 * are there. Score: preferences of both sides.
 * Source: Kubernetes v1.36, plugins/interpodaffinity/filtering.go.
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
import { type ReferencePlugin, SKIP, unresolvable, unschedulable } from '../plugin.ts';
import {
  type AffinityScoreState,
  normalizeAffinity,
  preScoreAffinity,
  scoreAffinity,
} from './inter-pod-affinity-score.ts';

/** topology key → value → pods. Entries at 0 are taken out. */
type TopologyCounts = Map<string, Map<string, number>>;

interface State {
  required: readonly AffinityTerm[];
  requiredAnti: readonly AffinityTerm[];
  namespaceLabels: Labels | undefined;
  /** Placed pods whose required anti-affinity the pod offends. */
  existingAnti: TopologyCounts;
  /** Placed pods that match all of the pod's required affinity. */
  affinity: TopologyCounts;
  /** Placed pods that match one of the pod's required anti-affinity terms. */
  anti: TopologyCounts;
}

export const interPodAffinity: ReferencePlugin<State, AffinityScoreState> = {
  name: 'InterPodAffinity',

  preFilter({ pod, nodes, listers }) {
    const terms = affinityTermsOf(pod);
    if (terms.malformed) return { refusal: unresolvable(`parsing pod: ${terms.malformed}`) };
    const state: State = {
      required: expandNamespaces(terms.required, listers),
      requiredAnti: expandNamespaces(terms.requiredAnti, listers),
      namespaceLabels: namespaceLabelsOf(pod, listers),
      existingAnti: new Map(),
      affinity: new Map(),
      anti: new Map(),
    };
    const hasOwnTerms = state.required.length > 0 || state.requiredAnti.length > 0;
    for (const node of nodes) {
      for (const other of node.podsWithRequiredAntiAffinity) countExistingAnti(state, pod, other, node.labels, 1);
      if (hasOwnTerms) for (const other of node.pods) countOwn(state, other, node.labels, 1);
    }
    return !hasOwnTerms && state.existingAnti.size === 0 ? SKIP : { state };
  },

  filter(state, node, { pod }) {
    if (!affinityHolds(state, pod, node.labels)) return unresolvable("node(s) didn't match pod affinity rules");
    if (!antiAffinityHolds(state, node.labels)) return unschedulable("node(s) didn't match pod anti-affinity rules");
    if (existingAntiAffinityHolds(state, node.labels)) return undefined;
    return unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");
  },

  clone(state) {
    const copy = (counts: TopologyCounts): TopologyCounts =>
      new Map([...counts].map(([key, values]) => [key, new Map(values)]));
    return {
      ...state,
      existingAnti: copy(state.existingAnti),
      affinity: copy(state.affinity),
      anti: copy(state.anti),
    };
  },

  shift(state, other, { labels }: NodeInfo, by, { pod }) {
    countExistingAnti(state, pod, other, labels, by);
    countOwn(state, other, labels, by);
  },

  preScore: preScoreAffinity,
  score: scoreAffinity,
  normalize: normalizeAffinity,
};

function countExistingAnti(state: State, pod: Pod, other: Pod, labels: Labels, by: 1 | -1): void {
  for (const term of affinityTermsOf(other).requiredAnti) {
    if (termMatches(term, pod, state.namespaceLabels)) shiftCount(state.existingAnti, term.topologyKey, labels, by);
  }
}

/** The pod's own terms look at no namespace labels: their namespaces were expanded. */
function countOwn(state: State, other: Pod, labels: Labels, by: 1 | -1): void {
  const { required, requiredAnti } = state;
  if (required.length > 0 && required.every((term) => termMatches(term, other, undefined))) {
    for (const { topologyKey } of required) shiftCount(state.affinity, topologyKey, labels, by);
  }
  for (const term of requiredAnti) {
    if (termMatches(term, other, undefined)) shiftCount(state.anti, term.topologyKey, labels, by);
  }
}

function shiftCount(counts: TopologyCounts, topologyKey: string, labels: Labels, by: 1 | -1): void {
  const value = labels[topologyKey];
  if (value === undefined) return;
  let values = counts.get(topologyKey);
  if (!values) counts.set(topologyKey, (values = new Map()));
  const count = (values.get(value) ?? 0) + by;
  if (count !== 0) values.set(value, count);
  else values.delete(value);
  if (values.size === 0) counts.delete(topologyKey);
}

function countAt(counts: TopologyCounts, topologyKey: string, value: string): number {
  return counts.get(topologyKey)?.get(value) ?? 0;
}

function affinityHolds({ required, affinity }: State, pod: Pod, labels: Labels): boolean {
  if (required.some(({ topologyKey }) => labels[topologyKey] === undefined)) return false;
  if (required.every(({ topologyKey }) => countAt(affinity, topologyKey, labels[topologyKey]) > 0)) return true;
  // The first pod of a group that is to be together: nobody matches anywhere, but it matches itself.
  return affinity.size === 0 && required.every((term) => termMatches(term, pod, undefined));
}

function antiAffinityHolds({ requiredAnti, anti }: State, labels: Labels): boolean {
  return requiredAnti.every(
    ({ topologyKey }) => labels[topologyKey] === undefined || countAt(anti, topologyKey, labels[topologyKey]) <= 0,
  );
}

function existingAntiAffinityHolds({ existingAnti }: State, labels: Labels): boolean {
  for (const [topologyKey, values] of existingAnti) {
    const value = labels[topologyKey];
    if (value !== undefined && (values.get(value) ?? 0) > 0) return false;
  }
  return true;
}
