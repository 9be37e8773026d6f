/** Conditions of a pod as patches of its status: the list is merged by type. Source: pkg/scheduler/schedule_one.go. */
import type { KubeObject, Pod } from '../../core/index.ts';
import { timeOf } from '../events/recorder.ts';

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

/** undefined when the pod says so already. */
export function conditionPatch(pod: Pod, condition: Condition, nowMs: number): object | undefined {
  const conditions = (pod.status?.conditions ?? []) as Condition[];
  const current = conditions.find(({ type }) => type === condition.type);
  const same = (['status', 'reason', 'message'] as const).every((field) => current?.[field] === condition[field]);
  if (same) return undefined;
  const lastTransitionTime = current?.status === condition.status ? undefined : timeOf(nowMs);
  return { status: { conditions: [{ ...condition, ...(lastTransitionTime && { lastTransitionTime }) }] } };
}

/** Why a pod has no node yet. */
export function notScheduled(reason: 'Unschedulable' | 'SchedulerError', message: string): Condition {
  return { type: 'PodScheduled', status: 'False', reason, message };
}

export function disruptionTarget(scheduler: string): Condition {
  const message = `${scheduler}: preempting to accommodate a higher priority pod`;
  return { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message };
}

export function nominatedNodeOf(pod: KubeObject): string {
  return (pod as Pod).status?.nominatedNodeName ?? '';
}
