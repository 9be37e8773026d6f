import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Pod } from '../../../../core/objects/types.ts';
import { podKey } from '../../../../core/scheduler/framework.ts';
import { Nominator } from '../../../../core/scheduler/queue/nominator.ts';
import { fakePod } from '../../../support/fake-decider.ts';

const names = (pods: readonly Pod[]): string[] => pods.map((pod) => pod.metadata.name);
const [low, mid, high] = [
  fakePod('low', { priority: 1 }),
  fakePod('mid', { priority: 5 }),
  fakePod('high', { priority: 9 }),
];

function nominatorWith(...pods: [Pod, string][]): Nominator {
  const nominator = new Nominator();
  for (const [pod, nodeName] of pods) nominator.add(pod, nodeName);
  return nominator;
}

test('nominator: keeps the order of nomination on a node', () => {
  const nominator = nominatorWith([high, 'a'], [low, 'a'], [mid, 'b']);
  assert.equal(names(nominator.onNode('a')), ['high', 'low']);
  assert.equal(names(nominator.onNode('b')), ['mid']);
  assert.equal(names(nominator.onNode('c')), []);
  assert.equal([...nominator.nodeNames()], ['a', 'b']);
  assert.equal(
    [...nominator.byNode()],
    ['a', 'b'].map((name) => [name, nominator.onNode(name)]),
  );
  assert.is(nominator.size, 3);
});

test('nominator: a second nomination replaces the first and goes to the end', () => {
  const nominator = nominatorWith([high, 'a'], [low, 'a'], [high, 'a'], [low, 'b']);
  assert.equal(names(nominator.onNode('a')), ['high']);
  assert.is(nominator.nodeOf(podKey(low)), 'b');
  assert.is(nominator.size, 2);
});

test('nominator: deleting finds the pod by key, and a node without pods is forgotten', () => {
  const nominator = nominatorWith([low, 'a']);
  nominator.delete('no/such-pod');
  nominator.delete(podKey({ ...low, spec: { containers: [] } }));
  assert.is(nominator.size, 0);
  assert.equal([...nominator.nodeNames()], []);
});

test('nominator: pods are known by uid before name', () => {
  const first = { ...low, metadata: { ...low.metadata, uid: '1' } };
  const second = { ...low, metadata: { ...low.metadata, uid: '2' } };
  assert.is(nominatorWith([first, 'a'], [second, 'a']).size, 2);
});

test('nominator: lower priority means strictly lower', () => {
  const nominator = nominatorWith([mid, 'a'], [low, 'a'], [high, 'a']);
  assert.equal(names(nominator.lowerPriority('a', 5)), ['low']);
  assert.equal(names(nominator.lowerPriority('a', 6)), ['mid', 'low']);
  assert.equal(nominator.lowerPriority('b', 100), []);
});

test('nominator: a list that was handed out does not change', () => {
  const nominator = nominatorWith([low, 'a'], [mid, 'a']);
  const before = nominator.onNode('a');
  nominator.delete(podKey(low));
  nominator.add(high, 'a');
  assert.equal(names(before), ['low', 'mid']);
});

const named = (pod: Pod, nominatedNodeName: string): Pod => ({ ...pod, status: { nominatedNodeName } });
const updates = [
  { name: 'neither side names a node: the nomination in memory stays', before: low, after: low, node: 'a' },
  { name: 'the status names a node: it wins', before: low, after: named(low, 'b'), node: 'b' },
  { name: 'the status lost its node: the nomination goes', before: named(low, 'a'), after: low, node: undefined },
  { name: 'the status keeps its node', before: named(low, 'a'), after: named(low, 'a'), node: 'a' },
];
for (const { name, before, after, node } of updates) {
  test(`nominator update: ${name}`, () => {
    const nominator = nominatorWith([before, 'a']);
    nominator.update(before, after);
    assert.is(nominator.nodeOf(podKey(low)), node);
    if (node) assert.is(nominator.onNode(node)[0], after);
  });
}

test.run();
