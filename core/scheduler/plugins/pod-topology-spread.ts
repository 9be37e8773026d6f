/**
 * PodTopologySpread. Filter: no domain gets more than maxSkew pods above the emptiest. Score: prefer domains with few
 * matching pods. Domains are value ids of a label column; pods are counted by match columns.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/podtopologyspread/{filtering,scoring}.go.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import { type Selector, selectorMatches } from '../../objects/selectors.ts';
import { MAX_NODE_SCORE, type PackedPlugin, posted, SKIP } from '../framework.ts';
import { goLog, goRound } from '../go-math.ts';
import type { PluginArgs } from '../profile.ts';
import { compileNodeMatcher, matchesNode } from '../scan/node-matcher.ts';
import { HOSTNAME, type SpreadConstraint, spreadConstraintsOf } from '../terms/spread-constraints.ts';
import { hardTaints } from './taint-toleration.ts';

/** One hard constraint. */
interface Domains {
  constraint: SpreadConstraint;
  ids: Int32Array;
  /** [value id]: matching pods; -1 where no counted node has that value. */
  counts: Int32Array;
  size: number;
  /** The value with the fewest pods, their number, and the fewest in any other: enough while one domain changes. */
  leastValue: number;
  least: number;
  leastOfOthers: number;
  /** 1 when the pod would count itself. */
  self: number;
}
interface HardFacts {
  domains: Domains[];
  counted: CountedRows;
}

/** One soft constraint. */
interface Soft {
  ids: Int32Array;
  /** [value id], or [row] on hostnames: matching pods. */
  counts: Int32Array;
  perRow: boolean;
  weight: number;
  skewPart: number;
}
interface SoftFacts {
  soft: Soft[];
  ignored: Uint8Array;
}

const MISMATCH = "node(s) didn't match pod topology spread constraints";

export function podTopologySpread(args: PluginArgs['podTopologySpread']): PackedPlugin<HardFacts, SoftFacts> {
  return {
    name: 'PodTopologySpread',
    scope: 'shared',
    onWorkers: {
      filter: ({ domains }) => posted({ domains: domains.map(withoutSelector) }),
      // Which nodes are ignored is told by their place in the list.
      score: (facts) => (facts.ignored.includes(1) ? undefined : posted(facts)),
    },

    preFilter(pod, { cluster, listers }) {
      const found = spreadConstraintsOf(pod.pod, 'DoNotSchedule', args, listers);
      if ('error' in found) return { error: `obtaining pod's hard topology spread constraints: ${found.error}` };
      if (found.constraints.length === 0) return SKIP;
      const domains = found.constraints.map((constraint) => emptyDomains(constraint, pod, cluster));
      const counted = countedRows(found.constraints, true, pod, cluster);
      const columns = found.constraints.map(({ selector }) => matchColumn(selector, pod, cluster));
      for (let n = 0; n < cluster.rows; n++) {
        if (!counted.row(n)) continue;
        domains.forEach((domain, i) => {
          if (!counted.constraint(i, n)) return;
          const value = domain.ids[n];
          if (domain.counts[value] < 0) {
            domain.counts[value] = 0;
            domain.size++;
          }
          domain.counts[value] += columns[i]?.[n] ?? 0;
        });
      }
      for (const domain of domains) findLeast(domain);
      return { domains, counted };
    },

    filter({ domains }, _pod, _view, from, to, rejectedBy, self) {
      for (const domain of domains) {
        for (let n = from; n < to; n++) if (domain.ids[n] === 0 || skews(domain, n)) rejectedBy[n] ||= self;
      }
    },

    reasonKey: ({ domains }, _pod, _view, n) => (lacksKey(domains, n) ? 1 : 0),

    explain({ domains }, _pod, _view, n) {
      if (lacksKey(domains, n)) {
        return { code: 'UnschedulableAndUnresolvable', reasons: [`${MISMATCH} (missing required label)`] };
      }
      return { code: 'Unschedulable', reasons: [MISMATCH] };
    },

    // A terminating pod and the selector {} count here though they did not above: as in kube-scheduler.
    shift({ domains, counted }, { namespace }, _view, other, n, by) {
      if (other.namespace !== namespace || !counted.row(n)) return;
      domains.forEach((domain, i) => {
        if (!counted.constraint(i, n) || !selectorMatches(domain.constraint.selector, other.pod.metadata.labels))
          return;
        domain.counts[domain.ids[n]] += by;
      });
    },

    preScore(pod, { cluster, listers }, feasible) {
      const found = spreadConstraintsOf(pod.pod, 'ScheduleAnyway', args, listers);
      if ('error' in found) return { error: `obtaining pod's soft topology spread constraints: ${found.error}` };
      if (found.constraints.length === 0) return SKIP;
      const all = found.requireAllTopologies;
      const counted = countedRows(found.constraints, all, pod, cluster);
      const ignored = new Uint8Array(feasible.length);
      let scored = 0;
      for (let k = 0; k < feasible.length; k++) {
        if (all && !counted.row(feasible[k])) ignored[k] = 1;
        else scored++;
      }
      const soft = found.constraints.map((constraint, i): Soft => {
        const { ids, dictionary } = cluster.labelColumn(constraint.topologyKey);
        const matching = matchColumn(constraint.selector, pod, cluster) ?? new Int32Array(cluster.rows);
        const perRow = constraint.topologyKey === HOSTNAME;
        const skewPart = constraint.maxSkew - 1;
        if (perRow) return { ids, counts: matching, perRow, weight: goLog(scored + 2), skewPart };
        // A node without the key and one whose value is '' fall into the same domain.
        const domainOf = (n: number): number => ids[n] || dictionary.find('');
        const counts = new Int32Array(dictionary.size + 1).fill(-1);
        let size = 0;
        for (let k = 0; k < feasible.length; k++) {
          if (ignored[k] !== 0 || counts[domainOf(feasible[k])] >= 0) continue;
          counts[domainOf(feasible[k])] = 0;
          size++;
        }
        for (let n = 0; n < cluster.rows; n++) {
          const value = domainOf(n);
          if (counts[value] >= 0 && counted.row(n) && counted.constraint(i, n)) counts[value] += matching[n];
        }
        return { ids, counts, perRow, weight: goLog(size + 2), skewPart };
      });
      return { soft, ignored };
    },

    score({ soft, ignored }, _pod, _view, feasible, scores) {
      for (let k = 0; k < scores.length; k++) {
        let sum = 0;
        const n = feasible[k];
        for (const { ids, counts, perRow, weight, skewPart } of soft) {
          if (ids[n] !== 0) sum += counts[perRow ? n : ids[n]] * weight + skewPart;
        }
        scores[k] = ignored[k] !== 0 ? 0 : goRound(sum);
      }
    },

    normalize({ ignored }, scores) {
      let min = Number.MAX_SAFE_INTEGER;
      let max = 0;
      for (let k = 0; k < scores.length; k++) {
        if (ignored[k] !== 0) continue;
        if (scores[k] < min) min = scores[k];
        if (scores[k] > max) max = scores[k];
      }
      for (let k = 0; k < scores.length; k++) {
        if (ignored[k] !== 0) scores[k] = 0;
        else if (max === 0) scores[k] = MAX_NODE_SCORE;
        else scores[k] = Math.trunc((MAX_NODE_SCORE * (max + min - scores[k])) / max);
      }
    },
  };
}

