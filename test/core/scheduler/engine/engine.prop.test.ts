/** The engine remembers; the scan looks anew each time. Under churn both say the same, by every tie rule. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../../core/cluster/listers.ts';
import type { Node, Pod } from '../../../../core/objects/types.ts';
import type { TieRule } from '../../../../core/scheduler/decision.ts';
import { EngineDecider } from '../../../../core/scheduler/engine/decider.ts';
import { defaultProfile } from '../../../../core/scheduler/profile.ts';
import { Nominator } from '../../../../core/scheduler/queue/nominator.ts';
import { ScanDecider } from '../../../../core/scheduler/scan/decider.ts';
import { ScheduleOne } from '../../../../core/scheduler/schedule-one.ts';
import type { SequenceCase, Step } from '../../../../sim/replay/case.ts';
import { decideCase } from '../../../../sim/replay/decide.ts';
import { sequenceCases } from '../../../support/arbitraries.ts';

type Both = { scan: ScanDecider; engine: EngineDecider };

/** With `coarseValues` 0 hostnames are fine keys; in clusters of this size they are coarse otherwise. */
function world(
  decider: (options: ConstructorParameters<typeof EngineDecider>[0]) => Both[keyof Both],
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

/** Hosts and counts of every pod; pods that preempt or fail are left out of the cluster. */
function play({ objects, steps }: SequenceCase, { listers, decider, scheduler }: ReturnType<typeof world>): unknown[] {
  for (const object of objects) {
    if (object.kind === 'Node') decider.addNode(object as Node);
    else if (object.kind !== 'Pod') listers.set(object);
    else if ((object as Pod).spec.nodeName) decider.addPod(object as Pod);
  }
  const placed = new Map<string, Pod>();
  return steps.map((step) => take(step, placed, decider, scheduler));
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

test('engine equals scan where nobody asks why a pod fits nowhere, and then needs no scan for that', () => {
  fc.assert(
    fc.property(sequenceCases({ steps: 25, templates: 2 }), (recorded) => {
      const scan = world((options) => new ScanDecider(options), 'order', 0, false);
      const made: EngineDecider[] = [];
      const engine = world((options) => (made[0] = new EngineDecider(options)), 'order', 0, false);
      assert.equal(play(recorded, engine), play(recorded, scan));
      const [{ scans, cluster }] = made;
      if (cluster.nodeCount > 0 && !recorded.steps.some(({ op }) => op === 'nodeDelete')) {
        assert.is(scans.get('no node fits'), undefined);
      }
    }),
    { numRuns: 200 },
  );
});

for (const tieRule of ['order', 'first', 'random'] as const) {
  test(`engine equals scan under churn, ties by '${tieRule}', and its classes equal a rebuild`, () => {
    fc.assert(
      fc.property(sequenceCases({ steps: 25, templates: 2 }), fc.constantFrom(0, 3, 32), (recorded, coarseValues) => {
        const scan = world((options) => new ScanDecider(options), tieRule);
        const engine = world((options) => new EngineDecider(options), tieRule, coarseValues);
        assert.equal(play(recorded, engine), play(recorded, scan));
      }),
      { numRuns: 400 },
    );
  });
}

test('engine equals reference, whole answers', () => {
  fc.assert(
    fc.property(sequenceCases({ steps: 25, templates: 3 }), (recorded) => {
      assert.equal(decideCase(recorded, 'engine'), decideCase(recorded, 'reference'));
    }),
    { numRuns: 250 },
  );
});

test.run();
