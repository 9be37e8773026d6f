/**
 * An update of a node or a pod → the events it amounts to for scheduling.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/events.go.
 */
import { needsStatus } from '../../cluster/pod-measures.ts';
import { podRequests } from '../../objects/pod-requests.ts';
import { milliUnitsOf, nanoOf } from '../../objects/quantity.ts';
import type { Node, Pod, ResourceList } from '../../objects/types.ts';
import { Action, type ClusterEvent } from './events.ts';

/** None when nothing changed that scheduling looks at. */
export function nodeChanges(old: Node, now: Node): ClusterEvent[] {
  const actions: number[] = [];
  if (old.spec?.unschedulable && !now.spec?.unschedulable) actions.push(Action.UpdateNodeTaint);
  if (!sameResources(old.status?.allocatable, now.status?.allocatable)) actions.push(Action.UpdateNodeAllocatable);
  if (!sameValue(old.metadata.labels ?? {}, now.metadata.labels ?? {})) actions.push(Action.UpdateNodeLabel);
  if (!sameValue(old.spec?.taints ?? [], now.spec?.taints ?? [])) actions.push(Action.UpdateNodeTaint);
  if (!sameValue(conditionsOf(old), conditionsOf(now))) actions.push(Action.UpdateNodeCondition);
  if (!sameValue(old.metadata.annotations ?? {}, now.metadata.annotations ?? {})) {
    actions.push(Action.UpdateNodeAnnotation);
  }
  if (!sameValue(old.status?.declaredFeatures ?? [], now.status?.declaredFeatures ?? [])) {
    actions.push(Action.UpdateNodeDeclaredFeature);
  }
  return [...new Set(actions)].map((action) => ({ resource: 'Node', action, old, new: now }));
}

/** At least one: a change without a name of its own is the general Update. */
export function podChanges(old: Pod, now: Pod): ClusterEvent[] {
  const actions: number[] = [];
  if (!sameValue(old.metadata.labels ?? NONE, now.metadata.labels ?? NONE)) actions.push(Action.UpdatePodLabel);
  if (scaledDown(old, now)) actions.push(Action.UpdatePodScaleDown);
  if (old.spec.schedulingGates?.length && !now.spec.schedulingGates?.length) {
    actions.push(Action.UpdatePodSchedulingGatesEliminated);
  }
  // Tolerations can only be added, so their number tells.
  if ((old.spec.tolerations?.length ?? 0) !== (now.spec.tolerations?.length ?? 0)) {
    actions.push(Action.UpdatePodToleration);
  }
  if (!sameClaimStatuses(old, now)) actions.push(Action.UpdatePodGeneratedResourceClaim);
  if (actions.length === 0) actions.push(Action.Update);
  const resource = now.spec.nodeName ? 'AssignedPod' : 'UnscheduledPod';
  return actions.map((action) => ({ resource, action, old, new: now }));
}

/** Some request went away or became smaller. */
function scaledDown(old: Pod, now: Pod): boolean {
  if (old.spec === now.spec && (old.status === now.status || !(needsStatus(old) || needsStatus(now)))) return false;
  const before = podRequests(old, { useStatus: true });
  const after = podRequests(now, { useStatus: true });
  for (const [name, amount] of before) {
    const remains = after.get(name);
    if (remains === undefined || milliUnitsOf(amount) > milliUnitsOf(remains)) return true;
  }
  return false;
}

function conditionsOf(node: Node): Record<string, string> {
  return Object.fromEntries((node.status?.conditions ?? []).map(({ type, status }) => [type, status]));
}

function sameClaimStatuses({ status: old }: Pod, { status: now }: Pod): boolean {
  return (
    sameValue(old?.resourceClaimStatuses ?? NOTHING, now?.resourceClaimStatuses ?? NOTHING) &&
    sameValue(old?.extendedResourceClaimStatus ?? null, now?.extendedResourceClaimStatus ?? null)
  );
}

/** What is absent, the same one for all: it is found the same without a look into it. */
const NONE: Record<string, never> = {};
const NOTHING: readonly never[] = [];

function sameResources(a: ResourceList = {}, b: ResourceList = {}): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name] !== undefined && (a[name] === b[name] || nanoOf(a[name]) === nanoOf(b[name])))
  );
}

/** Deep equality of JSON values; the order of an object's keys does not matter, an undefined value is an absent one. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => sameValue(left[key], right[key]));
}
