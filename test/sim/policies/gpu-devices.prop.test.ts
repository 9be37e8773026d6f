/** Laws of the device columns, and fragmentation against its definition over plain lists. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lowestDevices } from '../../../sim/policies/device-choice.ts';
import { type TypicalPod, typicalPods } from '../../../sim/policies/frag.ts';
import { Fragmentation, Standings } from '../../../sim/policies/fragmentation.ts';
import type { GpuDevices } from '../../../sim/policies/gpu-devices.ts';
import { fitsDevices } from '../../../sim/policies/gpu-share.ts';
import type { GpuAsk } from '../../../sim/policies/pod-shape.ts';
import { gpuCluster } from '../../support/gpu-cluster.ts';

// Few sizes, so that exact fits and equal devices turn up.
const milli = fc.constantFrom(0, 250, 300, 500, 700, 1000);
const node = fc.record({
  left: fc.array(milli, { minLength: 0, maxLength: 4 }),
  model: fc.constantFrom('A', 'B'),
  cpuLeft: fc.nat(4),
});
const ask: fc.Arbitrary<GpuAsk> = fc.record({
  cpuMilli: fc.nat(4),
  gpus: fc.nat(3),
  gpuMilli: fc.constantFrom(250, 300, 500, 700, 1000),
  models: fc.constantFrom([], ['A'], ['A', 'B'], ['C']),
});

function columns(devices: GpuDevices): number[][] {
  return [devices.left, devices.leftTotal, devices.largest, devices.untouched, devices.pods].map((column) => [
    ...column,
  ]);
}

test('GpuDevices: sums follow the devices, and what is released is as if it had never been taken', () => {
  fc.assert(
    fc.property(fc.array(node, { minLength: 1, maxLength: 3 }), fc.array(ask, { maxLength: 12 }), (nodes, asks) => {
      const { devices, shape } = gpuCluster(nodes);
      const before = columns(devices);
      const taken: string[] = [];
      asks.forEach((one, i) => {
        const asked = shape(one);
        for (let n = 0; n < nodes.length; n++) {
          if (!fitsDevices(devices, asked, n)) continue;
          devices.take(`p-${i}`, n, asked, lowestDevices(devices, asked, n));
          taken.push(`p-${i}`);
          break;
        }
      });
      for (let n = 0; n < nodes.length; n++) {
        const left = [...devices.left.subarray(n * devices.width, n * devices.width + devices.count[n])];
        assert.is(
          devices.leftTotal[n],
          left.reduce((a, b) => a + b, 0),
        );
        assert.is(devices.largest[n], Math.max(0, ...left));
        assert.is(devices.untouched[n], left.filter((one) => one === 1000).length);
      }
      for (const key of taken.reverse()) devices.release(key);
      assert.equal(columns(devices), before);
    }),
    { numRuns: 300 },
  );
});

test('GpuShare filter: agrees with the rule written over plain lists', () => {
  fc.assert(
    fc.property(node, ask, (one, asks) => {
      const { devices, shape } = gpuCluster([one]);
      const fitting = one.left.filter((left) => left >= asks.gpuMilli).length;
      const allowed = asks.models.length === 0 || asks.models.includes(one.model);
      assert.is(fitsDevices(devices, shape(asks), 0), asks.gpus === 0 || (allowed && fitting >= asks.gpus));
    }),
    { numRuns: 500 },
  );
});

test('fragmentation: agrees with its definition over plain lists, as it stands and after a placement', () => {
  fc.assert(
    fc.property(node, fc.array(ask, { minLength: 1, maxLength: 8 }), fc.nat(3), (one, asks, d) => {
      const { devices, shapes, shape } = gpuCluster([one]);
      const typical = typicalPods(asks.map(shape), shapes);
      const frag = new Fragmentation(devices, new Standings(typical));
      near(frag.of(0, one.cpuLeft), byDefinition(one, typical));
      if (d >= one.left.length) return;
      const left = one.left.map((value, i) => (i === d ? 0 : value));
      near(frag.after(0, one.cpuLeft, [d], one.left[d]), byDefinition({ ...one, left }, typical));
    }),
    { numRuns: 500 },
  );
});

function byDefinition(one: { left: number[]; model: string; cpuLeft: number }, typical: TypicalPod[]): number {
  const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
  return sum(
    typical.map(({ shape: { cpuMilli, gpus, gpuMilli, models }, frequency }) => {
      const usable =
        gpus > 0 &&
        (models.length === 0 || models.includes(one.model)) &&
        cpuMilli <= one.cpuLeft &&
        one.left.filter((left) => left >= gpuMilli).length >= gpus;
      return frequency * sum(usable ? one.left.filter((left) => left < gpuMilli) : one.left);
    }),
  );
}

function near(a: number, b: number): void {
  assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);
}

test.run();
