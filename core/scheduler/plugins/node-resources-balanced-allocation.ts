/**
 * NodeResourcesBalancedAllocation. Score: how much more evenly the node's resources would be used with the pod than
 * without it; 75 is neutral.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import { CPU, FIRST_SCALAR, MEMORY } from '../../cluster/columns.ts';
import { exactAmountsOf, type PodRequest } from '../../cluster/pod-request.ts';
import { MAX_NODE_SCORE, type PackedPlugin, posted, SKIP } from '../framework.ts';
import type { PluginArgs } from '../profile.ts';

interface Weighed {
  resources: readonly { r: number; asked: number }[];
  /** Fractions of one node, written anew for each. */
  before: Float64Array;
  after: Float64Array;
}

export function nodeResourcesBalancedAllocation({
  resources,
}: PluginArgs['nodeResourcesBalancedAllocation']): PackedPlugin<unknown, Weighed> {
  return {
    name: 'NodeResourcesBalancedAllocation',
    scope: 'local',
    onWorkers: { score: posted },

    preScore(pod, { cluster }) {
      const weighed: { r: number; asked: number }[] = [];
      for (const { name } of resources) {
        const r = cluster.resourceId(name);
        const asked = pod.requests[r] ?? 0;
        if (r >= 0 && (r < FIRST_SCALAR || asked > 0)) weighed.push({ r, asked });
      }
      if (!weighed.some(({ asked }) => asked > 0)) return SKIP;
      return {
        resources: weighed,
        before: new Float64Array(weighed.length),
        after: new Float64Array(weighed.length),
      };
    },

    roomScore({ resources: weighed }) {
      const cpu = weighed.find(({ r }) => r === CPU);
      const memory = weighed.find(({ r }) => r === MEMORY);
      if (weighed.length !== 2 || !cpu || !memory) return undefined;
      return { of: 'Balance', cpu: cpu.asked, memory: memory.asked };
    },

    score(facts, pod, { cluster }, feasible, scores) {
      const { resources: weighed, before, after } = facts;
      const { allocatable, requested } = cluster.columns;
      const exact = pod.exact !== undefined || cluster.wideRows > 0;
      for (let k = 0; k < scores.length; k++) {
        const n = feasible[k];
        if (exact && (pod.exact || cluster.columns.wide[n] !== 0)) {
          scores[k] = scoreExactly(facts, pod, cluster, n);
          continue;
        }
        let count = 0;
        for (let i = 0; i < weighed.length; i++) {
          const { r, asked } = weighed[i];
          const capacity = allocatable[r][n];
          if (capacity === 0) continue;
          before[count] = Math.min(1, requested[r][n] / capacity);
          after[count] = Math.min(1, (requested[r][n] + asked) / capacity);
          count++;
        }
        scores[k] = improvement(before, after, count);
      }
    },
  };
}

/** Sums in bigint; the fractions are doubles of whole numbers, as in Go. */
function scoreExactly({ resources, before, after }: Weighed, pod: PodRequest, cluster: Cluster, n: number): number {
  const node = cluster.exactAmounts(n);
  const { requests } = exactAmountsOf(pod);
  let count = 0;
  for (const { r } of resources) {
    const capacity = node.allocatable[r];
    if (capacity === 0n) continue;
    before[count] = Math.min(1, Number(node.requested[r]) / Number(capacity));
    after[count] = Math.min(1, Number(node.requested[r] + (requests[r] ?? 0n)) / Number(capacity));
    count++;
  }
  return improvement(before, after, count);
}

function improvement(before: Float64Array, after: Float64Array, count: number): number {
  return 50 + Math.trunc((50 + balance(after, count) - balance(before, count)) / 2);
}

/** 100 when all fractions are equal, less the wider they lie apart. */
function balance(fractions: Float64Array, count: number): number {
  if (count === 2) return balanceOfTwo(fractions[0], fractions[1]);
  return Math.trunc((1 - deviation(fractions, count)) * MAX_NODE_SCORE);
}

/** 50 to 100. */
export function balanceOfTwo(a: number, b: number): number {
  return Math.trunc((1 - Math.abs((a - b) / 2)) * MAX_NODE_SCORE);
}

/** Standard deviation of any number but two; the sums in the order Go makes them. */
function deviation(fractions: Float64Array, count: number): number {
  if (count < 2) return 0;
  let total = 0;
  for (let i = 0; i < count; i++) total += fractions[i];
  const mean = total / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (fractions[i] - mean) * (fractions[i] - mean);
  return Math.sqrt(squares / count);
}
