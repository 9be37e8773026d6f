/** Fragmentation remembers, over nodes, placements and runs; the plain way remembers nothing. Both say the same, bit by bit. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lowestDevices } from '../../../sim/policies/device-choice.ts';
import { fgd, fgdDevices } from '../../../sim/policies/fgd.ts';
import { typicalPods } from '../../../sim/policies/frag.ts';
import { Fragmentation, Standing, Standings } from '../../../sim/policies/fragmentation.ts';
import { fitsDevices } from '../../../sim/policies/gpu-share.ts';
import type { GpuAsk } from '../../../sim/policies/pod-shape.ts';
import { gpuCluster } from '../../support/gpu-cluster.ts';
import { plainFragments } from '../../support/plain-fragments.ts';

// Few sizes, so that nodes come to stand alike.
const milli = fc.constantFrom(0, 300, 500, 700, 1000);
const node = fc.record({
  left: fc.array(milli, { minLength: 0, maxLength: 3 }),
  model: fc.constantFrom('A', 'B'),
});
const ask: fc.Arbitrary<GpuAsk> = fc.record({
  cpuMilli: fc.nat(4),
  gpus: fc.nat(3),
  gpuMilli: fc.constantFrom(200, 300, 500, 1000),
  models: fc.constantFrom([], ['A'], ['A', 'B'], ['C']),
});
const step = fc.record({
  n: fc.nat(3),
  asks: ask,
  cpuLeft: fc.nat(5),
  /** The first of the devices, among those that fit. */
  first: fc.nat(2),
  /** The first of those placed so far leaves before. */
  leaves: fc.boolean(),
});

for (const limit of [65_536, 3]) {
  test(`fragmentation: with memory (at most ${limit} standings) and without, equal after any placements`, () => {
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 1, maxLength: 4 }),
        fc.array(ask, { minLength: 1, maxLength: 6 }),
        fc.array(fc.array(step, { maxLength: 25 }), { minLength: 1, maxLength: 2, size: 'max' }),
        (nodes, asks, runs) => {
          const { shapes, shape } = gpuCluster(nodes);
          const typical = typicalPods(asks.map(shape), shapes);
          const standings = new Standings(typical, limit);
          for (const steps of runs) {
            const { devices } = gpuCluster(nodes);
            const plain = plainFragments(devices, typical);
            const frag = new Fragmentation(devices, standings);
            const placed: string[] = [];
            steps.forEach(({ n: at, asks: one, cpuLeft, first, leaves }, i) => {
              const gone = leaves ? placed.shift() : undefined;
              if (gone) devices.release(gone);
              for (let n = 0; n < nodes.length; n++) assert.is(frag.of(n, cpuLeft), plain.of(n, cpuLeft));
              const n = at % nodes.length;
              const asked = shape(one);
              if (!fitsDevices(devices, asked, n)) return;
              const fitting = lowestDevices(devices, { ...asked, gpus: asked.gpus > 0 ? 9 : 0 }, n);
              const chosen = [...fitting.slice(first), ...fitting.slice(0, first)].slice(0, asked.gpus);
              const { gpuMilli } = asked;
              assert.is(frag.after(n, cpuLeft, chosen, gpuMilli), plain.after(n, cpuLeft, chosen, gpuMilli));
              assert.is(fgd(devices, frag)(asked, n, cpuLeft), fgd(devices, plain)(asked, n, cpuLeft));
              assert.equal(fgdDevices(devices, frag)(asked, n, cpuLeft), fgdDevices(devices, plain)(asked, n, cpuLeft));
              devices.take(`p-${i}`, n, asked, chosen);
              placed.push(`p-${i}`);
            });
            assert.ok(standings.size <= limit);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
}

const alike = [
  { name: 'the same devices and model', left: [300, 1000], model: 1, is: true },
  { name: 'another model', left: [300, 1000], model: 0, is: false },
  { name: 'another device order', left: [1000, 300], model: 1, is: false },
  { name: 'one device more', left: [300, 1000, 0], model: 1, is: false },
  { name: 'one device less', left: [300], model: 1, is: false },
];
for (const { name, left, model, is } of alike) {
  test(`standing: ${name} ${is ? 'is' : 'is not'} alike`, () =>
    assert.is(new Standing([300, 1000], 1).isLike(left, model), is));
}

test('fragmentation: nodes that stand alike are remembered once, and a full memory begins anew', () => {
  const { devices, shapes, shape } = gpuCluster([{ left: [1000] }, { left: [1000] }, { left: [400] }, { left: [300] }]);
  const standings = new Standings(typicalPods([shape({ gpus: 1 })], shapes), 2);
  const frag = new Fragmentation(devices, standings);
  const sizes = [0, 1, 2, 3].map((n) => {
    frag.of(n, 0);
    return standings.size;
  });
  assert.equal(sizes, [1, 1, 2, 1]);
  assert.is(frag.of(2, 0), 400);
});

test.run();
