/** How a controller counts a pod. Source: Kubernetes v1.36, pkg/api/v1/pod/util.go, pkg/controller/controller_utils.go. */
import { isFinished, isTerminating, type Pod, type PodCondition } from '../objects/types.ts';
import { timeOf } from './time.ts';

/** Neither over nor going. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !isTerminating(pod);
}

export function readyCondition(pod: Pod): PodCondition | undefined {
  return pod.status?.conditions?.find(({ type }) => type === 'Ready');
}

export function isReady(pod: Pod): boolean {
  return readyCondition(pod)?.status === 'True';
}

/** Ready for `minReadySeconds` without a break. */
export function isAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  return availableAfter(pod, minReadySeconds, nowMs) === 0;
}

/** Milliseconds until the pod is available if it stays ready: 0 when it is, undefined when it is not ready. */
export function availableAfter(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  const ready = readyCondition(pod);
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  const sinceMs = timeOf(ready.lastTransitionTime);
  return sinceMs === undefined ? undefined : Math.max(0, sinceMs + minReadySeconds * 1000 - nowMs);
}
