/**
 * Why a pod fits nowhere, in kube-scheduler's words, and which plugins said so.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/types.go (FitError, Diagnosis), pkg/scheduler/schedule_one.go.
 */
import type { Cycle, Rejection, RejectionCode } from './framework.ts';
import { Statuses, statusesOf } from './statuses.ts';
import { nodeSet } from './walk.ts';

export const NO_NODES_AVAILABLE = 'no nodes available to schedule pods';

/** What a cycle that found no node learned of the nodes. */
export interface Diagnosis {
  /** Nodes in the snapshot, looked at or not. */
  nodeCount: number;
  /** Status of every node that was looked at. Valid until the next diagnosis. */
  rejections: Statuses;
  /** Status of all the others. */
  absent: { code: RejectionCode; reasons: readonly string[] };
  /** Set when PreFilter refused the pod; no node was looked at then. */
  preFilter?: Rejection;
  /** Plugins that narrowed the nodes. */
  narrowedBy: readonly string[];
}

/** Asks every node of the cycle's set; all of them must have failed. `nominated` was tried before (-1: none). */
export function diagnose(cycle: Cycle, nominated: number): Diagnosis {
  const { rejection: preFilter, nodeNames, narrowedBy = [] } = cycle.preFilter;
  const nodeCount = cycle.order.length;
  if (preFilter) {
    const rejections = new Statuses({ kinds: [], kindOf: [] });
    return { nodeCount, rejections, absent: preFilter, preFilter, narrowedBy: [] };
  }
  const rejections = statusesOf(cycle, withNode(nodeSet(cycle), nominated));
  const reasons = nodeNames ? [`node(s) didn't satisfy plugin(s) [${[...narrowedBy].sort().join(' ')}]`] : [];
  return { nodeCount, rejections, absent: { code: 'UnschedulableAndUnresolvable', reasons }, narrowedBy };
}

function withNode(nodes: ArrayLike<number>, n: number): ArrayLike<number> {
  return n < 0 || Array.prototype.includes.call(nodes, n) ? nodes : [n, ...Array.from(nodes)];
}

/** The status of node n in a failed cycle; -1 stands for a node that does not exist. */
export function statusOf(diagnosis: Diagnosis, n: number): { code: RejectionCode; reasons: readonly string[] } {
  return diagnosis.rejections.get(n) ?? diagnosis.absent;
}

/** Plugins that rejected some node, or narrowed the nodes, or rejected the pod. Sorted. */
export function unschedulablePlugins({ rejections, preFilter, narrowedBy }: Diagnosis): string[] {
  if (preFilter) return [preFilter.plugin];
  const plugins = new Set(narrowedBy);
  for (const { rejection } of rejections.kinds) plugins.add(rejection.plugin);
  return [...plugins].sort();
}

/** @param postFilter what the PostFilter plugins said; '' when they helped, or there are none. */
export function failureText(diagnosis: Diagnosis, postFilter: string): string {
  const text = diagnosis.preFilter
    ? `${availability(diagnosis.nodeCount)} ${diagnosis.preFilter.reasons.join(', ')}.`
    : histogramText(diagnosis.nodeCount, diagnosis.rejections.kinds, diagnosis.absent.reasons);
  return postFilter ? `${text} ${postFilter}` : text;
}

/** '0/5 nodes are available: 2 Insufficient cpu, 3 Too many pods.' Nodes without a status count under `absent`. */
export function histogramText(
  nodeCount: number,
  kinds: Iterable<{ rejection: { reasons: readonly string[] }; nodes: number }>,
  absent: readonly string[],
): string {
  const counts = new Map<string, number>();
  const count = (reason: string, by: number): void => void counts.set(reason, (counts.get(reason) ?? 0) + by);
  let seen = 0;
  for (const { rejection, nodes } of kinds) {
    seen += nodes;
    for (const reason of rejection.reasons) count(reason, nodes);
  }
  if (seen < nodeCount) for (const reason of absent) count(reason, nodeCount - seen);
  // Sorted as texts: 10 comes before 2.
  const parts = [...counts].map(([reason, times]) => `${times} ${reason}`).sort();
  return parts.length > 0 ? `${availability(nodeCount)} ${parts.join(', ')}.` : availability(nodeCount);
}

function availability(nodeCount: number): string {
  return `0/${nodeCount} nodes are available:`;
}
