/**
 * Which of two victims matters more: higher priority, then the earlier start.
 * Source: Kubernetes v1.36, pkg/scheduler/util/utils.go (MoreImportantPod, GetPodStartTime).
 */
import { type Pod, priorityOf } from '../../objects/types.ts';

/** Milliseconds since the epoch; a pod without a start time, or with one that is no time, counts as starting now. */
export function startTimeOf(pod: Pod, now: number): number {
  const { startTime } = pod.status ?? {};
  const start = startTime ? Date.parse(startTime) : now;
  return Number.isNaN(start) ? now : start;
}

/** A copy, most important first; equals keep their order. */
export function byImportance(pods: readonly Pod[], now: number): Pod[] {
  return pods
    .map((pod) => ({ pod, priority: priorityOf(pod), start: startTimeOf(pod, now) }))
    .sort((a, b) => b.priority - a.priority || a.start - b.start)
    .map(({ pod }) => pod);
}
