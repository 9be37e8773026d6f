import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Arrival, arrivals, checkDemand, sortedByName } from '../../../sim/openb/arrivals.ts';
import { type OpenbPod, readOpenb } from '../../../sim/traces/openb.ts';
import { openbTrace } from '../../../sim/traces/openb-shapes.ts';
import { sharedPath } from '../../support/shared.ts';

const CLUSTER = 6_212_000;
const demandOf = (queue: readonly Arrival[]): number =>
  queue.reduce((sum, { row }) => sum + row.gpus * row.gpuMilli, 0);
const pod = (name: string, gpus: number, gpuMilli = 1000): OpenbPod => ({
  name,
  cpuMilli: 1,
  memoryMib: 1,
  gpus,
  gpuMilli,
  models: [],
});

test('arrivals: about 10,865 for the default list, just below 130 % of the GPUs', () => {
  const { pods } = openbTrace();
  const counts = [42, 43, 44, 45, 46].map((seed) => {
    const queue = arrivals(sortedByName(pods), CLUSTER, seed);
    const percent = (100 * demandOf(queue)) / CLUSTER;
    assert.ok(percent > 129.9 && percent < 130.15, `${percent} %`);
    assert.is(new Set(queue.map(({ name }) => name)).size, queue.length, 'names are unique');
    return queue.length;
  });
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
  assert.ok(Math.abs(mean - 10_865) < 110, `${counts}`);
});

test('arrivals: every pod of the list comes first, each once, and the copies after them', () => {
  const { pods } = openbTrace();
  const queue = arrivals(sortedByName(pods), CLUSTER, 42);
  assert.equal(new Set(queue.slice(0, pods.length).map(({ name }) => name)), new Set(pods.map(({ name }) => name)));
  assert.ok(queue.slice(pods.length).every(({ name, row }) => name.startsWith(`${row.name}-copy-`)));
});

test('arrivals: the seed alone decides, not the order of the list', () => {
  const { pods } = openbTrace();
  const names = (list: readonly OpenbPod[], seed: number): string[] =>
    arrivals(sortedByName(list), CLUSTER, seed).map(({ name }) => name);
  assert.equal(names(pods, 42), names([...pods].reverse(), 42));
  assert.not.equal(names(pods, 42), names(pods, 43));
});

const boundaries = [
  { name: 'a draw that would pass 130 % ends the arrivals', pods: [pod('a', 1, 400)], cluster: 1000, demand: 1200 },
  { name: 'a draw that meets 130 % exactly is taken', pods: [pod('a', 1, 650)], cluster: 1000, demand: 1300 },
  { name: 'the test counts one device of the pod', pods: [pod('a', 8)], cluster: 10_000, demand: 16_000 },
  { name: 'a list at 130 % stays as it is', pods: [pod('a', 1, 650), pod('b', 1, 650)], cluster: 1000, demand: 1300 },
  {
    name: 'a list above 130 % is cut until at or below',
    pods: [pod('a', 1), pod('b', 1), pod('c', 1)],
    cluster: 1000,
    demand: 1000,
  },
];
for (const { name, pods, cluster, demand } of boundaries) {
  test(`arrivals: ${name}`, () => assert.is(demandOf(arrivals(sortedByName(pods), cluster, 1)), demand));
}

test('arrivals, refused: a list of crumbs that would grow without end', () => {
  assert.throws(() => checkDemand([pod('a', 1, 1)], 1e6), /1000000 arrivals would not make 130 %/);
  assert.throws(() => checkDemand([pod('a', 0, 0)], 1), /1000000 arrivals would not make 130 %/);
  checkDemand([pod('a', 1, 1)], 769_230);
  checkDemand([pod('a', 1, 1), pod('b', 0, 0)], 384_615);
});

const openb = sharedPath('data/traces/openb');
if (openb) {
  test('arrivals: multigpu40 asks for 152 % of the GPUs and is cut to 130 %', () => {
    const nodes = join(openb, 'openb_node_list_gpu_node.csv');
    const { pods } = readOpenb(nodes, join(openb, 'openb_pod_list_multigpu40.csv'));
    const queue = arrivals(sortedByName(pods), CLUSTER, 42);
    const percent = (100 * demandOf(queue)) / CLUSTER;
    assert.ok(queue.length < pods.length && queue.length > 7000, `${queue.length} of ${pods.length}`);
    assert.ok(percent <= 130 && percent > 129.8, `${percent} %`);
    assert.ok(queue.every(({ name, row }) => name === row.name));
  });
}

test.run();
