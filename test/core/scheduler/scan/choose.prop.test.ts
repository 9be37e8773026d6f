/** With local plugins from outside, the host that the scan names at once is the one that its cycle comes to. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../../core/cluster/listers.ts';
import type { Pod } from '../../../../core/objects/types.ts';
import { hashText } from '../../../../core/random.ts';
import type { TieRule } from '../../../../core/scheduler/decision.ts';
import { defaultNormalize, type PackedPlugin, SKIP } from '../../../../core/scheduler/framework.ts';
import { defaultProfile } from '../../../../core/scheduler/profile.ts';
import { Nominator } from '../../../../core/scheduler/queue/nominator.ts';
import { ScanDecider } from '../../../../core/scheduler/scan/decider.ts';
import { ScheduleOne } from '../../../../core/scheduler/schedule-one.ts';
import { type PluggedProfile, pluginsOf, withPlugin } from '../../../../core/scheduler/with-plugin.ts';
import type { SequenceCase, Step } from '../../../../sim/replay/case.ts';
import { sequenceCases } from '../../../support/arbitraries.ts';

type Scores = Float64Array;

/** Refuses rows with few pods of the pod's own length of name, as if that meant something. */
const picky: PackedPlugin = {
  name: 'Picky',
  scope: 'local',
  filter(_facts, { pod }, { cluster }, from, to, rejectedBy, self) {
    const { podCount } = cluster.columns;
    for (let n = from; n < to; n++) if ((podCount[n] + pod.metadata.name.length) % 3 === 0) rejectedBy[n] ||= self;
  },
};

/** By the pods that a row holds: few whole numbers, or what `bend` makes of them. */
function crowded(
  name: string,
  bend: (score: number, pod: Pod) => number,
  more: Partial<PackedPlugin> = {},
): PackedPlugin {
  return {
    name,
    scope: 'local',
    score(_facts, { pod }, { cluster }, feasible, scores: Scores) {
      const { podCount } = cluster.columns;
      for (let k = 0; k < feasible.length; k++) scores[k] = bend(Math.min(100, 17 * podCount[feasible[k]]), pod);
    },
    ...more,
  };
}

/** 0 to 3. */
const digit = ({ metadata }: Pod): number => hashText(5, metadata.name) % 4;

const plugins: readonly PackedPlugin[] = [
  picky,
  crowded('Whole', (score) => score),
  crowded('Reversed', (score) => score, { normalize: (_facts, scores: Scores) => defaultNormalize(scores, true) }),
  crowded('Fraction', (score, pod) => (digit(pod) < 3 ? 50 + score / 2 ** 8 : score)),
  crowded('Beyond', (score, pod) => (digit(pod) === 1 ? 2 * score : score)),
  crowded('Below', (score, pod) => (digit(pod) === 1 ? score - 7 : score)),
  crowded('Silent', (score) => score, { preScore: ({ pod }) => (digit(pod) === 2 ? SKIP : undefined) }),
  crowded('Failing', (score) => score, { preScore: ({ pod }) => (digit(pod) === 3 ? { error: 'no' } : undefined) }),
];

/** Most pods have nothing to say to the plugins that look at all nodes. */
function plain(step: Step): Step {
  if (step.op !== 'pod') return step;
  const containers = [{ name: 'main', resources: { requests: { cpu: '10m' } } }];
  return { op: 'pod', pod: { ...step.pod, spec: { containers, priority: 100 }, status: undefined } };
}

interface Played {
  answers: unknown[];
  /** Decisions that needed no cycle. */
  atOnce: number;
}

function play({ objects, steps }: SequenceCase, profile: PluggedProfile, tieRule: TieRule, choosing: boolean): Played {
  const listers = new Listers();
  const nominated = new Nominator();
  const profiles = [profile];
  const decider = new ScanDecider({ listers, nominated, profiles, plugins: pluginsOf(profiles) });
  let atOnce = 0;
  const choose: ScanDecider['choose'] = (pod, tie) => {
    const choice = choosing ? ScanDecider.prototype.choose.call(decider, pod, tie) : undefined;
    if (choice) atOnce++;
    return choice;
  };
  decider.choose = choose;
  const scheduler = new ScheduleOne({ decider, listers, nominated, profiles, tieRule, seed: 7 });
  for (const object of objects) {
    if (object.kind === 'Node') decider.addNode(object as Parameters<typeof decider.addNode>[0]);
    else if (object.kind !== 'Pod') listers.set(object);
    else if ((object as Pod).spec.nodeName) decider.addPod(object as Pod);
  }
  const placed = new Map<string, Pod>();
  const answers = steps.map((drawn, i) => {
    const step = i % 4 === 0 ? drawn : plain(drawn);
    if (step.op === 'nodeDelete') return void decider.removeNode(step.name);
    if (step.op === 'podDelete') return void (placed.has(step.name) && decider.removePod(placed.get(step.name) as Pod));
    if (step.op !== 'pod') return void decider.addNode(step.node);
    const { host, evaluated, feasible, message } = scheduler.schedule(step.pod);
    if (host !== undefined) decider.assume(step.pod, host);
    if (host !== undefined) placed.set(step.pod.metadata.name, step.pod);
    return [host, evaluated, feasible, message];
  });
  return { answers, atOnce };
}

test('local plugins from outside: what is chosen at once is what the cycle comes to', () => {
  let atOnce = 0;
  fc.assert(
    fc.property(
      sequenceCases({ steps: 50, templates: 2 }),
      fc.subarray([...plugins], { minLength: 1, maxLength: 2 }),
      fc.constantFrom(1, 2, 3, 50),
      fc.constantFrom<TieRule>('order', 'order', 'order', 'first', 'random'),
      (recorded, some, weight, tieRule) => {
        let profile: PluggedProfile = defaultProfile();
        for (const plugin of some) profile = withPlugin(profile, plugin, { weight });
        const chosen = play(recorded, profile, tieRule, true);
        assert.equal(chosen.answers, play(recorded, profile, tieRule, false).answers);
        atOnce += chosen.atOnce;
      },
    ),
    { numRuns: 800 },
  );
  assert.ok(atOnce > 2000, `${atOnce} decisions were made at once`);
});

test.run();
