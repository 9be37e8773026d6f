/** The cluster of one case, ready to decide: its objects are added in the order in which the recorded scheduler saw them. */
import {
  createDecider,
  type Decider,
  type DeciderKind,
  isFinished,
  type KubeObject,
  Listers,
  type Node,
  Nominator,
  type Pod,
  type Profile,
  ScheduleOne,
  schedulingGates,
} from '../../core/index.ts';
import type { Case } from './case.ts';
import { profileOf, profilesOf } from './profiles.ts';

/** What a pod without a start time counts as having started at: later than any time recorded. */
export const NOW_MS = Date.UTC(2100, 0, 1);

/** What a decider may be made with besides what it needs: threads, say. */
export type DeciderExtras = Partial<Parameters<typeof createDecider>[1]>;

export interface World {
  listers: Listers;
  profiles: readonly Profile[];
  nominated: Nominator;
  decider: Decider;
  scheduler: ScheduleOne;
}

/** Ties are broken as kube-scheduler 1.36 does. */
export function createWorld(recorded: Case, kind: DeciderKind, options: DeciderExtras = {}): World {
  const { objects } = recorded;
  const listers = new Listers();
  const profiles = profilesOf(recorded);
  const nominated = new Nominator();
  const decider = createDecider(kind, { listers, profiles, nominated, limits: { buildFrom: 1 }, ...options });
  const scheduler = new ScheduleOne({
    decider,
    profiles,
    listers,
    nominated,
    tieRule: 'first',
    now: () => NOW_MS,
  });
  const world = { listers, profiles, nominated, decider, scheduler };
  for (const object of objects) {
    if (object.kind === 'Node' || object.kind === 'Pod') continue;
    listers.set(object);
    decider.objectChanged(object);
  }
  for (const node of ofKind<Node>(objects, 'Node')) decider.addNode(node);
  for (const pod of ofKind<Pod>(objects, 'Pod')) addPod(world, pod);
  return world;
}

function ofKind<T extends KubeObject>(objects: readonly KubeObject[], kind: string): T[] {
  return objects.filter((object) => object.kind === kind) as T[];
}

/** A pending pod matters by its nomination alone, which counts once nothing gates the pod. */
function addPod({ decider, nominated, scheduler, profiles }: World, pod: Pod): void {
  if (pod.spec.nodeName) {
    decider.addPod(pod);
    return;
  }
  const { nominatedNodeName } = pod.status ?? {};
  if (!nominatedNodeName || isFinished(pod) || !scheduler.isResponsibleFor(pod)) return;
  if (gatedBy(pod, profiles) === undefined) nominated.add(pod, nominatedNodeName);
}

/** The plugin that keeps the pod out of the queue. */
export function gatedBy(pod: Pod, profiles: readonly Profile[]): string | undefined {
  const profile = profileOf(pod, profiles);
  const gates = profile?.preEnqueue.includes(schedulingGates.name) && !schedulingGates.preEnqueue(pod);
  return gates ? schedulingGates.name : undefined;
}
