/**
 * InterPodAffinity. Filter: required affinity and anti-affinity of the pod, and required anti-affinity of pods placed
 * already. Score: preferred terms in both directions, and required affinity of placed pods.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/interpodaffinity/{filtering,scoring}.go.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { LabelClass } from '../../cluster/match-counts.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import { selectorMatches } from '../../objects/selectors.ts';
import type { Labels } from '../../objects/types.ts';
import { MAX_NODE_SCORE, type PackedPlugin, posted, SKIP, type View } from '../framework.ts';
import type { PluginArgs } from '../profile.ts';
import { type CarriedTerm, CarriedTerms, termKey } from '../scan/carried-terms.ts';
import {
  type AffinityTerm,
  expandNamespaces,
  namespaceLabelsOf,
  termMatches,
  termsOfMake,
} from '../terms/affinity-terms.ts';

/** Counts or weights per value of one topology key. */
interface Table {
  ids: Int32Array;
  /** [value id] */
  sums: Float64Array;
}
interface TermCounts extends Table {
  term: AffinityTerm;
}

interface FilterFacts {
  /** topology key → pods whose required anti-affinity the incoming pod would break. */
  existingAnti: Map<string, Table>;
  /** Pods that match all of the pod's required affinity terms, counted once per term. */
  affinity: TermCounts[];
  affinityTotal: number;
  anti: TermCounts[];
  /** The pod matches its own affinity terms: it may be the first of its kind. */
  matchesItself: boolean;
  namespaceLabels: Labels | undefined;
}
type ScoreFacts = Table[];

const AFFINITY = "node(s) didn't match pod affinity rules";
const ANTI_AFFINITY = "node(s) didn't match pod anti-affinity rules";
const EXISTING_ANTI_AFFINITY = "node(s) didn't satisfy existing pods anti-affinity rules";
const REASONS = [AFFINITY, ANTI_AFFINITY, EXISTING_ANTI_AFFINITY];

export function interPodAffinity(args: PluginArgs['interPodAffinity']): PackedPlugin<FilterFacts, ScoreFacts> {
  return {
    name: 'InterPodAffinity',
    scope: 'shared',
    onWorkers: { filter: (facts) => posted(tablesOf(facts)), score: posted },

    preFilter(pod, view) {
      const own = termsOfMake(pod);
      if (own.malformed) {
        return { rejected: { code: 'UnschedulableAndUnresolvable', reasons: [`parsing pod: ${own.malformed}`] } };
      }
      const carried = carriedTerms(view.cluster).requiredAnti;
      if (carried.size === 0 && own.required.length === 0 && own.requiredAnti.length === 0) return SKIP;
      const facts = emptyFacts(pod, view);
      for (const { term, rows } of carried) {
        if (!termMatches(term, pod.pod, facts.namespaceLabels)) continue;
        for (const [row, { pods }] of rows) shiftKey(facts.existingAnti, view.cluster, term.topologyKey, row, pods);
      }
      if (facts.existingAnti.size === 0 && facts.affinity.length === 0 && facts.anti.length === 0) return SKIP;
      countAffinity(facts, view.cluster);
      for (const counts of facts.anti) addColumn(counts, podsSeenBy([counts.term], view.cluster));
      return facts;
    },

    filter(facts, _pod, _view, from, to, rejectedBy, self) {
      for (let n = from; n < to; n++) if (verdict(facts, n)) rejectedBy[n] ||= self;
    },

    reasonKey: (facts, _pod, _view, n) => REASONS.indexOf(verdict(facts, n) ?? AFFINITY),

    explain(facts, _pod, _view, n) {
      const reason = verdict(facts, n) ?? AFFINITY;
      return { code: reason === AFFINITY ? 'UnschedulableAndUnresolvable' : 'Unschedulable', reasons: [reason] };
    },

    shift(facts, pod, { cluster }, other, n, by) {
      for (const term of termsOfMake(other).requiredAnti) {
        if (!termMatches(term, pod.pod, facts.namespaceLabels)) continue;
        shiftKey(facts.existingAnti, cluster, term.topologyKey, n, by);
      }
      const { affinity, anti } = facts;
      const sees = ({ term }: TermCounts): boolean => termMatches(term, other.pod, undefined);
      if (affinity.length > 0 && affinity.every(sees)) {
        for (const counts of affinity) facts.affinityTotal += shiftRow(counts, n, by);
      }
      for (const counts of anti) if (sees(counts)) shiftRow(counts, n, by);
    },

    preScore(pod, view) {
      const { cluster, listers } = view;
      const own = termsOfMake(pod);
      if (own.malformed) return { error: `failed to parse pod: ${own.malformed}` };
      const hasPreferred = own.preferred.length > 0 || own.preferredAnti.length > 0;
      if (args.ignorePreferredTermsOfExistingPods && !hasPreferred) return SKIP;
      const carried = carriedTerms(cluster);
      const namespaceLabels = namespaceLabelsOf(pod.pod, listers);
      const tables = new Map<string, Table>();
      const addCarried = (table: Iterable<CarriedTerm>, weightOf: (on: { pods: number; weight: number }) => number) => {
        for (const { term, rows } of table) {
          if (!termMatches(term, pod.pod, namespaceLabels)) continue;
          for (const [row, on] of rows) shiftKey(tables, cluster, term.topologyKey, row, weightOf(on));
        }
      };
      for (const [terms, sign] of [
        [own.preferred, 1],
        [own.preferredAnti, -1],
      ] as const) {
        for (const term of expandNamespaces(terms, listers)) addOwn(tables, term, sign * term.weight, cluster);
      }
      if (args.hardPodAffinityWeight > 0) addCarried(carried.required, ({ pods }) => pods * args.hardPodAffinityWeight);
      addCarried(carried.preferred, ({ weight }) => weight);
      return tables.size === 0 ? SKIP : [...tables.values()];
    },

    score(tables, _pod, _view, feasible, scores) {
      scores.fill(0);
      for (const { ids, sums } of tables) {
        for (let k = 0; k < scores.length; k++) scores[k] += sums[ids[feasible[k]]];
      }
    },

    normalize(_facts, scores) {
      let min = Infinity;
      let max = -Infinity;
      for (let k = 0; k < scores.length; k++) {
        if (scores[k] < min) min = scores[k];
        if (scores[k] > max) max = scores[k];
      }
      const difference = max - min;
      for (let k = 0; k < scores.length; k++) {
        scores[k] = difference > 0 ? Math.trunc(MAX_NODE_SCORE * ((scores[k] - min) / difference)) : 0;
      }
    },
  };
}

