import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../core/random.ts';
import { bestFit } from '../../../sim/policies/best-fit.ts';
import { anyDevice, tightest } from '../../../sim/policies/device-choice.ts';
import { dotProduct } from '../../../sim/policies/dot-product.ts';
import { fgd, fgdDevices, gradientScore } from '../../../sim/policies/fgd.ts';
import { typicalPods } from '../../../sim/policies/frag.ts';
import { Fragmentation, Standings } from '../../../sim/policies/fragmentation.ts';
import { gpuClustering } from '../../../sim/policies/gpu-clustering.ts';
import { gpuPacking } from '../../../sim/policies/gpu-packing.ts';
import { minMax } from '../../../sim/policies/node-score.ts';
import type { GpuAsk } from '../../../sim/policies/pod-shape.ts';
import { policyNamed } from '../../../sim/policies/registry.ts';
import { gpuCluster } from '../../support/gpu-cluster.ts';

const FULL = [1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000];

const bestFits = [
  { name: 'an empty largest node left empty scores 0', left: FULL, cpuLeft: 128_000, asks: {}, score: 0 },
  { name: 'nothing left scores 100', left: [1000], cpuLeft: 4000, asks: { cpuMilli: 4000, gpus: 1 }, score: 100 },
  // 1 - (0.5 × 64/128 + 0.5 × 7/8) = 0.3125
  { name: 'halves are cut off', left: FULL, cpuLeft: 70_000, asks: { cpuMilli: 6000, gpus: 1 }, score: 31 },
  // 1 - (0.5 × 96/128 + 0.5 × 7.54/8) = 0.15375
  { name: 'a share counts its milli', left: FULL, cpuLeft: 96_000, asks: { gpus: 1, gpuMilli: 460 }, score: 15 },
  // 1 - (0.5 × 0/128 + 0.5 × 6/8) = 0.625
  { name: 'two devices count twice', left: FULL, cpuLeft: 1000, asks: { cpuMilli: 1000, gpus: 2 }, score: 62 },
];
for (const { name, left, cpuLeft, asks, score } of bestFits) {
  test(`BestFit: ${name}`, () => {
    const { devices, shape } = gpuCluster([{ left }]);
    assert.is(bestFit(devices)(shape(asks), 0, cpuLeft), score);
  });
}

const dotProducts = [
  { name: 'asking for nothing scores 100', left: FULL, cpuLeft: 128_000, asks: {}, score: 100 },
  {
    name: 'asking all of the largest node scores 0',
    left: FULL,
    cpuLeft: 128_000,
    asks: { cpuMilli: 128_000, gpus: 8 },
    score: 0,
  },
  // 1 - (0.75 × 0.0625 + 1 × 0.125) / 2 = 0.9140625
  {
    name: 'a whole device on an empty node',
    left: FULL,
    cpuLeft: 96_000,
    asks: { cpuMilli: 8000, gpus: 1 },
    score: 91,
  },
  // 1 - (0.25 × 0.5 + 0.25 × 0.05875) / 2 = 0.930156...
  {
    name: 'what is left counts before the pod',
    left: [1000, 1000],
    cpuLeft: 32_000,
    asks: { cpuMilli: 64_000, gpus: 1, gpuMilli: 470 },
    score: 93,
  },
];
for (const { name, left, cpuLeft, asks, score } of dotProducts) {
  test(`DotProd: ${name}`, () => {
    const { devices, shape } = gpuCluster([{ left }]);
    assert.is(dotProduct(devices)(shape(asks), 0, cpuLeft), score);
  });
}

