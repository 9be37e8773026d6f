import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Node, Pod } from '../../../../core/objects/types.ts';
import { nodeChanges, podChanges, sameValue } from '../../../../core/scheduler/queue/changes.ts';
import { Action } from '../../../../core/scheduler/queue/events.ts';
import { node, pod } from './pods.ts';

const NAMES = new Map(Object.entries(Action).map(([name, bit]) => [bit as number, name]));
const names = (events: { action: number }[]): (string | undefined)[] => events.map(({ action }) => NAMES.get(action));
const taint = { key: 'k', effect: 'NoSchedule' };

const withStatus = (status: Node['status']): Node => ({ ...node('n'), status: { ...node('n').status, ...status } });
const nodeCases = [
  { name: 'nothing changed', old: node('n'), now: node('n'), events: [] },
  {
    name: 'an equal amount in other words is no change',
    old: node('n', { has: { cpu: '1' } }),
    now: node('n', { has: { cpu: '1000m' } }),
    events: [],
  },
  {
    name: 'allocatable changed',
    old: node('n'),
    now: node('n', { has: { cpu: '5' } }),
    events: ['UpdateNodeAllocatable'],
  },
  {
    name: 'a resource appeared',
    old: node('n'),
    now: node('n', { has: { 'vendor.com/gpu': '1' } }),
    events: ['UpdateNodeAllocatable'],
  },
  { name: 'a label changed', old: node('n'), now: node('n', { labels: { zone: 'a' } }), events: ['UpdateNodeLabel'] },
  { name: 'a taint came', old: node('n'), now: node('n', { taints: [taint] }), events: ['UpdateNodeTaint'] },
  { name: 'cordoned: no event', old: node('n'), now: node('n', { unschedulable: true }), events: [] },
  {
    name: 'uncordoned counts as a taint change',
    old: node('n', { unschedulable: true }),
    now: node('n'),
    events: ['UpdateNodeTaint'],
  },
  {
    name: 'uncordoned and untainted: one event of that sort',
    old: node('n', { unschedulable: true, taints: [taint] }),
    now: node('n'),
    events: ['UpdateNodeTaint'],
  },
  {
    name: 'a condition turned',
    old: withStatus({ conditions: [{ type: 'Ready', status: 'False' }] }),
    now: withStatus({ conditions: [{ type: 'Ready', status: 'True' }] }),
    events: ['UpdateNodeCondition'],
  },
  {
    name: 'only a heartbeat: no event',
    old: withStatus({ conditions: [{ type: 'Ready', status: 'True', message: '1' }] }),
    now: withStatus({ conditions: [{ type: 'Ready', status: 'True', message: '2' }] }),
    events: [],
  },
  {
    name: 'declared features changed',
    old: node('n'),
    now: withStatus({ declaredFeatures: ['A'] }),
    events: ['UpdateNodeDeclaredFeature'],
  },
  {
    name: 'several at once, in a fixed order',
    old: node('n'),
    now: node('n', { labels: { zone: 'a' }, has: { cpu: '5' }, taints: [taint] }),
    events: ['UpdateNodeAllocatable', 'UpdateNodeLabel', 'UpdateNodeTaint'],
  },
];
for (const { name, old, now, events } of nodeCases) {
  test(`nodeChanges: ${name}`, () => assert.equal(names(nodeChanges(old, now)), events));
}

const toleration = { key: 'k', operator: 'Exists' };
const podCases: { name: string; old: Pod; now: Pod; events: string[] }[] = [
  {
    name: 'a change without a name is the general one',
    old: pod('p'),
    now: pod('p', { metadata: { annotations: { a: 'b' } } }),
    events: ['Update'],
  },
  { name: 'labels', old: pod('p'), now: pod('p', { metadata: { labels: { a: 'b' } } }), events: ['UpdatePodLabel'] },
  {
    name: 'a request shrank',
    old: pod('p', { asks: { cpu: '2' } }),
    now: pod('p', { asks: { cpu: '1' } }),
    events: ['UpdatePodScaleDown'],
  },
  {
    name: 'a request grew',
    old: pod('p', { asks: { cpu: '1' } }),
    now: pod('p', { asks: { cpu: '2' } }),
    events: ['Update'],
  },
  { name: 'a request went away', old: pod('p', { asks: { cpu: '0' } }), now: pod('p'), events: ['UpdatePodScaleDown'] },
  {
    name: 'the last gate opened',
    old: pod('p', { spec: { schedulingGates: [{ name: 'g' }] } }),
    now: pod('p', { spec: { schedulingGates: [] } }),
    events: ['UpdatePodSchedulingGatesEliminated'],
  },
  {
    name: 'one of two gates opened',
    old: pod('p', { spec: { schedulingGates: [{ name: 'g' }, { name: 'h' }] } }),
    now: pod('p', { spec: { schedulingGates: [{ name: 'g' }] } }),
    events: ['Update'],
  },
  {
    name: 'a toleration came',
    old: pod('p'),
    now: pod('p', { spec: { tolerations: [toleration] } }),
    events: ['UpdatePodToleration'],
  },
  {
    name: 'several at once',
    old: pod('p'),
    now: pod('p', { metadata: { labels: { a: 'b' } }, spec: { tolerations: [toleration] } }),
    events: ['UpdatePodLabel', 'UpdatePodToleration'],
  },
];
for (const { name, old, now, events } of podCases) {
  test(`podChanges: ${name}`, () => assert.equal(names(podChanges(old, now)), events));
}

test('podChanges: the pod is as assigned as its new version', () => {
  assert.is(podChanges(pod('p'), pod('p'))[0].resource, 'UnscheduledPod');
  assert.is(podChanges(pod('p'), pod('p', { spec: { nodeName: 'n' } }))[0].resource, 'AssignedPod');
});

const equalities: [string, unknown, unknown, boolean][] = [
  ['keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }, true],
  ['an absent and an undefined key', { a: 1 }, { a: 1, b: undefined }, true],
  ['a list and an object', [], {}, false],
  ['lists of other length', [1], [1, 2], false],
  ['null and an object', null, {}, false],
  ['deep differences', { a: [{ b: 1 }] }, { a: [{ b: 2 }] }, false],
];
for (const [name, a, b, equal] of equalities) {
  test(`sameValue: ${name} are ${equal ? 'equal' : 'different'}`, () => assert.is(sameValue(a, b), equal));
}

test.run();
