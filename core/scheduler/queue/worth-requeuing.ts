/**
 * Is an event worth another attempt for a pod that failed? Only the plugins that rejected it are asked.
 * Source: Kubernetes v1.36, pkg/scheduler/backend/queue/scheduling_queue.go (isPodWorthRequeuing).
 */
import type { Pod } from '../../objects/types.ts';
import { podKey } from '../framework.ts';
import { schedulerNameOf } from '../profile.ts';
import { type ClusterEvent, WILDCARD } from './events.ts';
import type { QueueingHints } from './hints/registry.ts';
import { failedByError, type QueuedPod } from './queued-pod.ts';

export type Strategy = 'Skip' | 'AfterBackoff' | 'Immediately';

/** A pending plugin's yes skips the backoff. An error has no rejectors to ask, and a wildcard asks nobody. */
export function strategyFor(entry: QueuedPod, event: ClusterEvent, hints: QueueingHints): Strategy {
  if (failedByError(entry)) return 'AfterBackoff';
  if (event.resource === WILDCARD) {
    const isForOther = event.new !== undefined && podKey(event.new as Pod) !== entry.key;
    return isForOther ? 'Skip' : 'AfterBackoff';
  }
  const scheduler = schedulerNameOf(entry.pod);
  const isWorthIt = (plugin: string): boolean => hints.isWorthIt(scheduler, plugin, entry.pod, event);
  if (some(entry.pendingPlugins, isWorthIt)) return 'Immediately';
  return some(entry.unschedulablePlugins, isWorthIt) ? 'AfterBackoff' : 'Skip';
}

/** The keenest answer to any of the events. */
export function strategyForAll(entry: QueuedPod, events: readonly ClusterEvent[], hints: QueueingHints): Strategy {
  let keenest: Strategy = 'Skip';
  for (const event of events) {
    const strategy = strategyFor(entry, event, hints);
    if (strategy === 'Immediately') return strategy;
    if (strategy === 'AfterBackoff') keenest = strategy;
  }
  return keenest;
}

function some(plugins: ReadonlySet<string>, isWorthIt: (plugin: string) => boolean): boolean {
  for (const plugin of plugins) if (isWorthIt(plugin)) return true;
  return false;
}
