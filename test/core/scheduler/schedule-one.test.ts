import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../core/cluster/listers.ts';
import type { Pod } from '../../../core/objects/types.ts';
import type { TieRule } from '../../../core/scheduler/decision.ts';
import { podKey } from '../../../core/scheduler/framework.ts';
import { defaultProfile } from '../../../core/scheduler/profile.ts';
import { Nominator } from '../../../core/scheduler/queue/nominator.ts';
import { ScheduleOne } from '../../../core/scheduler/schedule-one.ts';
import { type FakeCycleOptions, FakeDecider, type FakeNode, fakePod, TAINTED } from '../../support/fake-decider.ts';

interface SetUp extends FakeCycleOptions {
  nodes: FakeNode[];
  percentage?: number;
  tieRule?: TieRule;
  scorers?: boolean;
}
function setUp({ nodes, percentage = 100, tieRule = 'first', scorers = true, ...options }: SetUp) {
  const profile = defaultProfile();
  profile.percentageOfNodesToScore = percentage;
  if (!scorers) profile.score = [];
  const nominated = new Nominator();
  const decider = new FakeDecider(nodes, options);
  const scheduler = new ScheduleOne({ decider, profiles: [profile], listers: new Listers(), nominated, tieRule });
  return { nominated, decider, scheduler };
}
/** Nodes n0, n1, ...; those listed do not fit. */
const row = (count: number, ...full: number[]): FakeNode[] =>
  Array.from({ length: count }, (_, n) => ({ name: `n${n}`, total: full.includes(n) ? undefined : 50 }));
const asking = (nominatedNodeName: string): Pod => fakePod('p', { nominatedNodeName, priority: 10 });

test('schedule one: the best total wins and is reserved', () => {
  const { scheduler, decider } = setUp({ nodes: [{ name: 'a', total: 3 }, { name: 'b', total: 8 }, { name: 'c' }] });
  const { result, host, evaluated, feasible, message } = scheduler.schedule(fakePod('p'));
  assert.equal([result, host, evaluated, feasible, message], ['scheduled', 'b', 3, 2, undefined]);
  assert.equal(decider.last?.reserved, ['b']);
});

test('schedule one: the only feasible node is taken without scores', () => {
  const { scheduler } = setUp({ nodes: [{ name: 'a', total: 3 }, { name: 'b' }], scoreError: 'never asked' });
  assert.is(scheduler.schedule(fakePod('p')).host, 'a');
});

test('schedule one: no nodes at all', () => {
  const { result, message, preemption } = setUp({ nodes: [] }).scheduler.schedule(fakePod('p'));
  assert.equal([result, message, preemption], ['unschedulable', 'no nodes available to schedule pods', undefined]);
});

test('schedule one: a score plugin that fails ends the cycle without an answer', () => {
  const { scheduler, decider } = setUp({ nodes: row(2), scoreError: 'no integer' });
  const { result, message, error } = scheduler.schedule(fakePod('p'));
  assert.equal([result, message, error], ['error', 'no integer', { plugin: 'NodeAffinity', message: 'no integer' }]);
  assert.equal(decider.last?.reserved, []);
});

test('schedule one: a PreFilter plugin that fails, too', () => {
  const { scheduler } = setUp({ nodes: row(2), preFilter: { error: { plugin: 'X', message: 'broken' } } });
  assert.is(scheduler.schedule(fakePod('p')).result, 'error');
});

test('schedule one: a refusal names its reasons, its plugins and the victims', () => {
  const victim = fakePod('victim', { priority: 1, spec: { nodeName: 'a' } });
  const { scheduler } = setUp({
    nodes: [
      { name: 'a', slots: 1, pods: [victim] },
      { name: 'b', rejection: TAINTED },
    ],
  });
  const decision = scheduler.schedule(fakePod('p', { priority: 10 }));
  assert.is(decision.message, '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s).');
  assert.equal(decision.unschedulablePlugins, ['NodeResourcesFit', 'TaintToleration']);
  assert.is(decision.preemption?.nominatedNode, 'a');
  assert.equal(decision.preemption?.victims, [victim]);
  assert.equal([decision.evaluated, decision.feasible], [2, 0]);
});

test('schedule one: a pod of an unknown scheduler is not ours', () => {
  const { scheduler } = setUp({ nodes: row(1) });
  const pod = fakePod('p', { spec: { schedulerName: 'other' } });
  assert.not(scheduler.isResponsibleFor(pod));
  assert.ok(scheduler.isResponsibleFor(fakePod('p')));
  assert.throws(() => scheduler.schedule(pod), /bug: no profile/);
});

test('nominated node: it is tried first, alone, and taken without scores', () => {
  const { scheduler, decider } = setUp({
    nodes: [
      { name: 'a', total: 9 },
      { name: 'b', total: 1 },
    ],
  });
  const { host, evaluated, feasible } = scheduler.schedule(asking('b'));
  assert.equal([host, evaluated, feasible, decider.last?.asked], ['b', 1, 1, ['b']]);
});

