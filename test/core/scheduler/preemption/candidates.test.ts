import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose } from '../../../../core/scheduler/message.ts';
import { candidatesWanted, findCandidates, potentialNodes } from '../../../../core/scheduler/preemption/candidates.ts';
import { compileBudgets } from '../../../../core/scheduler/preemption/disruption.ts';
import { defaultArgs } from '../../../../core/scheduler/profile.ts';
import { FakeCycle, type FakeNode, FULL, fakePod, TAINTED } from '../../../support/fake-decider.ts';

const incoming = fakePod('incoming', { priority: 10 });
const budgets = compileBudgets([
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'db', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'db' } } },
    status: { disruptionsAllowed: 0 },
  },
]);
const guarded = (name: string): FakeNode => ({
  name,
  slots: 1,
  pods: [fakePod(`on-${name}`, { labels: { app: 'db' } })],
});
const free = (name: string): FakeNode => ({ name, slots: 1, pods: [fakePod(`on-${name}`)] });
const hopeless = (name: string): FakeNode => ({ name, slots: 0, pods: [fakePod(`on-${name}`)] });

function search(nodes: FakeNode[], { offset = 0, enough = 99 } = {}) {
  const potential = nodes.map((_, n) => n);
  const { candidates, rejected } = findCandidates(new FakeCycle(incoming, nodes), potential, {
    budgets,
    now: 0,
    offset,
    enough,
  });
  return { candidates: candidates.map(({ nodeName }) => nodeName), rejected: rejected };
}

const counts = [
  { nodes: 5, wanted: 5 },
  { nodes: 100, wanted: 100 },
  { nodes: 101, wanted: 100 },
  { nodes: 1000, wanted: 100 },
  { nodes: 1009, wanted: 100 },
  { nodes: 1010, wanted: 101 },
  { nodes: 5000, wanted: 500 },
];
for (const { nodes, wanted } of counts) {
  test(`candidates: among ${nodes} potential nodes ${wanted} are enough`, () => {
    assert.is(candidatesWanted(nodes, defaultArgs().defaultPreemption), wanted);
  });
}

const rows = [
  {
    name: 'all are tried when no limit stops the search',
    nodes: [free('a'), hopeless('b'), free('c')],
    candidates: ['a', 'c'],
    rejected: [1],
  },
  {
    name: 'those that break no budget come first',
    nodes: [guarded('a'), free('b'), guarded('c')],
    candidates: ['b', 'a', 'c'],
    rejected: [],
  },
  {
    name: 'the search begins at the offset and goes round',
    nodes: [free('a'), free('b'), free('c')],
    offset: 2,
    candidates: ['c', 'a', 'b'],
    rejected: [],
  },
  {
    name: 'enough stops it',
    nodes: [free('a'), free('b'), free('c')],
    enough: 2,
    candidates: ['a', 'b'],
    rejected: [],
  },
  {
    name: 'but not before one breaks no budget; the list of the others is cut at the limit',
    nodes: [guarded('a'), guarded('b'), guarded('c'), free('d'), free('e')],
    enough: 2,
    candidates: ['d', 'a', 'b'],
    rejected: [],
  },
];
for (const { name, nodes, offset, enough, candidates, rejected } of rows) {
  test(`candidates: ${name}`, () => assert.equal(search(nodes, { offset, enough }), { candidates, rejected }));
}

test('potential nodes: exactly those that are Unschedulable, in walking order', () => {
  const cycle = new FakeCycle(incoming, [
    { name: 'a', rejection: FULL },
    { name: 'b', rejection: TAINTED },
    { name: 'c', rejection: FULL },
  ]);
  assert.equal(potentialNodes(cycle, diagnose(cycle, -1)), [0, 2]);
});

test('potential nodes: none outside a narrowed set', () => {
  const preFilter = { nodeNames: new Set(['b']), narrowedBy: ['NodeAffinity'] };
  const cycle = new FakeCycle(incoming, [free('a'), free('b')], { preFilter });
  assert.equal(potentialNodes(cycle, diagnose(cycle, -1)), [1]);
});

test('potential nodes: all, when PreFilter refused the pod for now', () => {
  const rejection = { plugin: 'Custom', code: 'Unschedulable' as const, reasons: ['not yet'] };
  const cycle = new FakeCycle(incoming, [free('a'), free('b')], { preFilter: { rejection } });
  assert.equal(potentialNodes(cycle, diagnose(cycle, -1)), [0, 1]);
});

test.run();
