/**
 * NodeResourcesFit. Filter: everything the pod requests fits in what the node has left. Score: by the profile's strategy,
 * over cpu and memory with stand-ins and other resources as requested.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/noderesources/{fit,resource_allocation}.go.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import { CPU, FIRST_SCALAR, MEMORY } from '../../cluster/columns.ts';
import { exactAmountsOf } from '../../cluster/pod-measures.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import { isExtendedResource } from '../../objects/pod-requests.ts';
import { type CheckedResource, type PackedPlugin, posted } from '../framework.ts';
import type { PluginArgs } from '../profile.ts';
import { MAX_CHECKED, shortageOf } from './resource-shortage.ts';
import { type ScoredResource, scoreExactly, scoreShares, strategyOf } from './resource-strategies.ts';

type Args = PluginArgs['nodeResourcesFit'];
/** Resources the filter checks, in order. */
type Checked = readonly CheckedResource[];

export function nodeResourcesFit(args: Args): PackedPlugin<Checked, readonly ScoredResource[]> {
  const strategy = strategyOf(args);
  return {
    name: 'NodeResourcesFit',
    scope: 'local',
    podsOnlyTighten: true,
    onWorkers: { filter: posted, score: posted },

    preFilter(pod, { cluster }) {
      const checked: CheckedResource[] = [];
      pod.requests.forEach((asked, r) => {
        if (asked > 0 && !(r >= FIRST_SCALAR && isIgnored(cluster.resourceName(r), args))) checked.push({ r, asked });
      });
      return checked;
    },

    filter(checked, pod, { cluster }, from, to, rejectedBy, self) {
      const { allowedPods, podCount, allocatable, requested } = cluster.columns;
      for (let n = from; n < to; n++) if (podCount[n] + 1 > allowedPods[n]) rejectedBy[n] ||= self;
      if (pod.exact || cluster.wideRows > 0) {
        rejectExactly(checked, pod, cluster, from, to, rejectedBy, self);
        return;
      }
      for (const { r, asked } of checked) rejectShort(allocatable[r], requested[r], asked, from, to, rejectedBy, self);
    },

    explain(checked, pod, { cluster }, n) {
      const { allowedPods, podCount } = cluster.columns;
      const reasons = podCount[n] + 1 > allowedPods[n] ? ['Too many pods'] : [];
      let unresolvable = false;
      for (const { r, more } of shortOf(checked, pod, cluster, n)) {
        reasons.push(`Insufficient ${cluster.resourceName(r)}`);
        unresolvable ||= more;
      }
      return { code: unresolvable ? 'UnschedulableAndUnresolvable' : 'Unschedulable', reasons };
    },

    reasonKey(checked, _pod, { cluster }, n) {
      const { columns } = cluster;
      if (columns.wide[n] !== 0 || checked.length > MAX_CHECKED) return -1;
      return shortageOf(checked, columns, n);
    },

    checkedResources: (checked) => checked,

    preScore(pod, { cluster }) {
      const scored: ScoredResource[] = [];
      for (const { name, weight } of args.resources) {
        const r = cluster.resourceId(name);
        const asked = pod.scoreRequests[r] ?? 0;
        if (r < 0 || (r >= FIRST_SCALAR && asked === 0)) continue;
        scored.push({ r, weight, asked, nonZero: r === CPU || r === MEMORY });
      }
      return scored;
    },

    roomScore(scored) {
      const cpu = scored.find(({ r }) => r === CPU);
      const memory = scored.find(({ r }) => r === MEMORY);
      if (strategy.type === 'RequestedToCapacityRatio' || scored.length !== 2 || !cpu || !memory) return undefined;
      const weights = { cpuWeight: cpu.weight, memoryWeight: memory.weight };
      return { of: strategy.type, cpu: cpu.asked, memory: memory.asked, ...weights };
    },

    score(scored, pod, { cluster }, feasible, scores) {
      scoreShares(strategy, scored, cluster.columns, feasible, scores);
      if (!pod.exact && cluster.wideRows === 0) return;
      const { wide } = cluster.columns;
      for (let k = 0; k < scores.length; k++) {
        const n = feasible[k];
        if (pod.exact || wide[n] !== 0) {
          scores[k] = scoreExactly(strategy, scored, cluster.exactAmounts(n), exactAmountsOf(pod).scoreRequests);
        }
      }
    },
  };
}

function isIgnored(name: string, { ignoredResources, ignoredResourceGroups }: Args): boolean {
  if (!isExtendedResource(name)) return false;
  return ignoredResources.includes(name) || ignoredResourceGroups.includes(name.slice(0, name.indexOf('/')));
}

function rejectShort(
  allocatable: Float64Array,
  requested: Float64Array,
  asked: number,
  from: number,
  to: number,
  rejectedBy: Uint8Array,
  self: number,
): void {
  for (let n = from; n < to; n++) if (asked > allocatable[n] - requested[n]) rejectedBy[n] ||= self;
}

/** The same in bigint, row by row: only for clusters with amounts that doubles cannot hold. */
function rejectExactly(
  checked: Checked,
  pod: PodRequest,
  cluster: Cluster,
  from: number,
  to: number,
  rejectedBy: Uint8Array,
  self: number,
): void {
  for (let n = from; n < to; n++) {
    if (cluster.columns.exists[n] !== 0 && shortOf(checked, pod, cluster, n).length > 0) rejectedBy[n] ||= self;
  }
}

/** What the node lacks; `more` where the pod asks for more than the whole node has. */
function shortOf(checked: Checked, pod: PodRequest, cluster: Cluster, n: number): { r: number; more: boolean }[] {
  const { allocatable, requested, wide } = cluster.columns;
  const short: { r: number; more: boolean }[] = [];
  if (pod.exact || wide[n] !== 0) {
    const has = cluster.exactAmounts(n);
    const wants = exactAmountsOf(pod).requests;
    for (const { r } of checked) {
      if (wants[r] > has.allocatable[r] - has.requested[r]) short.push({ r, more: wants[r] > has.allocatable[r] });
    }
    return short;
  }
  for (const { r, asked } of checked) {
    if (asked > allocatable[r][n] - requested[r][n]) short.push({ r, more: asked > allocatable[r][n] });
  }
  return short;
}
