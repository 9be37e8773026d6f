/** What deciders make of events: nodes and pods that come, change and go, in any order and more than once. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Node } from '../../../core/objects/types.ts';
import type { Cycle, Decider } from '../../../core/scheduler/framework.ts';
import { node, pod } from '../../support/builders.ts';
import { DECIDERS } from '../../support/deciders.ts';
import { prepare, rejections, scoresOf } from '../../support/decision-cases.ts';

const short = 'NodeResourcesFit U: Insufficient cpu';
const full = { asks: { cpu: '4' } };
const asks = pod('p', { asks: { cpu: '1' } });
const ask = (decider: Decider): Record<string, string> => rejections(decider.begin(asks));
const walk = (cycle: Cycle): string[] => Array.from(cycle.order, (n) => cycle.nodeName(n));
const inZone = (name: string, zone: string): Node => node(name, { labels: { 'topology.kubernetes.io/zone': zone } });
const MIB = 1024 * 1024;

for (const factory of DECIDERS) {
  const on = `events, ${factory.kind}:`;

  test(`${on} pods of a missing node wait for it, and stay when it goes`, () => {
    const { decider } = prepare(factory, { nodes: [node('b')], pods: [pod('x', { on: 'a', ...full })] });
    assert.equal(ask(decider), {});
    decider.addNode(node('a'));
    assert.equal(ask(decider), { a: short });
    decider.removeNode('a');
    assert.equal(ask(decider), {});
    decider.addNode(node('a'));
    assert.equal(ask(decider), { a: short });
  });

  test(`${on} adding a pod twice counts it once, removing it twice is removing it`, () => {
    const half = pod('x', { on: 'a', asks: { cpu: '2' } });
    const { decider } = prepare(factory, { nodes: [node('a')], pods: [half, half] });
    assert.equal(rejections(decider.begin(pod('p', { asks: { cpu: '2' } }))), {});
    decider.removePod(half);
    decider.removePod(half);
    assert.equal(rejections(decider.begin(pod('p', { asks: { cpu: '4' } }))), {});
  });

  test(`${on} a pod that was moved counts where it is`, () => {
    const { decider } = prepare(factory, { nodes: [node('a'), node('b')], pods: [pod('x', { on: 'a', ...full })] });
    decider.updatePod(pod('x', { on: 'b', ...full }));
    assert.equal(ask(decider), { b: short });
  });

  test(`${on} a pod that finishes makes room`, () => {
    const { decider } = prepare(factory, { nodes: [node('a')], pods: [pod('x', { on: 'a', ...full })] });
    decider.updatePod(pod('x', { on: 'a', ...full, status: { phase: 'Failed' } }));
    assert.equal(ask(decider), {});
  });

  test(`${on} a node keeps its pods when it is updated`, () => {
    const { decider } = prepare(factory, { nodes: [node('a')], pods: [pod('x', { on: 'a', ...full })] });
    decider.updateNode(node('a', { has: { cpu: '5' } }));
    assert.equal(rejections(decider.begin(pod('p', { asks: { cpu: '1' } }))), {});
    assert.equal(rejections(decider.begin(pod('p', { asks: { cpu: '1001m' } }))), { a: short });
  });

  test(`${on} nodes are walked zone by zone, and a node that moved waits for the next add or remove`, () => {
    const nodes = [inZone('a', 'z1'), inZone('b', 'z1'), inZone('c', 'z2')];
    const { decider } = prepare(factory, { nodes });
    assert.equal(walk(decider.begin(asks)), ['a', 'c', 'b']);
    decider.updateNode(inZone('a', 'z2'));
    assert.equal(walk(decider.begin(asks)), ['a', 'c', 'b']);
    decider.addNode(inZone('d', 'z3'));
    assert.equal(walk(decider.begin(asks)), ['b', 'c', 'd', 'a']);
    decider.removeNode('c');
    assert.equal(walk(decider.begin(asks)), ['b', 'a', 'd']);
  });

  test(`${on} a node scores images with the counts of when it last changed`, () => {
    const images = { 'web:1': 1000 * MIB };
    const { decider } = prepare(factory, { nodes: [node('a', { images }), node('b'), node('c')] });
    const web = pod('p', { spec: { containers: [{ name: 'main', image: 'web:1' }] } });
    const scores = (): unknown => (scoresOf(decider.begin(web)) as Record<string, unknown>).ImageLocality;
    assert.equal(scores(), { a: 31, b: 0, c: 0 });
    decider.updateNode(node('b', { images }));
    assert.equal(scores(), { a: 31, b: 65, c: 0 }, 'a has not changed');
    decider.addPod(pod('x', { on: 'a' }));
    assert.equal(scores(), { a: 65, b: 65, c: 0 }, 'a pod came to a');
  });

  test(`${on} the size of an image is kept until no node has it`, () => {
    const { decider } = prepare(factory, { nodes: [node('a', { images: { 'web:1': 523 * MIB } }), node('b')] });
    const web = pod('p', { spec: { containers: [{ name: 'main', image: 'web:1' }] } });
    const scores = (): unknown => (scoresOf(decider.begin(web)) as Record<string, unknown>).ImageLocality;
    assert.equal(scores(), { a: 24, b: 0 });
    decider.updateNode(node('b', { images: { 'web:1': 2000 * MIB } }));
    assert.equal(scores(), { a: 24, b: 51 });
    decider.updateNode(node('a'));
    decider.updateNode(node('b'));
    decider.updateNode(node('b', { images: { 'web:1': 2000 * MIB } }));
    assert.equal(scores(), { a: 0, b: 100 });
  });

  test(`${on} pods on a node stand in the order of arrival; the last fills a gap`, () => {
    const pods = ['x', 'y', 'z'].map((name) => pod(name, { on: 'a' }));
    const { decider } = prepare(factory, { nodes: [node('a')], pods });
    decider.removePod(pods[0]);
    const dryRun = decider.begin(asks).dryRun(0);
    assert.equal(
      dryRun.pods.map(({ metadata }) => metadata.name),
      ['z', 'y'],
    );
    dryRun.close();
  });

  test(`${on} every plugin's verdict can be asked for, whatever the first one says`, () => {
    const taints = [{ key: 'k', effect: 'NoSchedule' }];
    const { decider } = prepare(factory, { nodes: [node('a', { taints })], pods: [pod('x', { on: 'a', ...full })] });
    const refused = decider
      .begin(asks)
      .verdicts(0)
      .filter(({ rejection }) => rejection)
      .map(({ plugin }) => plugin);
    assert.equal(refused, ['TaintToleration', 'NodeResourcesFit']);
  });

  test(`${on} names and indices belong together, and an unknown name has none`, () => {
    const cycle = prepare(factory, { nodes: [node('a'), node('b')] }).decider.begin(asks);
    for (const n of Array.from(cycle.order)) assert.is(cycle.nodeIndex(cycle.nodeName(n)), n);
    assert.is(cycle.nodeIndex('none'), -1);
  });
}

test.run();
