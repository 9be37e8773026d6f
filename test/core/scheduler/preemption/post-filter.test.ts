import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Rejection } from '../../../../core/scheduler/framework.ts';
import { diagnose } from '../../../../core/scheduler/message.ts';
import { runPostFilter } from '../../../../core/scheduler/preemption/post-filter.ts';
import { preemptionReport } from '../../../../core/scheduler/preemption/report.ts';
import { defaultProfile, type Profile } from '../../../../core/scheduler/profile.ts';
import {
  FakeCycle,
  type FakeCycleOptions,
  type FakeNode,
  type FakePodOptions,
  FULL,
  fakePod,
  TAINTED,
} from '../../../support/fake-decider.ts';

const leaving = (name: string, priority: number, reason = 'PreemptionByScheduler') =>
  fakePod(name, {
    priority,
    deletionTimestamp: '2026-06-01T00:00:00Z',
    status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason }] },
  });
const without = (plugin: string): Profile => {
  const profile = defaultProfile();
  profile.postFilter = profile.postFilter.filter((name) => name !== plugin);
  return profile;
};
const unbound: Rejection = {
  plugin: 'VolumeBinding',
  code: 'UnschedulableAndUnresolvable',
  reasons: ['pod has unbound immediate PersistentVolumeClaims'],
};

const rows: {
  name: string;
  pod?: FakePodOptions;
  nodes: FakeNode[];
  options?: FakeCycleOptions;
  profile?: Profile;
  text: string;
  nominatedNode?: string;
  eligible?: boolean;
}[] = [
  {
    name: 'a nominated node silences both tails',
    nodes: [{ name: 'a', slots: 1, pods: [fakePod('x')] }],
    text: '',
    nominatedNode: 'a',
  },
  {
    name: 'no node that preemption can help',
    nodes: [{ name: 'a', rejection: TAINTED }],
    text: 'no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  },
  {
    name: 'nodes count under what still stands in the way',
    nodes: [{ name: 'a' }, { name: 'b', slots: 0, pods: [fakePod('x')] }, { name: 'c', rejection: TAINTED }],
    text: 'no new claims to deallocate, preemption: 0/3 nodes are available: 1 Insufficient cpu, 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
  },
  {
    name: 'preemptionPolicy Never',
    pod: { preemptionPolicy: 'Never' },
    nodes: [{ name: 'a', slots: 1, pods: [fakePod('x')] }],
    text: 'no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
    eligible: false,
  },
  {
    name: 'it waits for a victim that is leaving its nominated node',
    pod: { nominatedNodeName: 'a' },
    nodes: [{ name: 'a', slots: 1, pods: [leaving('x', 1)] }],
    text: 'no new claims to deallocate, preemption: not eligible due to a terminating pod on the nominated node.',
    eligible: false,
  },
  {
    name: 'a pod leaving for another reason is not waited for',
    pod: { nominatedNodeName: 'a' },
    nodes: [{ name: 'a', slots: 1, pods: [leaving('x', 1, 'EvictionByEvictionAPI')] }],
    text: '',
    nominatedNode: 'a',
  },
  {
    name: 'nor is one of the same priority',
    pod: { nominatedNodeName: 'a' },
    nodes: [{ name: 'a', slots: 2, pods: [leaving('x', 10), fakePod('y')] }],
    text: '',
    nominatedNode: 'a',
  },
  {
    name: 'a nominated node beyond help frees it to look elsewhere',
    pod: { nominatedNodeName: 'a' },
    nodes: [
      { name: 'a', rejection: TAINTED, pods: [leaving('x', 1)] },
      { name: 'b', slots: 1, pods: [fakePod('y')] },
    ],
    text: '',
    nominatedNode: 'b',
  },
  {
    name: 'a nominated node that is gone, too',
    pod: { nominatedNodeName: 'gone' },
    nodes: [{ name: 'b', slots: 1, pods: [fakePod('y')] }],
    text: '',
    nominatedNode: 'b',
  },
  {
    name: 'after a PreFilter refusal DynamicResources misses its state and ends it',
    nodes: [{ name: 'a' }],
    options: { preFilter: { rejection: unbound } },
    text: 'not found',
    eligible: undefined,
  },
  {
    name: 'without DynamicResources only preemption speaks',
    nodes: [{ name: 'a' }],
    options: { preFilter: { rejection: unbound } },
    profile: without('DynamicResources'),
    text: 'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  },
  {
    name: 'without preemption only DynamicResources speaks',
    nodes: [{ name: 'a', slots: 1, pods: [fakePod('x')] }],
    profile: without('DefaultPreemption'),
    text: 'no new claims to deallocate',
    eligible: undefined,
  },
  {
    name: 'a node that contradicts itself is the error, when nothing else was found',
    nodes: [{ name: 'a', slots: 9, pods: [fakePod('x')], rejection: FULL }],
    text: 'no new claims to deallocate, preemption: expected at least one victim pod on node "a"',
  },
];
for (const row of rows) {
  test(`post filter: ${row.name}`, () => {
    const { pod, nodes, options, profile = defaultProfile(), text, nominatedNode } = row;
    const cycle = new FakeCycle(fakePod('incoming', { priority: 10, ...pod }), nodes, options);
    const nominated = cycle.nodeIndex(pod?.nominatedNodeName ?? '');
    const outcome = runPostFilter(cycle, profile, diagnose(cycle, nominated), { budgets: [], now: 0, offset: () => 0 });
    assert.is(outcome.text, text);
    assert.is(outcome.preemption?.nominatedNode, nominatedNode);
    assert.is(outcome.preemption?.eligible, 'eligible' in row ? row.eligible : true);
  });
}

test('preemption report: tries all nodes and names those that may be picked', () => {
  const nodes = [
    { name: 'a', slots: 1, pods: [fakePod('x', { priority: 2 })] },
    { name: 'b', slots: 1, pods: [fakePod('y', { priority: 1 })] },
    { name: 'c', slots: 1, pods: [fakePod('z', { priority: 1 })] },
    { name: 'd', rejection: TAINTED },
    { name: 'e' },
  ];
  const cycle = new FakeCycle(fakePod('incoming', { priority: 10 }), nodes);
  const report = preemptionReport(cycle, diagnose(cycle, -1), [], 0);
  assert.equal(report.potentialNodes, ['a', 'b', 'c', 'e']);
  assert.equal(
    report.candidates.map(({ nodeName }) => nodeName),
    ['a', 'b', 'c'],
  );
  assert.equal([...report.rejected.keys()], ['e']);
  assert.equal(report.bestAnyOf, ['b', 'c']);
});

test.run();
