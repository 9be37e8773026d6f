/** A scheduler as bytes, and back: the cluster, and what the scheduler itself remembers between decisions. */
import type { Listers } from '../cluster/listers.ts';
import type { SnapshotContent } from '../cluster/snapshot/content.ts';
import { readSnapshot, writeSnapshot } from '../cluster/snapshot/snapshot.ts';
import { ApiError } from '../errors.ts';
import type { Pod } from '../objects/types.ts';
import type { Cache } from '../scheduler/cache.ts';
import type { Decider, Savable } from '../scheduler/framework.ts';
import type { Nominator } from '../scheduler/queue/nominator.ts';
import type { SavedReservations } from '../scheduler/reservations.ts';
import type { Progress, ScheduleOne } from '../scheduler/schedule-one.ts';

export interface SavedParts {
  decider: Decider & Savable;
  listers: Listers;
  nominator: Nominator;
  cache: Cache;
}

/** What createScheduler saves besides the cluster. */
interface Memory {
  kind: 'DirectScheduler';
  progress: Progress;
  reserved: SavedReservations;
  /** Pods without a node. */
  waiting: readonly Pod[];
  /** By node, in order of nomination. */
  nominated: readonly (readonly [nodeName: string, pods: readonly Pod[]])[];
}

export interface SavedScheduler extends SnapshotContent {
  rest: Memory;
}

/** @throws ApiError when a plugin from outside has reserved something for a pod, or when it would take 4 GiB. */
export function saveScheduler({ decider, listers, nominator, cache }: SavedParts, cycle: ScheduleOne): Uint8Array {
  const { reserved, placed, ...cluster } = decider.save();
  return writeSnapshot({
    ...cluster,
    placed: (each) => placed((pod, key, nodeName) => each(pod, key, nodeName, cache.isAssumed(key))),
    objects: [...listers.everything()],
    rest: {
      kind: 'DirectScheduler',
      progress: cycle.progress,
      reserved,
      waiting: [...cache.waiting()],
      nominated: [...nominator.byNode()],
    } satisfies Memory,
  });
}

/** @throws ApiError when these are not bytes that saveScheduler made. */
export function readScheduler(bytes: Uint8Array): SavedScheduler {
  const content = readSnapshot(bytes);
  if ((content.rest as Memory | null)?.kind !== 'DirectScheduler') {
    const message = 'holds a cluster, but not one that scheduler.snapshot() wrote';
    throw new ApiError('Invalid', [{ path: 'snapshot', message, severity: 'error' }]);
  }
  return content as SavedScheduler;
}

/** Into parts that know nothing yet. Each pod is made once, for cache and decider alike. */
export function loadScheduler(saved: SavedScheduler, { decider, listers, nominator, cache }: SavedParts): void {
  const { nodes, placed, objects, rest } = saved;
  for (const object of objects) listers.set(object);
  for (const node of nodes) cache.adoptNode(node);
  decider.load({
    ...saved,
    reserved: rest.reserved,
    placed: (each) =>
      placed((pod, key, nodeName, assumed, make) => {
        if (assumed) cache.adoptAssumed(pod, key, nodeName);
        each(pod, key, nodeName, assumed, make);
      }),
  });
  for (const pod of rest.waiting) cache.setWaiting(pod);
  for (const [nodeName, pods] of rest.nominated) for (const pod of pods) nominator.add(pod, nodeName);
}
