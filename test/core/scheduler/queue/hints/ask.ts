/** Tables of hints: a plugin, a pod it rejected, an event, and whether the event is worth another attempt. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../../../core/cluster/listers.ts';
import type { KubeObject, Node, Pod } from '../../../../../core/objects/types.ts';
import { defaultProfile, type PluginArgs } from '../../../../../core/scheduler/profile.ts';
import { nodeChanges, podChanges } from '../../../../../core/scheduler/queue/changes.ts';
import {
  Action,
  assignedPodAdd,
  assignedPodDelete,
  type ClusterEvent,
} from '../../../../../core/scheduler/queue/events.ts';
import { QueueingHints } from '../../../../../core/scheduler/queue/hints/registry.ts';

export const nodeAdd = (now: Node): ClusterEvent[] => [{ resource: 'Node', action: Action.Add, new: now }];
export const nodeUpdate = (old: Node, now: Node): ClusterEvent[] => nodeChanges(old, now);
export const nodeDelete = (old: Node): ClusterEvent[] => [{ resource: 'Node', action: Action.Delete, old }];
export const podAdd = (now: Pod): ClusterEvent[] => [assignedPodAdd(now)];
export const podUpdate = (old: Pod, now: Pod): ClusterEvent[] => podChanges(old, now);
export const podDelete = (old: Pod): ClusterEvent[] => [assignedPodDelete(old)];
export const objectAdd = (now: KubeObject): ClusterEvent[] => [{ resource: now.kind, action: Action.Add, new: now }];
export const objectUpdate = (old: KubeObject, now: KubeObject): ClusterEvent[] => [
  { resource: now.kind, action: Action.Update, old, new: now },
];
export const objectDelete = (old: KubeObject): ClusterEvent[] => [{ resource: old.kind, action: Action.Delete, old }];

export interface Row {
  name: string;
  pod: Pod;
  /** Everything one delivery amounts to. */
  events: ClusterEvent[];
  wakes: boolean;
  args?: Partial<PluginArgs>;
  objects?: KubeObject[];
}

export function hintTable(plugin: string, rows: readonly Row[]): void {
  for (const { name, pod, events, wakes, args, objects = [] } of rows) {
    test(`${plugin} hint: ${name}: ${wakes ? 'wakes' : 'sleeps on'}`, () => {
      const listers = new Listers();
      for (const object of objects) listers.set(object);
      const profile = defaultProfile();
      Object.assign(profile.args, args);
      const hints = new QueueingHints([profile], listers);
      assert.is(
        events.some((event) => hints.isWorthIt('default-scheduler', plugin, pod, event)),
        wakes,
      );
    });
  }
}