/** What the filter kernel reads: no terms, no labels. */
function tablesOf({ existingAnti, affinityTotal, matchesItself, affinity, anti }: FilterFacts): object {
  const table = ({ ids, sums }: Table): Table => ({ ids, sums });
  return { existingAnti, affinityTotal, matchesItself, affinity: affinity.map(table), anti: anti.map(table) };
}

const carriedByCluster = new WeakMap<Cluster, CarriedTerms>();

/** One table for each cluster, whichever profile asks. */
export function carriedTerms(cluster: Cluster): CarriedTerms {
  let carried = carriedByCluster.get(cluster);
  if (!carried) {
    carriedByCluster.set(cluster, (carried = new CarriedTerms()));
    cluster.observe(carried);
  }
  return carried;
}

function emptyFacts(request: PodRequest, { cluster, listers }: View): FilterFacts {
  const { pod } = request;
  const own = termsOfMake(request);
  const required = expandNamespaces(own.required, listers);
  const counts = (term: AffinityTerm): TermCounts => ({ term, ...emptyTable(cluster, term.topologyKey) });
  return {
    existingAnti: new Map(),
    affinity: required.map(counts),
    affinityTotal: 0,
    anti: expandNamespaces(own.requiredAnti, listers).map(counts),
    matchesItself: required.every((term) => termMatches(term, pod, undefined)),
    namespaceLabels: namespaceLabelsOf(pod, listers),
  };
}

function emptyTable(cluster: Cluster, topologyKey: string): Table {
  const { ids, dictionary } = cluster.labelColumn(topologyKey);
  return { ids, sums: new Float64Array(dictionary.size + 1) };
}

/** Pods per row that all the terms see. Their namespaces are expanded, so namespace labels are not looked at again. */
export function podsSeenBy(terms: readonly AffinityTerm[], cluster: Cluster): Int32Array {
  const sees = ({ namespaces, namespaceSelector, selector }: AffinityTerm, pods: LabelClass): boolean =>
    (namespaces.has(pods.namespace) || selectorMatches(namespaceSelector, undefined)) &&
    selectorMatches(selector, pods.labels);
  return cluster.matchColumn({
    key: `affinity ${terms.map(termKey).join(' ')}`,
    matches: (pods) => terms.every((term) => sees(term, pods)),
  });
}

function countAffinity(facts: FilterFacts, cluster: Cluster): void {
  if (facts.affinity.length === 0) return;
  const column = podsSeenBy(
    facts.affinity.map(({ term }) => term),
    cluster,
  );
  for (const counts of facts.affinity) facts.affinityTotal += addColumn(counts, column);
}

/** Returns how many pods were added: those on rows that have the key. */
function addColumn({ ids, sums }: Table, column: Int32Array): number {
  let total = 0;
  for (let n = 0; n < column.length; n++) {
    if (column[n] === 0 || ids[n] === 0) continue;
    sums[ids[n]] += column[n];
    total += column[n];
  }
  return total;
}

function shiftRow({ ids, sums }: Table, n: number, by: number): number {
  if (ids[n] === 0) return 0;
  sums[ids[n]] += by;
  return by;
}

/** Adds at the row's value of a topology key; the table is made when the first row with that key comes. */
function shiftKey(tables: Map<string, Table>, cluster: Cluster, topologyKey: string, n: number, by: number): void {
  let table = tables.get(topologyKey);
  if (!table) {
    const fresh = emptyTable(cluster, topologyKey);
    if (fresh.ids[n] === 0) return;
    tables.set(topologyKey, (table = fresh));
  }
  shiftRow(table, n, by);
}

/** An own preferred term: its weight for each pod it sees. */
function addOwn(tables: Map<string, Table>, term: AffinityTerm, weight: number, cluster: Cluster): void {
  const column = podsSeenBy([term], cluster);
  for (let n = 0; n < column.length; n++) {
    if (column[n] !== 0) shiftKey(tables, cluster, term.topologyKey, n, weight * column[n]);
  }
}

/** The reason to refuse row n, in kube-scheduler's order. */
function verdict(facts: FilterFacts, n: number): string | undefined {
  if (!affinityHolds(facts, n)) return AFFINITY;
  for (const { ids, sums } of facts.anti) if (ids[n] !== 0 && sums[ids[n]] > 0) return ANTI_AFFINITY;
  for (const { ids, sums } of facts.existingAnti.values()) {
    if (ids[n] !== 0 && sums[ids[n]] > 0) return EXISTING_ANTI_AFFINITY;
  }
  return undefined;
}

function affinityHolds({ affinity, affinityTotal, matchesItself }: FilterFacts, n: number): boolean {
  let satisfied = true;
  for (const { ids, sums } of affinity) {
    if (ids[n] === 0) return false;
    if (sums[ids[n]] <= 0) satisfied = false;
  }
  return satisfied || (affinityTotal === 0 && matchesItself);
}
