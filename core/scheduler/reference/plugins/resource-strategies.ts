/**
 * How full a node would be, in points: LeastAllocated, MostAllocated, RequestedToCapacityRatio. Products wrap as int64.
 * Source: Kubernetes v1.36, plugins/noderesources/{resource_allocation,least_allocated,most_allocated,
 * requested_to_capacity_ratio}.go.
 */
import { isScalarResource } from '../../../objects/pod-requests.ts';
import { goRound } from '../../go-math.ts';
import type { PluginArgs, ShapePoint } from '../../profile.ts';
import { type Amounts, int64 } from '../amounts.ts';
import type { NodeInfo } from '../node-info.ts';

type Args = PluginArgs['nodeResourcesFit'];

interface Share {
  weight: bigint;
  allocatable: bigint;
  /** With the pod placed. */
  requested: bigint;
}

export function scoreStrategy(args: Args, pod: Amounts, node: NodeInfo): number {
  const shares = sharesOf(args, pod, node);
  switch (args.type) {
    case 'LeastAllocated':
      return average(shares, leastAllocated);
    case 'MostAllocated':
      return average(shares, mostAllocated);
    case 'RequestedToCapacityRatio':
      return averageOfPositive(shares, (share) => shapeScore(args.shape, utilization(share)));
  }
}

/** Resources the node lacks, and scalars the pod does not ask for, are left out together with their weights. */
function sharesOf(args: Args, pod: Amounts, node: NodeInfo): Share[] {
  const shares: Share[] = [];
  for (const { name, weight } of args.resources) {
    const asked = pod.get(name) ?? 0n;
    const allocatable = node.allocatable.get(name) ?? 0n;
    if ((isScalarResource(name) && asked === 0n) || allocatable === 0n) continue;
    const hasStandIn = name === 'cpu' || name === 'memory';
    const allocated = hasStandIn ? node.nonZeroRequested(name) : node.requested(name);
    shares.push({ weight: BigInt(weight), allocatable, requested: allocated + asked });
  }
  return shares;
}

function leastAllocated({ allocatable, requested }: Share): bigint {
  return requested > allocatable ? 0n : int64((allocatable - requested) * 100n) / allocatable;
}

function mostAllocated({ allocatable, requested }: Share): bigint {
  const used = requested > allocatable ? allocatable : requested;
  return int64(used * 100n) / allocatable;
}

function utilization({ allocatable, requested }: Share): bigint {
  return requested > allocatable ? 100n : int64(requested * 100n) / allocatable;
}

function average(shares: Share[], points: (share: Share) => bigint): number {
  let sum = 0n;
  let weights = 0n;
  for (const share of shares) {
    sum += points(share) * share.weight;
    weights += share.weight;
  }
  return weights === 0n ? 0 : Number(sum / weights);
}

function averageOfPositive(shares: Share[], points: (share: Share) => bigint): number {
  let sum = 0n;
  let weights = 0n;
  for (const share of shares) {
    const score = points(share);
    if (score <= 0n) continue;
    sum += score * share.weight;
    weights += share.weight;
  }
  return weights === 0n ? 0 : goRound(Number(sum) / Number(weights));
}

/** Straight lines between the points; slopes divide towards zero. */
function shapeScore(shape: readonly ShapePoint[], percent: bigint): bigint {
  for (let k = 0; k < shape.length; k++) {
    const to = pointOf(shape[k]);
    if (percent > to.utilization) continue;
    if (k === 0) return to.score;
    const from = pointOf(shape[k - 1]);
    const rise = ((to.score - from.score) * (percent - from.utilization)) / (to.utilization - from.utilization);
    return from.score + rise;
  }
  return pointOf(shape[shape.length - 1]).score;
}

/** Configured scores are 0 to 10. */
function pointOf({ utilization, score }: ShapePoint): { utilization: bigint; score: bigint } {
  return { utilization: BigInt(utilization), score: BigInt(score) * 10n };
}