const packings: { name: string; left: number[]; asks: Partial<GpuAsk>; score: number }[] = [
  { name: 'a pod without GPUs scores 0', left: [500, 1000], asks: {}, score: 0 },
  { name: 'an untouched node of one device', left: [1000], asks: { gpus: 1 }, score: 32 },
  { name: 'an untouched node of eight devices', left: FULL, asks: { gpus: 1 }, score: 25 },
  { name: 'an untouched node, whatever is asked', left: FULL, asks: { gpus: 8 }, score: 25 },
  {
    name: 'a device in use with 460 milli left: four tenths lost',
    left: [460, 1000],
    asks: { gpus: 1, gpuMilli: 400 },
    score: 96,
  },
  { name: 'the fullest device that fits decides', left: [900, 500, 300], asks: { gpus: 1, gpuMilli: 400 }, score: 95 },
  { name: 'a device filled exactly', left: [99, 1000], asks: { gpus: 1, gpuMilli: 99 }, score: 100 },
  {
    name: 'a share must open a free device of a node in use',
    left: [300, 1000],
    asks: { gpus: 1, gpuMilli: 400 },
    score: 49,
  },
  { name: 'two free devices of a node in use', left: [300, 1000, 1000, 1000], asks: { gpus: 2 }, score: 48 },
  { name: 'seven free devices of a node in use', left: [0, ...FULL.slice(1)], asks: { gpus: 7 }, score: 43 },
];
for (const { name, left, asks, score } of packings) {
  test(`GpuPacking: ${name}`, () => {
    const { devices, shape } = gpuCluster([{ left }]);
    assert.is(gpuPacking(devices)(shape(asks), 0, 0), score);
  });
}

test('GpuPacking: never below what an untouched node could get', () => {
  const { devices, shape } = gpuCluster([{ left: [0, ...new Array<number>(20).fill(1000)] }]);
  assert.is(gpuPacking(devices)(shape({ gpus: 20 }), 0, 0), 33);
});

const clusterings: { name: string; holds: Partial<GpuAsk>[]; asks: Partial<GpuAsk>; score: number }[] = [
  { name: 'a pod without GPUs scores 0', holds: [{ gpus: 1 }], asks: {}, score: 0 },
  { name: 'an empty node', holds: [], asks: { gpus: 1 }, score: 25 },
  { name: 'a node with this kind only; one of eight devices full', holds: [{ gpus: 1 }], asks: { gpus: 1 }, score: 78 },
  { name: 'a node with another kind only', holds: [{ gpus: 1 }], asks: { gpus: 2 }, score: 3 },
  {
    name: 'a share and a whole device are two kinds',
    holds: [{ gpus: 1, gpuMilli: 500 }],
    asks: { gpus: 1 },
    score: 1,
  },
  {
    name: 'shares of any size are one kind',
    holds: [{ gpus: 1, gpuMilli: 500 }],
    asks: { gpus: 1, gpuMilli: 100 },
    score: 76,
  },
  { name: 'this kind among others', holds: [{ gpus: 2 }, { gpus: 1 }], asks: { gpus: 1 }, score: 59 },
  { name: 'pods without GPUs are no kind', holds: [{ cpuMilli: 1000 }], asks: { gpus: 1 }, score: 25 },
];
for (const { name, holds, asks, score } of clusterings) {
  test(`GpuClustering: ${name}`, () => {
    const { devices, shape } = gpuCluster([{ left: FULL }]);
    let next = 0;
    holds.forEach((held, i) => {
      const one = shape(held);
      devices.take(
        `held-${i}`,
        0,
        one,
        Array.from({ length: one.gpus }, () => next++),
      );
    });
    assert.is(gpuClustering(devices)(shape(asks), 0, 0), score);
  });
}

test('GpuClustering: a kind that has left counts no more', () => {
  const { devices, shape } = gpuCluster([{ left: FULL }]);
  devices.take('a', 0, shape({ gpus: 2 }), [0, 1]);
  devices.take('b', 0, shape({ gpus: 1 }), [2]);
  devices.release('a');
  assert.is(gpuClustering(devices)(shape({ gpus: 1 }), 0, 0), 75 + 3);
});

const gradients = [
  { name: 'no change is the middle', removed: 0, score: 50 },
  { name: 'a fragment of 39 milli removed is not seen', removed: 39, score: 50 },
  { name: 'one of 41 milli is one point', removed: 41, score: 51 },
  { name: 'any fragment added is below the middle', removed: -0.001, score: 49 },
  { name: 'one device removed', removed: 1000, score: 73 },
  { name: 'one device added', removed: -1000, score: 26 },
  { name: 'much removed reaches 99', removed: 5000, score: 99 },
  { name: 'very much removed reaches 100', removed: 50_000, score: 100 },
  { name: 'very much added reaches 0', removed: -8000, score: 0 },
];
for (const { name, removed, score } of gradients) {
  test(`FGD score: ${name}`, () => assert.is(gradientScore(removed), score));
}

