/**
 * Amounts of resources as the scheduler counts them: whole millicores, bytes and units in bigints, rounded once per pod
 * (semantics 2.2 to 2.4).
 */
import {
  hasPodLevelRequests,
  isScalarResource,
  NON_ZERO_DEFAULTS,
  podRequests,
  type Requests,
} from '../../objects/pod-requests.ts';
import { milliUnitsOf, nanoOf, unitsOf } from '../../objects/quantity.ts';
import type { Node, Pod } from '../../objects/types.ts';

/** Resource name → amount; absent counts as 0. */
export type Amounts = Map<string, bigint>;

/** What a pod counts for on a node. */
export interface PodUsage {
  requested: Amounts;
  /** cpu and memory only, with stand-ins for containers that name none. */
  nonZero: Amounts;
}

const usages = new WeakMap<Pod, PodUsage>();
const incoming = new WeakMap<Pod, Amounts>();
const scored = new WeakMap<Pod, Amounts>();

/** As the pod counts on a node: in-place resize included. */
export function usageOf(pod: Pod): PodUsage {
  return remember(usages, pod, () => {
    const requests = podRequests(pod, { useStatus: true });
    // With pod-level requests a stand-in is used only for what the pod's total does not name.
    const standIns = hasPodLevelRequests(pod)
      ? new Map([...NON_ZERO_DEFAULTS].filter(([name]) => !requests.has(name)))
      : NON_ZERO_DEFAULTS;
    const nonZero = toAmounts(podRequests(pod, { useStatus: true, nonMissing: standIns }));
    return {
      requested: toAmounts(requests),
      nonZero: new Map([
        ['cpu', nonZero.get('cpu') ?? 0n],
        ['memory', nonZero.get('memory') ?? 0n],
      ]),
    };
  });
}

/** As filters count the incoming pod. */
export function requestsOf(pod: Pod): Amounts {
  return remember(incoming, pod, () => toAmounts(podRequests(pod)));
}

/** As the scorer of NodeResourcesFit counts the incoming pod: stand-ins always, pod-level requests never (a quirk). */
export function scoredRequestsOf(pod: Pod): Amounts {
  return remember(scored, pod, () =>
    toAmounts(podRequests(pod, { nonMissing: NON_ZERO_DEFAULTS, ignorePodLevel: true })),
  );
}

export function allocatableOf(node: Node): Amounts {
  const requests: Requests = new Map();
  const allocatable = node.status?.allocatable ?? {};
  for (const name in allocatable) requests.set(name, nanoOf(allocatable[name]));
  return toAmounts(requests);
}

/** Resources the scheduler does not know are left out. */
function toAmounts(requests: Requests): Amounts {
  const amounts: Amounts = new Map();
  for (const [name, nano] of requests) {
    if (name === 'cpu') amounts.set(name, milliUnitsOf(nano));
    else if (isCounted(name)) amounts.set(name, unitsOf(nano));
  }
  return amounts;
}

function isCounted(name: string): boolean {
  return name === 'memory' || name === 'ephemeral-storage' || name === 'pods' || isScalarResource(name);
}

export function addAmounts(into: Amounts, amounts: Amounts, sign: 1n | -1n): void {
  for (const [name, amount] of amounts) into.set(name, (into.get(name) ?? 0n) + sign * amount);
}

/** Go's int64 product: wraps around where it overflows. */
export function int64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

function remember<T>(cache: WeakMap<Pod, T>, pod: Pod, compute: () => T): T {
  let value = cache.get(pod);
  if (value === undefined) cache.set(pod, (value = compute()));
  return value;
}
