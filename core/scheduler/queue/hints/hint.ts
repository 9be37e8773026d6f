/**
 * What a plugin tells the queue: which events may make a pod it rejected schedulable, and a closer look at each.
 * Source: Kubernetes v1.36, kube-scheduler/framework/interface.go (EnqueueExtensions).
 */
import type { Listers } from '../../../cluster/listers.ts';
import type { KubeObject, Node, Pod } from '../../../objects/types.ts';
import { podKey } from '../../framework.ts';
import type { PluginArgs } from '../../profile.ts';
import type { ClusterEvent, EventInterest } from '../events.ts';

export interface HintContext {
  listers: Listers;
  args: PluginArgs;
}

/** True when the event may let `pod` pass the plugin now. */
export type Hint = (pod: Pod, event: ClusterEvent, context: HintContext) => boolean;

/** Without a hint, every such event is worth another attempt. */
export interface Registration extends EventInterest {
  hint?: Hint;
}

/** The change's old and new object, known to be of one kind by the event's resource. */
export interface Change<T extends KubeObject> {
  old?: T;
  now?: T;
}

export function podChange(event: ClusterEvent): Change<Pod> {
  return { old: event.old as Pod | undefined, now: event.new as Pod | undefined };
}

export function nodeChange(event: ClusterEvent): Change<Node> {
  return { old: event.old as Node | undefined, now: event.new as Node | undefined };
}

export function objectChange<T extends KubeObject>(event: ClusterEvent): Change<T> {
  return { old: event.old as T | undefined, now: event.new as T | undefined };
}

/** The changed object is the waiting pod itself. */
export function isOwnChange(pod: Pod, event: ClusterEvent): boolean {
  const { now } = podChange(event);
  return now !== undefined && podKey(now) === podKey(pod);
}
