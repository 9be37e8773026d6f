/**
 * What happens in the cluster, in the words in which plugins register for it and hints look at it.
 * Source: Kubernetes v1.36, kube-scheduler/framework/types.go, pkg/scheduler/framework/events.go.
 */
import type { KubeObject, Pod } from '../../objects/types.ts';

/** Bits: a registration names several, an event usually one. */
export const Action = {
  Add: 1,
  Delete: 2,
  UpdateNodeAllocatable: 4,
  UpdateNodeLabel: 8,
  UpdateNodeTaint: 16,
  UpdateNodeCondition: 32,
  UpdateNodeAnnotation: 64,
  UpdateNodeDeclaredFeature: 128,
  UpdatePodLabel: 256,
  UpdatePodScaleDown: 512,
  UpdatePodToleration: 1024,
  UpdatePodSchedulingGatesEliminated: 2048,
  UpdatePodGeneratedResourceClaim: 4096,
  /** Every update bit: the event for a change that no single bit names, heard only by who registered for all of them. */
  Update: 8188,
  All: 8191,
} as const;

export interface ClusterEvent {
  /** A kind; pods are AssignedPod or UnscheduledPod; '*' moves pods whatever rejected them. */
  readonly resource: string;
  readonly action: number;
  readonly old?: KubeObject;
  readonly new?: KubeObject;
}

export const WILDCARD = '*';

/** Sat in unschedulablePods for too long. */
export const UNSCHEDULABLE_TIMEOUT: ClusterEvent = { resource: WILDCARD, action: Action.All };

/** Somebody wants this pod tried again, and only this one. */
export function forceActivate(pod: Pod): ClusterEvent {
  return { resource: WILDCARD, action: Action.All, new: pod };
}

export function assignedPodAdd(pod: Pod): ClusterEvent {
  return { resource: 'AssignedPod', action: Action.Add, new: pod };
}

/** Also for a pod that gives up its nomination or its assumed place: whoever counted it has room now. */
export function assignedPodDelete(pod: Pod): ClusterEvent {
  return { resource: 'AssignedPod', action: Action.Delete, old: pod };
}

export interface EventInterest {
  /** 'Pod' takes in AssignedPod and UnscheduledPod. */
  readonly resource: string;
  readonly actions: number;
}

/** An update event must lie within the registered bits as a whole. */
export function isInterestedIn({ resource, actions }: EventInterest, event: ClusterEvent): boolean {
  const sameResource =
    resource === WILDCARD ||
    resource === event.resource ||
    (resource === 'Pod' && (event.resource === 'AssignedPod' || event.resource === 'UnscheduledPod'));
  return sameResource && (actions & event.action) === event.action;
}
