/**
 * NodeResourcesBalancedAllocation: does the pod make the node's resources more evenly used, or less? 75 is neither.
 * Source: Kubernetes v1.36, plugins/noderesources/balanced_allocation.go.
 */
import { isScalarResource } from '../../../objects/pod-requests.ts';
import { type Amounts, requestsOf } from '../amounts.ts';
import type { NodeInfo } from '../node-info.ts';
import { type ReferencePlugin, SKIP } from '../plugin.ts';

export const nodeResourcesBalancedAllocation: ReferencePlugin<undefined, Amounts> = {
  name: 'NodeResourcesBalancedAllocation',

  preScore({ pod, args }) {
    const requests = requestsOf(pod);
    const asksForSome = args.nodeResourcesBalancedAllocation.resources.some(({ name }) => requests.get(name));
    return asksForSome ? { state: requests } : SKIP;
  },

  score(requests, node, { args }) {
    const names = args.nodeResourcesBalancedAllocation.resources
      .map(({ name }) => name)
      .filter((name) => !isScalarResource(name) || requests.get(name));
    const withPod = balance(names, node, requests);
    const withoutPod = balance(names, node, new Map());
    return 50 + Math.trunc((50 + withPod - withoutPod) / 2);
  },
};

/** 100 when every resource is used to the same share. */
function balance(names: string[], node: NodeInfo, extra: Amounts): number {
  const shares: number[] = [];
  for (const name of names) {
    const allocatable = node.allocatable.get(name) ?? 0n;
    if (allocatable === 0n) continue;
    shares.push(Math.min(1, Number(node.requested(name) + (extra.get(name) ?? 0n)) / Number(allocatable)));
  }
  return Math.trunc((1 - deviation(shares)) * 100);
}

function deviation(shares: number[]): number {
  if (shares.length === 2) return Math.abs((shares[0] - shares[1]) / 2);
  if (shares.length < 2) return 0;
  let total = 0;
  for (const share of shares) total += share;
  const mean = total / shares.length;
  let sum = 0;
  for (const share of shares) sum += (share - mean) * (share - mean);
  return Math.sqrt(sum / shares.length);
}
