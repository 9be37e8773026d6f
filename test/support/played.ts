/** The same steps, taken by deciders that are then compared: what each says of every pod. */
import * as assert from 'uvu/assert';
import { Listers } from '../../core/cluster/listers.ts';
import type { Node, Pod } from '../../core/objects/types.ts';
import type { TieRule } from '../../core/scheduler/decision.ts';
import { EngineDecider, type EngineOptions } from '../../core/scheduler/engine/decider.ts';
import { defaultProfile } from '../../core/scheduler/profile.ts';
import { Nominator } from '../../core/scheduler/queue/nominator.ts';
import type { ScanDecider } from '../../core/scheduler/scan/decider.ts';
import { ScheduleOne } from '../../core/scheduler/schedule-one.ts';
import type { SequenceCase, Step } from '../../sim/replay/case.ts';

type Both = { scan: ScanDecider; engine: EngineDecider };

/** With `coarseValues` 0 hostnames are fine keys; in clusters of this size they are coarse otherwise. */
export function world(
  decider: (options: EngineOptions) => Both[keyof Both],
  tieRule: TieRule,
  coarseValues = 0,
  sayWhy = true,
) {
  const listers = new Listers();
  const nominated = new Nominator();
  const profiles = [defaultProfile()];
  const made = decider({ listers, nominated, profiles, limits: { buildFrom: 1, coarseValues } });
  return {
    listers,
    decider: made,
    scheduler: new ScheduleOne({ decider: made, listers, nominated, profiles, tieRule, seed: 7, sayWhy }),
  };
}

/**
 * Hosts and counts of every pod; pods that preempt or fail are left out of the cluster.
 * @param beforePod is called before each pod is decided for.
 */
export function play(
  { objects, steps }: SequenceCase,
  { listers, decider, scheduler }: ReturnType<typeof world>,
  beforePod = (): void => {},
): unknown[] {
  for (const object of objects) {
    if (object.kind === 'Node') decider.addNode(object as Node);
    else if (object.kind !== 'Pod') listers.set(object);
    else if ((object as Pod).spec.nodeName) decider.addPod(object as Pod);
  }
  const placed = new Map<string, Pod>();
  return steps.map((step) => {
    if (step.op === 'pod') beforePod();
    return take(step, placed, decider, scheduler);
  });
}

function take(step: Step, placed: Map<string, Pod>, decider: Both[keyof Both], scheduler: ScheduleOne): unknown {
  switch (step.op) {
    case 'nodeAdd':
    case 'nodeUpdate':
      return void decider.addNode(step.node);
    case 'nodeDelete':
      return void decider.removeNode(step.name);
    case 'podDelete': {
      const pod = placed.get(step.name);
      return pod && void decider.removePod(pod);
    }
    case 'pod': {
      const { host, feasible, evaluated, preemption } = scheduler.schedule(step.pod);
      if (decider instanceof EngineDecider) assert.equal(decider.check(), [], 'classes equal a rebuild');
      if (!host) return [feasible, evaluated, preemption?.nominatedNode];
      const bound = { ...step.pod, spec: { ...step.pod.spec, nodeName: host } };
      decider.addPod(bound);
      placed.set(step.pod.metadata.name, bound);
      return [host, feasible, evaluated];
    }
  }
}