test('FGD: the device where least fragment arises, and the first of equals', () => {
  const { devices, shapes, shape } = gpuCluster([{ left: [1000, 700, 700, 300] }]);
  const typical = typicalPods([shape({ gpus: 1, gpuMilli: 700 }), shape({ gpus: 1, gpuMilli: 300 })], shapes);
  const frag = new Fragmentation(devices, new Standings(typical));
  const share = shape({ gpus: 1, gpuMilli: 300 });
  // Half of the pods want 700: to them the 300 are waste already, and filling them wastes nothing else.
  assert.equal(fgdDevices(devices, frag)(share, 0, 64_000), [3]);
  assert.is(fgd(devices, frag)(share, 0, 64_000), gradientScore(150));
  // 700 fills a 700 without a change; on the 1000 it would leave 300, a waste to one half.
  const large = shape({ gpus: 1, gpuMilli: 700 });
  assert.equal(fgdDevices(devices, frag)(large, 0, 64_000), [1]);
  assert.is(fgd(devices, frag)(large, 0, 64_000), 50);
});

test('FGD: a score of 0 is a choice as well', () => {
  const { devices, shapes, shape } = gpuCluster([{ left: FULL }]);
  const frag = new Fragmentation(devices, new Standings(typicalPods([shape({ cpuMilli: 10, gpus: 1 })], shapes)));
  const greedy = shape({ cpuMilli: 64_000, gpus: 1, gpuMilli: 1 });
  assert.is(fgd(devices, frag)(greedy, 0, 64_000), 0); // It takes the CPU without which the GPUs are worth nothing.
  assert.equal(fgdDevices(devices, frag)(greedy, 0, 64_000), [0]);
});

const choices: { name: string; left: number[]; asks: Partial<GpuAsk>; devices: number[] }[] = [
  { name: 'a share takes the tightest device', left: [1000, 600, 500], asks: { gpus: 1, gpuMilli: 400 }, devices: [2] },
  {
    name: 'a tight fit that is too tight is none',
    left: [1000, 399, 500],
    asks: { gpus: 1, gpuMilli: 400 },
    devices: [2],
  },
  { name: 'an exact fit is the tightest', left: [500, 400], asks: { gpus: 1, gpuMilli: 400 }, devices: [1] },
  { name: 'equally tight: the lowest number', left: [1000, 500, 500], asks: { gpus: 1, gpuMilli: 400 }, devices: [1] },
  {
    name: 'whole devices: the lowest numbers that are free',
    left: [999, 1000, 1, 1000, 1000],
    asks: { gpus: 2 },
    devices: [1, 3],
  },
  { name: 'a pod without GPUs takes none', left: [1000], asks: {}, devices: [] },
];
for (const { name, left, asks, devices: expected } of choices) {
  test(`device choice: ${name}`, () => {
    const { devices, shape } = gpuCluster([{ left }]);
    assert.equal(tightest(devices)(shape(asks), 0, 0), expected);
  });
}

test('device choice of Random: every fitting device sometimes, the others never; whole devices as everywhere', () => {
  const { devices, shape } = gpuCluster([{ left: [1000, 300, 400, 1000] }]);
  const choose = anyDevice(devices, new Random(1));
  const seen = new Set<number>();
  for (let i = 0; i < 100; i++) seen.add(choose(shape({ gpus: 1, gpuMilli: 400 }), 0, 0)[0]);
  assert.equal([...seen].sort(), [0, 2, 3]);
  assert.equal(choose(shape({ gpus: 1 }), 0, 0), [0]);
});

const stretches = [
  { name: 'the range becomes 0 to 100, cut off', scores: [10, 20, 43], expected: [0, 30, 100] },
  { name: 'equal scores become 0', scores: [7, 7], expected: [0, 0] },
];
for (const { name, scores, expected } of stretches) {
  test(`min-max scaling: ${name}`, () => {
    const stretched = Float64Array.from(scores);
    minMax(stretched);
    assert.equal([...stretched], expected);
  });
}

test('policy names: as published, in any case', () => {
  assert.is(policyNamed(' fgd '), 'FGD');
  assert.is(policyNamed('gpupacking'), 'GpuPacking');
  assert.is(policyNamed('default'), 'Default');
  assert.is(policyNamed('FirstFit'), undefined);
});

test.run();
