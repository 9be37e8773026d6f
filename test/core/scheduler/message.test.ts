import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PreFilterOutcome, Rejection } from '../../../core/scheduler/framework.ts';
import {
  diagnose,
  failureText,
  histogramText,
  statusOf,
  unschedulablePlugins,
} from '../../../core/scheduler/message.ts';
import { FakeCycle, type FakeNode, FULL, fakePod, TAINTED } from '../../support/fake-decider.ts';

const both: Rejection = { ...FULL, reasons: ['Insufficient cpu', 'Insufficient memory'] };
const conflict: Rejection = {
  plugin: 'NodeAffinity',
  code: 'UnschedulableAndUnresolvable',
  reasons: ['pod affinity terms conflict'],
};
const nodes = (...rejections: Rejection[]): FakeNode[] =>
  rejections.map((rejection, n) => ({ name: `n${n}`, rejection }));

const texts: { name: string; nodes: FakeNode[]; preFilter?: PreFilterOutcome; tail?: string; text: string }[] = [
  {
    name: 'one node, one reason',
    nodes: nodes(FULL),
    text: '0/1 nodes are available: 1 Insufficient cpu.',
  },
  {
    name: 'a node counts under each of its reasons',
    nodes: nodes(both, FULL),
    text: '0/2 nodes are available: 1 Insufficient memory, 2 Insufficient cpu.',
  },
  {
    name: 'counts are sorted as text: 10 before 2',
    nodes: nodes(TAINTED, TAINTED, ...Array(10).fill(FULL)),
    text: '0/12 nodes are available: 10 Insufficient cpu, 2 node(s) had untolerated taint(s).',
  },
  {
    name: 'the tail follows after a space',
    nodes: nodes(FULL),
    tail: 'no new claims to deallocate, preemption: no.',
    text: '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: no.',
  },
  {
    name: 'a PreFilter refusal stands for all nodes, without a count',
    nodes: nodes(FULL, FULL, FULL),
    preFilter: { rejection: conflict },
    tail: 'not found',
    text: '0/3 nodes are available: pod affinity terms conflict. not found',
  },
  {
    name: 'nodes outside a narrowed set count under the plugins that narrowed it',
    nodes: nodes(FULL, FULL, FULL),
    preFilter: { nodeNames: new Set(['n1']), narrowedBy: ['NodeAffinity'] },
    text: "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].",
  },
  {
    name: 'a narrowed set of missing nodes leaves all of them outside; plugins are sorted and stand apart by spaces',
    nodes: nodes(FULL),
    preFilter: { nodeNames: new Set(['gone']), narrowedBy: ['NodeAffinity', 'Custom'] },
    text: "0/1 nodes are available: 1 node(s) didn't satisfy plugin(s) [Custom NodeAffinity].",
  },
];
for (const { name, nodes, preFilter, tail = '', text } of texts) {
  test(`failure text: ${name}`, () => {
    assert.is(failureText(diagnose(new FakeCycle(fakePod('p'), nodes, { preFilter }), -1), tail), text);
  });
}

test('failure text: the nominated node outside a narrowed set keeps its own reason', () => {
  const preFilter = { nodeNames: new Set(['n1']), narrowedBy: ['NodeAffinity'] };
  const diagnosis = diagnose(new FakeCycle(fakePod('p'), nodes(TAINTED, FULL, FULL), { preFilter }), 0);
  assert.is(
    failureText(diagnosis, ''),
    "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) didn't satisfy plugin(s) [NodeAffinity], 1 node(s) had untolerated taint(s).",
  );
});

test('histogram: without any reason only the count of nodes is left', () => {
  assert.is(histogramText(4, [], []), '0/4 nodes are available:');
});

test('unschedulable plugins: those that rejected a node and those that narrowed, sorted, each once', () => {
  const preFilter = { nodeNames: new Set(['n0', 'n1', 'n2']), narrowedBy: ['NodeAffinity'] };
  const cycle = new FakeCycle(fakePod('p'), nodes(TAINTED, FULL, FULL), { preFilter });
  assert.equal(unschedulablePlugins(diagnose(cycle, -1)), ['NodeAffinity', 'NodeResourcesFit', 'TaintToleration']);
});

test('unschedulable plugins: after a PreFilter refusal only the one that refused', () => {
  const cycle = new FakeCycle(fakePod('p'), nodes(FULL), { preFilter: { rejection: conflict } });
  assert.equal(unschedulablePlugins(diagnose(cycle, -1)), ['NodeAffinity']);
});

test('status: a node that was not looked at is beyond the help of preemption', () => {
  const preFilter = { nodeNames: new Set(['n1']), narrowedBy: ['NodeAffinity'] };
  const diagnosis = diagnose(new FakeCycle(fakePod('p'), nodes(FULL, FULL), { preFilter }), -1);
  assert.is(statusOf(diagnosis, 0).code, 'UnschedulableAndUnresolvable');
  assert.is(statusOf(diagnosis, 1).code, 'Unschedulable');
  assert.is(statusOf(diagnosis, -1).code, 'UnschedulableAndUnresolvable');
});

test.run();
