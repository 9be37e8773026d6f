/**
 * Pods that no agent will ever end: on nodes that are gone, told to go before they had one, or over and far too many.
 * Source: Kubernetes v1.36, pkg/controller/podgc/gc_controller.go.
 */
import { isFinished, type KubeObject, keyOf, type Pod } from '../../objects/types.ts';
import { type Controller, type Observed, type Sync, splitKey, unlessGone, type World } from '../controller.ts';
import { podConditionPatch } from '../pod-conditions.ts';
import { PodsByNode } from '../pods-by-node.ts';
import { NODES, PODS } from '../resources.ts';

/** A node may be seen later than its pods. */
const QUARANTINE_MS = 40_000;
/** Pods that are over; beyond it the oldest go. */
export const FINISHED_LIMIT = 12_500;

export function podGarbageCollector(finishedLimit = FINISHED_LIMIT): Controller {
  const pods = new PodsByNode();
  const finished = new Set<string>();
  /** Since when a node is missed. */
  const missedMs = new Map<string, number>();
  return {
    name: 'pod-garbage-collector',
    watches: [
      {
        resource: NODES,
        keys({ object, gone }) {
          if (!gone) missedMs.delete(object.metadata.name);
          return gone ? pods.on(object.metadata.name) : [];
        },
      },
      {
        resource: PODS,
        keys(change, observed) {
          pods.take(change);
          const { object, gone } = change;
          const pod = object as Pod;
          const key = keyOf(pod);
          if (gone || !isFinished(pod)) finished.delete(key);
          else finished.add(key);
          if (finished.size > finishedLimit) return [key, ...oldest(finished, observed, finished.size - finishedLimit)];
          return gone || !isOfInterest(pod, observed) ? [] : [key];
        },
      },
    ],
    *sync(key, world) {
      const { namespace, name } = splitKey(key);
      const pod = world.observed.get(PODS, namespace, name) as Pod | undefined;
      if (!pod) return undefined;
      const { nodeName = '' } = pod.spec;
      if (!nodeName) return pod.metadata.deletionTimestamp ? yield* remove(pod) : undefined;
      const surplus = finished.size - finishedLimit;
      if (surplus > 0 && oldest(finished, world.observed, surplus).includes(key)) return yield* remove(pod);
      if (world.observed.get(NODES, '', nodeName)) return undefined;
      const sinceMs = missedMs.get(nodeName) ?? world.nowMs;
      missedMs.set(nodeName, sinceMs);
      const left = sinceMs + QUARANTINE_MS - world.nowMs;
      return left > 0 ? { afterMs: left } : yield* removeOrphan(pod, world);
    },
  };
}

function isOfInterest({ metadata, spec }: Pod, observed: Observed): boolean {
  if (!spec.nodeName) return Boolean(metadata.deletionTimestamp);
  return observed.get(NODES, '', spec.nodeName) === undefined;
}

function oldest(keys: ReadonlySet<string>, observed: Observed, count: number): string[] {
  const made = (key: string): string => {
    const { namespace, name } = splitKey(key);
    return observed.get(PODS, namespace, name)?.metadata.creationTimestamp ?? '';
  };
  const all = [...keys].map((key) => ({ key, at: made(key) }));
  all.sort((a, b) => (a.at === b.at ? (a.key < b.key ? -1 : 1) : a.at < b.at ? -1 : 1));
  return all.slice(0, count).map(({ key }) => key);
}

function* removeOrphan(pod: Pod, { nowMs }: World): Sync {
  const live = yield* unlessGone({ type: 'get', resource: NODES, namespace: '', name: pod.spec.nodeName ?? '' });
  if (live) return undefined;
  const why = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
  };
  const patch = podConditionPatch(pod, why, nowMs, isFinished(pod) ? {} : { phase: 'Failed' });
  if (patch) yield* unlessGone(patch);
  return yield* remove(pod);
}

function* remove({ metadata: { namespace = '', name, uid } }: KubeObject): Sync {
  yield* unlessGone({ type: 'delete', resource: PODS, namespace, name, uid, graceSeconds: 0 });
  return undefined;
}
