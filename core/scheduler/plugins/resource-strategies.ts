/**
 * The three scoring strategies of NodeResourcesFit. Amounts stay below 2^46 here, so that `share * 100 / capacity` is
 * exact in doubles and rounds down as Go's integer division; wider rows are scored in bigint, wrapping as int64 does.
 * Source: Kubernetes v1.36, noderesources/{least_allocated,most_allocated,requested_to_capacity_ratio}.go.
 */
import { type Columns, CPU } from '../../cluster/columns.ts';
import { MAX_NODE_SCORE } from '../framework.ts';
import { goRound } from '../go-math.ts';
import type { PluginArgs } from '../profile.ts';

export interface ScoredResource {
  r: number;
  weight: number;
  asked: number;
  /** cpu and memory count what the node's pods request with stand-ins. */
  nonZero: boolean;
}

/** Points of RequestedToCapacityRatio with scores scaled to 0..100. */
type Shape = readonly { utilization: number; score: number }[];
export type Strategy =
  | { type: 'LeastAllocated' | 'MostAllocated' }
  | { type: 'RequestedToCapacityRatio'; shape: Shape };

export function strategyOf({ type, shape }: PluginArgs['nodeResourcesFit']): Strategy {
  if (type !== 'RequestedToCapacityRatio') return { type };
  return { type, shape: shape.map(({ utilization, score }) => ({ utilization, score: score * 10 })) };
}

/** scores[k] for row feasible[k]; resources the node lacks are left out. */
export function scoreShares(
  strategy: Strategy,
  resources: readonly ScoredResource[],
  { allocatable, requested, nonZeroRequested }: Columns,
  feasible: ArrayLike<number>,
  scores: Float64Array,
): void {
  for (let k = 0; k < scores.length; k++) {
    const n = feasible[k];
    let sum = 0;
    let weights = 0;
    for (let i = 0; i < resources.length; i++) {
      const { r, weight, asked, nonZero } = resources[i];
      const capacity = allocatable[r][n];
      if (capacity === 0) continue;
      const share = shareScore(strategy, (nonZero ? nonZeroRequested[r][n] : requested[r][n]) + asked, capacity);
      if (strategy.type === 'RequestedToCapacityRatio' && share <= 0) continue;
      sum += share * weight;
      weights += weight;
    }
    scores[k] = average(strategy, sum, weights);
  }
}

function average({ type }: Strategy, sum: number, weights: number): number {
  if (weights === 0) return 0;
  return type === 'RequestedToCapacityRatio' ? goRound(sum / weights) : Math.trunc(sum / weights);
}

function shareScore(strategy: Strategy, used: number, capacity: number): number {
  switch (strategy.type) {
    case 'LeastAllocated':
      return used > capacity ? 0 : Math.floor(((capacity - used) * MAX_NODE_SCORE) / capacity);
    case 'MostAllocated':
      return Math.floor((Math.min(used, capacity) * MAX_NODE_SCORE) / capacity);
    case 'RequestedToCapacityRatio':
      return alongShape(strategy.shape, used > capacity ? 100 : Math.floor((used * 100) / capacity));
  }
}

/** Between two points in whole steps, truncated toward zero. */
function alongShape(shape: Shape, utilization: number): number {
  for (let i = 0; i < shape.length; i++) {
    if (utilization > shape[i].utilization) continue;
    if (i === 0) return shape[0].score;
    const { utilization: u, score } = shape[i - 1];
    return score + Math.trunc(((shape[i].score - score) * (utilization - u)) / (shape[i].utilization - u));
  }
  return shape[shape.length - 1].score;
}

interface ExactNode {
  allocatable: readonly bigint[];
  requested: readonly bigint[];
  nonZeroRequested: readonly bigint[];
}

/** One node in int64 arithmetic. `asked` is what the pod asks for: [resource]. */
export function scoreExactly(
  strategy: Strategy,
  resources: readonly ScoredResource[],
  node: ExactNode,
  asked: readonly bigint[],
): number {
  let sum = 0;
  let weights = 0;
  for (const { r, weight, nonZero } of resources) {
    const capacity = node.allocatable[r] ?? 0n;
    if (capacity === 0n) continue;
    const used = (nonZero ? node.nonZeroRequested[r === CPU ? 0 : 1] : (node.requested[r] ?? 0n)) + (asked[r] ?? 0n);
    const share = exactShare(strategy, used, capacity);
    if (strategy.type === 'RequestedToCapacityRatio' && share <= 0) continue;
    sum += share * weight;
    weights += weight;
  }
  return average(strategy, sum, weights);
}

function exactShare(strategy: Strategy, used: bigint, capacity: bigint): number {
  const percent = (amount: bigint): number => Number(BigInt.asIntN(64, amount * 100n) / capacity);
  switch (strategy.type) {
    case 'LeastAllocated':
      return used > capacity ? 0 : percent(capacity - used);
    case 'MostAllocated':
      return percent(used > capacity ? capacity : used);
    case 'RequestedToCapacityRatio':
      return alongShape(strategy.shape, used > capacity ? 100 : percent(used));
  }
}
