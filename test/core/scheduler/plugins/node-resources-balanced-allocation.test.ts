import { test } from 'uvu';
import { node, pod } from '../../../support/builders.ts';
import { runCases } from '../../../support/decision-cases.ts';

const BALANCED = 'NodeResourcesBalancedAllocation';
const two = [node('a', { has: { cpu: '4', memory: '4Gi' } }), node('b', { has: { cpu: '4', memory: '4Gi' } })];
const args = (...names: string[]) => ({
  nodeResourcesBalancedAllocation: { resources: names.map((name) => ({ name, weight: 1 })) },
});

runCases(BALANCED, [
  {
    name: 'a pod that asks for nothing is not scored',
    nodes: two,
    pod: pod('p'),
    expect: { scores: { [BALANCED]: 'skipped' } },
  },
  {
    name: 'asking for other resources than the configured ones is asking for nothing',
    nodes: two,
    args: args('memory'),
    pod: pod('p', { asks: { cpu: '1' } }),
    expect: { scores: { [BALANCED]: 'skipped' } },
  },
  {
    name: 'a balanced pod on a balanced node leaves it as it was: 75',
    nodes: two,
    pod: pod('p', { asks: { cpu: '1', memory: '1Gi' } }),
    expect: { scores: { [BALANCED]: { a: 75, b: 75 } } },
  },
  {
    name: 'a pod that evens out a node is better there than on an empty one',
    nodes: two,
    pods: [pod('x', { on: 'a', asks: { cpu: '2' } })],
    pod: pod('p', { asks: { memory: '2Gi' } }),
    expect: { scores: { [BALANCED]: { a: 87, b: 62 } } },
  },
  {
    name: 'real requests count, not stand-ins',
    nodes: two,
    pods: [pod('x', { on: 'a' })],
    pod: pod('p', { asks: { cpu: '1', memory: '1Gi' } }),
    expect: { scores: { [BALANCED]: { a: 75, b: 75 } } },
  },
  {
    name: 'pod-level requests count',
    nodes: two,
    pod: pod('p', { asks: { cpu: '1' }, spec: { resources: { requests: { cpu: '1', memory: '1Gi' } } } }),
    expect: { scores: { [BALANCED]: { a: 75, b: 75 } } },
  },
  {
    name: 'three resources: the standard deviation',
    nodes: [node('a', { has: { cpu: '4', memory: '4Gi', 'ephemeral-storage': '4Gi' } }), two[1]],
    args: args('cpu', 'memory', 'ephemeral-storage'),
    pod: pod('p', { asks: { cpu: '4' } }),
    // On a: shares 1, 0, 0, so 52 of 100. On b, which has no ephemeral storage: 1 and 0, so 50 of 100.
    expect: { scores: { [BALANCED]: { a: 51, b: 50 } } },
  },
  {
    name: 'a share is at most 1, so that an overcommitted node can look balanced',
    nodes: two,
    pods: [pod('x', { on: 'a', asks: { cpu: '8', memory: '4Gi' } })],
    args: args('cpu', 'memory'),
    pod: pod('p', { asks: { 'ephemeral-storage': '0', memory: '0', cpu: '0' } }),
    expect: { scores: { [BALANCED]: 'skipped' } },
  },
]);

test.run();
