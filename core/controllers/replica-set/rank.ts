/**
 * Which pods go first when there are too many: those that nobody would miss.
 * Source: Kubernetes v1.36, pkg/controller/controller_utils.go (ActivePodsWithRanks).
 */

import type { ContainerStatus, Pod } from '../../objects/types.ts';
import { isActive, isReady, readyCondition } from '../pod-state.ts';
import { timeOf } from '../time.ts';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASES = ['Pending', 'Unknown', 'Running'];

interface Ranked {
  pod: Pod;
  assigned: number;
  phase: number;
  ready: number;
  cost: number;
  /** Pods of the same family on its node. */
  related: number;
  readySinceMs: number | undefined;
  restarts: number;
  sidecarRestarts: number;
  createdMs: number | undefined;
}

/**
 * `count` of `pods`, all active.
 * @param related pods that share the node fairly with them: of every ReplicaSet with the same owner.
 */
export function podsToDelete(pods: readonly Pod[], related: Iterable<Pod>, count: number, nowMs: number): Pod[] {
  if (count >= pods.length) return [...pods];
  const onNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec.nodeName;
    if (node && isActive(pod)) onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const ranked = pods.map((pod) => rankOf(pod, onNode.get(pod.spec.nodeName ?? '') ?? 0));
  ranked.sort((a, b) => compare(a, b, nowMs));
  return ranked.slice(0, count).map(({ pod }) => pod);
}

function rankOf(pod: Pod, related: number): Ranked {
  const containers = restartsOf(pod.status?.containerStatuses);
  const sidecarNames = new Set(
    (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  );
  const sidecars = pod.status?.initContainerStatuses?.filter(({ name }) => sidecarNames.has(name));
  return {
    pod,
    assigned: pod.spec.nodeName ? 1 : 0,
    phase: PHASES.indexOf(pod.status?.phase ?? 'Pending'),
    ready: isReady(pod) ? 1 : 0,
    cost: deletionCost(pod),
    related,
    readySinceMs: isReady(pod) ? timeOf(readyCondition(pod)?.lastTransitionTime) : undefined,
    restarts: containers,
    sidecarRestarts: restartsOf(sidecars),
    createdMs: timeOf(pod.metadata.creationTimestamp),
  };
}

/** Below zero: `a` goes first. */
function compare(a: Ranked, b: Ranked, nowMs: number): number {
  return (
    a.assigned - b.assigned ||
    a.phase - b.phase ||
    a.ready - b.ready ||
    a.cost - b.cost ||
    b.related - a.related ||
    (a.ready && b.ready ? byAge(a, b, a.readySinceMs, b.readySinceMs, nowMs) : 0) ||
    b.restarts - a.restarts ||
    b.sidecarRestarts - a.sidecarRestarts ||
    byAge(a, b, a.createdMs, b.createdMs, nowMs)
  );
}

/** The younger first; ages of one order of magnitude are as good as equal, and uids, which are chance, decide. */
function byAge(a: Ranked, b: Ranked, aMs: number | undefined, bMs: number | undefined, nowMs: number): number {
  if (aMs === bMs) return 0;
  if (aMs === undefined || bMs === undefined) return aMs === undefined ? -1 : 1;
  const difference = magnitude(nowMs - aMs) - magnitude(nowMs - bMs);
  if (difference !== 0) return difference;
  return (a.pod.metadata.uid ?? '') < (b.pod.metadata.uid ?? '') ? -1 : 1;
}

/** Doublings of a nanosecond. */
function magnitude(ageMs: number): number {
  return ageMs > 0 ? Math.floor(Math.log2(ageMs * 1e6)) : -1;
}

function restartsOf(statuses: readonly ContainerStatus[] | undefined): number {
  return Math.max(0, ...(statuses ?? []).map(({ restartCount }) => Number(restartCount ?? 0)));
}

/** What is not a whole number of 32 bits counts as none. */
function deletionCost({ metadata }: Pod): number {
  const text = metadata.annotations?.[DELETION_COST] ?? '';
  if (!/^(0|-?[1-9]\d*|\+[1-9]\d*)$/.test(text)) return 0;
  const cost = Number(text);
  return cost >= -(2 ** 31) && cost < 2 ** 31 ? cost : 0;
}
