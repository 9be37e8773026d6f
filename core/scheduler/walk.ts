/**
 * Which nodes a cycle looks at, in which order, and after how many it stops.
 * Source: Kubernetes v1.36, pkg/scheduler/schedule_one.go (findNodesThatFitPod, numFeasibleNodesToFind).
 */
import type { Cycle } from './framework.ts';

/** Clusters below this size are always searched whole. */
export const MIN_FEASIBLE_NODES = 100;
const MIN_FEASIBLE_PERCENTAGE = 5;

/** How many feasible nodes among `count` are enough. `percentage` 0 adapts to the size, 100 and more means all. */
export function numFeasibleNodesToFind(count: number, percentage: number): number {
  if (count < MIN_FEASIBLE_NODES || percentage >= 100) return count;
  const percent = percentage || Math.max(MIN_FEASIBLE_PERCENTAGE, 50 - Math.trunc(count / 125));
  return Math.max(MIN_FEASIBLE_NODES, Math.trunc((count * percent) / 100));
}

/**
 * All nodes, or those that PreFilter left and that exist. The real scheduler walks a narrowed set in random order; we
 * walk it by name, so that the answer is always the same.
 */
export function nodeSet(cycle: Cycle): ArrayLike<number> {
  const { nodeNames } = cycle.preFilter;
  if (!nodeNames) return cycle.order;
  const set: number[] = [];
  for (const name of [...nodeNames].sort()) {
    const n = cycle.nodeIndex(name);
    if (n >= 0) set.push(n);
  }
  return set;
}
