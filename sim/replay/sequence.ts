/**
 * Many steps on one cluster, answered one by one: pods that arrive and stay, nodes that come, change and go. A pod that
 * fits nowhere is gone after its step; one that preempts gets its victims deleted at once and a second try.
 */
import { type Pod, podKey } from '../../core/index.ts';
import { victimName } from './answer.ts';
import type { SequenceCase, Step } from './case.ts';
import { gatedBy, type World } from './world.ts';

/** Bound pods start so many seconds after this as their step counts, so that no two start together. */
const FIRST_START_MS = Date.UTC(2026, 3, 1);

export type PodAnswer =
  | [host: string, evaluated: number, feasible: number]
  | { message: string }
  | { gated: string }
  | { message: string; nominated: string; victims: string[]; then: PodAnswer };
export type StepAnswer = PodAnswer | 'deleted' | 'absent' | null;

export function answerSequence(world: World, { objects, steps }: SequenceCase): StepAnswer[] {
  /** Pods on nodes, existing or gone, by 'namespace/name'. */
  const placed = new Map<string, Pod>();
  for (const object of objects) {
    if (object.kind === 'Pod' && (object as Pod).spec.nodeName) placed.set(victimName(object as Pod), object as Pod);
  }
  return steps.map((step, i) => answerStep(world, placed, step, i));
}

function answerStep(world: World, placed: Map<string, Pod>, step: Step, index: number): StepAnswer {
  const { decider } = world;
  switch (step.op) {
    case 'pod':
      return answerPod(world, placed, step.pod, index);
    case 'nodeAdd':
      decider.addNode(step.node);
      return null;
    case 'nodeUpdate':
      decider.updateNode(step.node);
      return null;
    case 'nodeDelete':
      decider.removeNode(step.name);
      return null;
    case 'podDelete':
      return deletePod(world, placed, `${step.namespace}/${step.name}`) ? 'deleted' : 'absent';
  }
}

function answerPod(world: World, placed: Map<string, Pod>, pod: Pod, index: number): PodAnswer {
  const { decider, scheduler, nominated } = world;
  const gated = gatedBy(pod, world.profiles);
  if (gated !== undefined) return { gated };
  const { host, evaluated, feasible, message = '', preemption } = scheduler.schedule(pod);
  if (host !== undefined) {
    const bound = bind(pod, host, index);
    decider.addPod(bound);
    placed.set(victimName(bound), bound);
    return [host, evaluated, feasible];
  }
  if (preemption?.nominatedNode === undefined) {
    nominated.delete(podKey(pod)); // The pod is deleted, and what it was promised with it.
    return { message };
  }
  const { nominatedNode } = preemption;
  const victims = preemption.victims.map(victimName).sort();
  for (const victim of victims) deletePod(world, placed, victim);
  const again = { ...pod, status: { ...pod.status, nominatedNodeName: nominatedNode } };
  nominated.update(pod, again);
  const then = answerPod(world, placed, again, index);
  return { message, nominated: nominatedNode, victims, then };
}

function bind(pod: Pod, nodeName: string, index: number): Pod {
  const startTime = new Date(FIRST_START_MS + index * 1000).toISOString().replace('.000Z', 'Z');
  return { ...pod, spec: { ...pod.spec, nodeName }, status: { ...pod.status, startTime } };
}

function deletePod({ decider }: World, placed: Map<string, Pod>, name: string): boolean {
  const pod = placed.get(name);
  if (!pod) return false;
  placed.delete(name);
  decider.removePod(pod);
  return true;
}