test('nominated node: if it fails, all nodes are searched and it counts once', () => {
  const { scheduler } = setUp({ nodes: row(3, 1) });
  const { host, evaluated, feasible } = scheduler.schedule(asking('n1'));
  assert.equal([host, evaluated, feasible], ['n0', 3, 2]);
});

test('nominated node: outside a narrowed set it still counts as evaluated', () => {
  const preFilter = { nodeNames: new Set(['n2']), narrowedBy: ['NodeAffinity'] };
  const { evaluated, feasible } = setUp({ nodes: row(3, 0), preFilter }).scheduler.schedule(asking('n0'));
  assert.equal([evaluated, feasible], [2, 1]);
});

test('nominated node: one that is gone is no node', () => {
  assert.is(setUp({ nodes: row(2) }).scheduler.schedule(asking('gone')).evaluated, 2);
});

test('walk: with enough found it goes on to the next feasible node, and leaves it for the next pod', () => {
  // Of 200 nodes 100 are wanted: n0 to n100 without n50; n101 and n102 fail on the way to n103.
  const { scheduler, decider } = setUp({ nodes: row(200, 50, 101, 102), percentage: 0 });
  const first = scheduler.schedule(fakePod('p'));
  assert.equal([first.evaluated, first.feasible], [103, 100]);
  assert.is(decider.last?.asked.at(-1), 'n103');
  scheduler.schedule(fakePod('q'));
  assert.is(decider.last?.asked[0], 'n103');
});

test('walk: the rotation goes round the end', () => {
  const { scheduler, decider } = setUp({ nodes: row(150), percentage: 0 });
  const starts = [1, 2, 3, 4].map((i) => {
    scheduler.schedule(fakePod(`p${i}`));
    return decider.last?.asked[0];
  });
  assert.equal(starts, ['n0', 'n100', 'n50', 'n0']);
});

test('walk: neither a PreFilter refusal nor a nominated node that fits moves the start', () => {
  const { scheduler, decider } = setUp({ nodes: row(150), percentage: 0 });
  scheduler.schedule(fakePod('p'));
  scheduler.schedule(asking('n3'));
  scheduler.schedule(fakePod('q'));
  assert.is(decider.last?.asked[0], 'n100');
});

test('walk: after a narrowed set the start moves on among all nodes', () => {
  const preFilter = { nodeNames: new Set(['n1', 'n2']), narrowedBy: ['NodeAffinity'] };
  const { scheduler, decider } = setUp({ nodes: row(3), preFilter });
  const asked = [1, 2, 3].map((i) => {
    scheduler.schedule(fakePod(`p${i}`));
    return decider.last?.asked.join();
  });
  // Starts 0, 2 and 4 % 3 = 1, each taken modulo the two nodes of the set.
  assert.equal(asked, ['n1,n2', 'n1,n2', 'n2,n1']);
});

test('walk: a narrowed set of missing nodes is a refusal', () => {
  const preFilter = { nodeNames: new Set(['gone']), narrowedBy: ['NodeAffinity'] };
  const { result, evaluated, unschedulablePlugins } = setUp({ nodes: row(2), preFilter }).scheduler.schedule(
    fakePod('p'),
  );
  assert.equal([result, evaluated, unschedulablePlugins], ['unschedulable', 0, ['NodeAffinity']]);
});

test('walk: without score plugins one feasible node is enough', () => {
  const { host, evaluated } = setUp({ nodes: row(5, 0, 2), scorers: false }).scheduler.schedule(fakePod('p'));
  assert.equal([host, evaluated], ['n1', 3]);
});

test('nominations: preemption nominates the pod and clears the ones of lower priority there', () => {
  const { scheduler, nominated } = setUp({ nodes: [{ name: 'a', slots: 1, pods: [fakePod('victim')] }] });
  const [lower, equal] = [fakePod('lower', { priority: 9 }), fakePod('equal', { priority: 10 })];
  nominated.add(lower, 'a');
  nominated.add(equal, 'a');
  const pod = fakePod('p', { priority: 10 });
  assert.equal(scheduler.schedule(pod).preemption?.clearedNominations, [lower]);
  assert.equal(nominated.onNode('a'), [equal, pod]);
});

const endings: { name: string; nodes: FakeNode[]; pod: Pod; kept: boolean; options?: FakeCycleOptions }[] = [
  { name: 'a placed pod needs it no more', nodes: row(2), pod: asking('n0'), kept: false },
  { name: 'preemption that finds nothing takes it away', nodes: row(1, 0), pod: asking('n0'), kept: false },
  {
    name: 'preemption that may not run leaves it',
    nodes: row(1, 0),
    pod: fakePod('p', { nominatedNodeName: 'n0', preemptionPolicy: 'Never' }),
    kept: true,
  },
  { name: 'an error takes it away', nodes: row(3, 0), pod: asking('n0'), kept: false, options: { scoreError: 'x' } },
];
for (const { name, nodes, pod, kept, options } of endings) {
  test(`nominations: ${name}`, () => {
    const { scheduler, nominated } = setUp({ nodes, ...options });
    nominated.add(pod, 'n0');
    scheduler.schedule(pod);
    assert.is(nominated.nodeOf(podKey(pod)) !== undefined, kept);
  });
}

test.run();