function withoutSelector(domain: Domains): object {
  const { minDomains, maxSkew } = domain.constraint;
  return { ...domain, constraint: { minDomains, maxSkew } };
}

function emptyDomains(constraint: SpreadConstraint, { pod }: PodRequest, cluster: Cluster): Domains {
  const { ids, dictionary } = cluster.labelColumn(constraint.topologyKey);
  return {
    constraint,
    ids,
    counts: new Int32Array(dictionary.size + 1).fill(-1),
    size: 0,
    leastValue: 0,
    least: 0,
    leastOfOthers: 0,
    self: selectorMatches(constraint.selector, pod.metadata.labels) ? 1 : 0,
  };
}

/** Matching pods per row: same namespace, not terminating. Undefined for a selector that counts none: nil and {}. */
export function matchColumn(selector: Selector, { namespace }: PodRequest, cluster: Cluster): Int32Array | undefined {
  if (selector.nothing || selector.requirements.length === 0) return undefined;
  return cluster.matchColumn({
    key: `spread ${namespace} ${JSON.stringify(selector.requirements)}`,
    matches: (pods) => !pods.terminating && pods.namespace === namespace && selectorMatches(selector, pods.labels),
  });
}

/** Which rows, and which of them for each constraint, are counted. */
export interface CountedRows {
  row(n: number): boolean;
  constraint(i: number, n: number): boolean;
}

export function countedRows(
  constraints: readonly SpreadConstraint[],
  requireAll: boolean,
  { pod }: PodRequest,
  cluster: Cluster,
): CountedRows {
  const keys = constraints.map(({ topologyKey }) => cluster.labelColumn(topologyKey).ids);
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const matcher = compileNodeMatcher(cluster, pod.spec.nodeSelector, required);
  const untolerated = hardTaints(cluster, pod.spec.tolerations);
  const { exists, taintSet } = cluster.columns;
  return {
    row: (n) => exists[n] !== 0 && (!requireAll || keys.every((ids) => ids[n] !== 0)),
    constraint(i, n) {
      if (constraints[i].honorAffinity && !matchesNode(matcher, n)) return false;
      return !constraints[i].honorTaints || untolerated[taintSet[n]] === 0;
    },
  };
}

function findLeast(domain: Domains): void {
  let least = Number.MAX_SAFE_INTEGER;
  let others = Number.MAX_SAFE_INTEGER;
  domain.counts.forEach((count, value) => {
    if (count < 0) return;
    if (count < least) {
      others = least;
      least = count;
      domain.leastValue = value;
    } else if (count < others) others = count;
  });
  domain.least = least;
  domain.leastOfOthers = others;
}

/** Whether the first constraint that refuses row n does so because the node has no such label. */
function lacksKey(domains: readonly Domains[], n: number): boolean {
  return domains.find((domain) => domain.ids[n] === 0 || skews(domain, n))?.ids[n] === 0;
}

/** Whether the pod on row n would skew the domains too much. A what-if changes the counts of that row's domain alone. */
function skews({ constraint, ids, counts, size, leastValue, least, leastOfOthers, self }: Domains, n: number): boolean {
  const value = ids[n];
  const count = counts[value];
  const others = value === leastValue ? leastOfOthers : least;
  const min = size < constraint.minDomains ? 0 : count >= 0 && count < others ? count : others;
  return Math.max(count, 0) + self - min > constraint.maxSkew;
}
