import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { typicalPods } from '../../../sim/policies/frag.ts';
import { Fragmentation, Standings } from '../../../sim/policies/fragmentation.ts';
import type { GpuAsk } from '../../../sim/policies/pod-shape.ts';
import { type GpuNode, gpuCluster } from '../../support/gpu-cluster.ts';

const times = (count: number, ask: Partial<GpuAsk>): Partial<GpuAsk>[] => new Array<Partial<GpuAsk>>(count).fill(ask);

// F(node) by hand: frequency × (all that is left, if the pod cannot run there; else what is left on too small devices).
const cases: { name: string; node: GpuNode; cpuLeft?: number; pods: Partial<GpuAsk>[]; f: number }[] = [
  { name: 'a full node has none', node: { left: [0, 0] }, pods: [{ gpus: 1 }], f: 0 },
  { name: 'an idle device that every pod can take is none', node: { left: [1000] }, pods: [{ gpus: 1 }], f: 0 },
  { name: 'a remainder that is too small is', node: { left: [999, 1000] }, pods: [{ gpus: 1 }], f: 999 },
  { name: 'a remainder that fits exactly is none', node: { left: [460] }, pods: [{ gpus: 1, gpuMilli: 460 }], f: 0 },
  { name: 'to a pod without GPUs, all that is left is', node: { left: [1000, 500] }, pods: [{ cpuMilli: 1 }], f: 1500 },
  {
    name: 'too little CPU spoils all',
    node: { left: [1000, 500] },
    cpuLeft: 7999,
    pods: [{ cpuMilli: 8000, gpus: 1, gpuMilli: 100 }],
    f: 1500,
  },
  {
    name: 'exactly enough CPU does not',
    node: { left: [1000, 500] },
    cpuLeft: 8000,
    pods: [{ cpuMilli: 8000, gpus: 1, gpuMilli: 100 }],
    f: 0,
  },
  { name: 'too few whole devices spoil all', node: { left: [1000, 999] }, pods: [{ gpus: 2 }], f: 1999 },
  { name: 'enough whole devices leave the rest', node: { left: [1000, 1000, 999] }, pods: [{ gpus: 2 }], f: 999 },
  {
    name: 'a model the pod may not use spoils all',
    node: { left: [1000], model: 'T4' },
    pods: [{ gpus: 1, models: ['P100'] }],
    f: 1000,
  },
  {
    name: 'one of the allowed models does not',
    node: { left: [1000], model: 'T4' },
    pods: [{ gpus: 1, models: ['P100', 'T4'] }],
    f: 0,
  },
  {
    name: 'a mix is weighed by frequency',
    node: { left: [1000, 300, 0] },
    // 3/5 × 300 (too small) + 1/5 × 0 + 1/5 × 1300 (no GPU asked)
    pods: [...times(3, { gpus: 1, gpuMilli: 500 }), { gpus: 1, gpuMilli: 300 }, { cpuMilli: 5 }],
    f: 440,
  },
];
for (const { name, node, cpuLeft = 64_000, pods, f } of cases) {
  test(`fragment: ${name}`, () => {
    const { devices, shapes, shape } = gpuCluster([node]);
    const frag = new Fragmentation(devices, new Standings(typicalPods(pods.map(shape), shapes)));
    assert.ok(Math.abs(frag.of(0, cpuLeft) - f) < 1e-9, `F is ${frag.of(0, cpuLeft)}, by hand ${f}`);
  });
}

test('fragment: what is remembered gives way when CPU or devices change', () => {
  const { devices, shapes, shape } = gpuCluster([{ left: [1000, 1000] }]);
  const frag = new Fragmentation(devices, new Standings(typicalPods([shape({ cpuMilli: 100, gpus: 1 })], shapes)));
  assert.is(frag.of(0, 100), 0);
  assert.is(frag.of(0, 99), 2000);
  assert.is(frag.of(0, 100), 0);
  devices.take('a', 0, shape({ gpus: 1, gpuMilli: 1 }), [1]);
  assert.is(frag.of(0, 100), 999);
  devices.release('a');
  assert.is(frag.of(0, 100), 0);
});

test('fragment: what a placement would leave, and no trace of asking', () => {
  const { devices, shapes, shape } = gpuCluster([{ left: [1000, 1000] }]);
  const frag = new Fragmentation(devices, new Standings(typicalPods([shape({ gpus: 1 })], shapes)));
  assert.is(frag.after(0, 0, [0], 600), 400);
  assert.is(frag.after(0, 0, [0, 1], 1000), 0);
  assert.equal([...devices.left, ...devices.leftTotal], [1000, 1000, 2000]);
});

test('typical pods: the most frequent shapes until 95 % are covered, the one that crosses included', () => {
  const { shapes, shape } = gpuCluster([{ left: [1000] }]);
  const pods = [
    ...times(1, { gpus: 1, gpuMilli: 10 }),
    ...times(90, { gpus: 1 }),
    ...times(4, { cpuMilli: 7 }),
    ...times(5, { gpus: 2 }),
  ];
  const typical = typicalPods(pods.map(shape), shapes);
  assert.equal(
    typical.map(({ shape: { gpus, cpuMilli }, frequency }) => [gpus, cpuMilli, frequency]),
    [
      [1, 0, 90 / 95],
      [2, 0, 5 / 95],
    ],
  );
});

test('typical pods: memory makes no difference', () => {
  const { shapes } = gpuCluster([{ left: [1000] }]);
  const pod = { cpuMilli: 1, gpus: 1, gpuMilli: 5, models: ['A', 'B'] };
  assert.is(typicalPods([pod, { ...pod, memoryMib: 7 } as typeof pod], shapes).length, 1);
});

test.run();
