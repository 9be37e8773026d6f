/** What the queue shows of itself: counts for metrics, and every waiting pod with the reason why. */
import type { Pod } from '../../objects/types.ts';
import type { BackoffQueue } from './backoff-queue.ts';
import type { QueuedPod } from './queued-pod.ts';

/** Pods per place; their sum is all. */
export interface QueueCounts {
  active: number;
  backoff: number;
  errorBackoff: number;
  unschedulable: number;
  gated: number;
  inFlight: number;
}

export interface PendingPod {
  pod: Pod;
  place: keyof QueueCounts;
  attempts: number;
  /** Who rejected it last, or gates it. */
  plugins: readonly string[];
  /** The failure text of the last attempt. */
  message?: string;
  /** When its backoff ends; ms. */
  untilMs?: number;
}

export function* pendingPods(
  active: Iterable<QueuedPod>,
  backoff: BackoffQueue,
  unschedulable: Iterable<QueuedPod>,
  inFlight: Iterable<QueuedPod>,
): Iterable<PendingPod> {
  for (const entry of active) yield pendingPod(entry, 'active');
  for (const entry of backoff.values()) {
    const place = backoff.isAfterError(entry) ? 'errorBackoff' : 'backoff';
    yield { ...pendingPod(entry, place), untilMs: backoff.expiryOf(entry) };
  }
  for (const entry of unschedulable) yield pendingPod(entry, entry.gatingPlugin ? 'gated' : 'unschedulable');
  for (const entry of inFlight) yield pendingPod(entry, 'inFlight');
}

function pendingPod(entry: QueuedPod, place: keyof QueueCounts): PendingPod {
  const plugins = [...new Set([...entry.unschedulablePlugins, ...entry.pendingPlugins])].sort();
  return { pod: entry.pod, place, attempts: entry.attempts, plugins, message: entry.message };
}
