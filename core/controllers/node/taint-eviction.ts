/**
 * Pods that do not tolerate a taint NoExecute of their node are deleted, those that do for a while after that time.
 * Source: Kubernetes v1.36, pkg/controller/tainteviction/taint_eviction.go.
 */
import { tolerates } from '../../objects/tolerations.ts';
import { isFinished, keyOf, type Node, type Pod, type Taint } from '../../objects/types.ts';
import { type Controller, type Sync, splitKey, tell, unlessGone, type World } from '../controller.ts';
import { podConditionPatch } from '../pod-conditions.ts';
import { PodsByNode } from '../pods-by-node.ts';
import { NODES, PODS } from '../resources.ts';
import { sameValue } from '../same-value.ts';
import { timeOf } from '../time.ts';

const WORKERS = 64;

export function taintEvictionController(): Controller {
  const pods = new PodsByNode();
  /** When a pod was first seen under a taint that it does not bear for ever: a taint need not say when it was added. */
  const since = new Map<string, { uid: string | undefined; ms: number }>();
  return {
    name: 'taint-eviction-controller',
    // Each pod whose time has come goes by itself: those of a lost node do not wait for each other.
    workers: WORKERS,
    watches: [
      {
        resource: NODES,
        keys({ object, old, gone }) {
          const isSame = sameValue((object as Node).spec?.taints, (old as Node | undefined)?.spec?.taints);
          return gone || isSame ? [] : pods.on(object.metadata.name);
        },
      },
      {
        resource: PODS,
        keys(change, observed) {
          pods.take(change);
          const { object, old, gone } = change;
          const key = keyOf(object);
          if (gone) since.delete(key);
          const { nodeName, tolerations } = (object as Pod).spec;
          const before = (old as Pod | undefined)?.spec;
          const isSame = before?.nodeName === nodeName && sameValue(before?.tolerations, tolerations);
          if (gone || !nodeName || isSame) return [];
          // Nearly all pods are on nodes that drive nobody away; of one that is not known yet, its taints will be told.
          const node = observed.get(NODES, '', nodeName) as Node | undefined;
          return since.has(key) || (node && drivesAway(node)) ? [key] : [];
        },
      },
    ],
    *sync(key, world) {
      const { namespace, name } = splitKey(key);
      const pod = world.observed.get(PODS, namespace, name) as Pod | undefined;
      const node = pod && (world.observed.get(NODES, '', pod.spec.nodeName ?? '') as Node | undefined);
      if (!pod || !node || pod.metadata.deletionTimestamp || isFinished(pod)) return undefined;
      const { uid } = pod.metadata;
      const known = since.get(key);
      const seenMs = known?.uid === uid && known ? known.ms : world.nowMs;
      const dueMs = evictionTime(pod, node, seenMs);
      if (dueMs === undefined) {
        since.delete(key);
        return undefined;
      }
      since.set(key, { uid, ms: seenMs });
      return dueMs > world.nowMs ? { afterMs: dueMs - world.nowMs } : yield* evict(pod, world);
    },
  };
}

function drivesAway({ spec }: Node): boolean {
  return spec?.taints?.some(({ effect }) => effect === 'NoExecute') ?? false;
}

/** When the pod has to go; undefined: never. @param seenMs when it was first seen to have to. */
export function evictionTime(pod: Pod, node: Node, seenMs: number): number | undefined {
  if (!drivesAway(node)) return undefined;
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
  const times = taints.map((taint) => timeOfTaint(pod, taint, seenMs));
  const due = Math.min(...times);
  return due === Number.POSITIVE_INFINITY ? undefined : due;
}

/** Of several tolerations the shortest counts. */
function timeOfTaint({ spec }: Pod, taint: Taint, seenMs: number): number {
  const matching = (spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
  if (matching.length === 0) return seenMs;
  const seconds = matching
    .map(({ tolerationSeconds }) => tolerationSeconds)
    .filter((value) => typeof value === 'number');
  if (seconds.length === 0) return Number.POSITIVE_INFINITY;
  return (timeOf(taint.timeAdded) ?? seenMs) + Math.max(0, Math.min(...seconds)) * 1000;
}

function* evict(pod: Pod, { nowMs }: World): Sync {
  const { namespace = '', name, uid } = pod.metadata;
  const why = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  };
  const patch = podConditionPatch(pod, why, nowMs);
  if (patch) yield* unlessGone(patch);
  yield* tell(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${namespace}/${name}`);
  yield* unlessGone({ type: 'delete', resource: PODS, namespace, name, uid });
  return undefined;
}
