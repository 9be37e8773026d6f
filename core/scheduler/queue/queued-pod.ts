/**
 * A pod in the scheduling queue, with what the queue remembers of it between attempts.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/types.go (QueuedPodInfo).
 */
import type { Pod } from '../../objects/types.ts';
import { podKey } from '../framework.ts';

export interface QueuedPod {
  readonly key: string;
  /** Number of arrival: settles every tie in the same way. */
  readonly sequence: number;
  pod: Pod;
  /** When it was first added, or last put back after an attempt; ms. */
  timestamp: number;
  /** When it first came into activeQ; ms. */
  initialAttemptTimestamp?: number;
  /** Times it was popped. */
  attempts: number;
  /** Attempts that some plugin rejected. */
  unschedulableCount: number;
  /** Attempts in a row that ended in an error. */
  consecutiveErrorsCount: number;
  /** Plugins that rejected it in its last attempt, or gate it. Emptied when it is popped. */
  readonly unschedulablePlugins: Set<string>;
  /** Plugins that wait for something of their own; what wakes them skips the backoff. */
  readonly pendingPlugins: Set<string>;
  /** The PreEnqueue plugin that keeps it out of activeQ; '' when none does. */
  gatingPlugin: string;
  /** When its backoff ends, a whole second in ms; undefined until it is asked for. */
  backoffExpiration?: number;
  /** Why the last attempt failed. */
  message?: string;
}

export function queuedPod(pod: Pod, sequence: number, now: number): QueuedPod {
  return {
    key: podKey(pod),
    sequence,
    pod,
    timestamp: now,
    attempts: 0,
    unschedulableCount: 0,
    consecutiveErrorsCount: 0,
    unschedulablePlugins: new Set(),
    pendingPlugins: new Set(),
    gatingPlugin: '',
  };
}

/** Came back for other reasons than a plugin's no. */
export function failedByError(entry: QueuedPod): boolean {
  return entry.unschedulablePlugins.size === 0 && entry.pendingPlugins.size === 0;
}
