/** Distributions have the mean, and where it is finite the variation, that they say. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../core/index.ts';
import type { ServiceTime } from '../../../sim/service/scenario.ts';
import { serviceTimes } from '../../../sim/service/service-times.ts';

const cases: { time: ServiceTime; squaredVariation?: number; tolerance: number }[] = [
  { time: { kind: 'fixed', meanUs: 500, shape: 0 }, squaredVariation: 0, tolerance: 1e-9 },
  { time: { kind: 'exp', meanUs: 500, shape: 0 }, squaredVariation: 1, tolerance: 0.02 },
  { time: { kind: 'lognormal', meanUs: 500, shape: 0 }, squaredVariation: 0, tolerance: 1e-9 },
  { time: { kind: 'lognormal', meanUs: 500, shape: 1 }, squaredVariation: Math.E - 1, tolerance: 0.05 },
  { time: { kind: 'hyper', meanUs: 500, shape: 1 }, squaredVariation: 1, tolerance: 0.02 },
  { time: { kind: 'hyper', meanUs: 500, shape: 10 }, squaredVariation: 10, tolerance: 0.05 },
  { time: { kind: 'pareto', meanUs: 500, shape: 5 }, squaredVariation: 1 / 15, tolerance: 0.05 },
  { time: { kind: 'pareto', meanUs: 500, shape: 2 }, tolerance: 0.02 },
];
const DRAWS = 400_000;
for (const { time, squaredVariation, tolerance } of cases) {
  test(`${time.kind} of shape ${time.shape}`, () => {
    const draw = serviceTimes(time);
    const random = new Random(7);
    const values = Float64Array.from({ length: DRAWS }, () => draw(random));
    const mean = values.reduce((sum, value) => sum + value, 0) / DRAWS;
    assert.ok(Math.abs(mean / 500 - 1) <= tolerance, `mean ${mean}`);
    assert.ok(values.every((value) => value > 0 && Number.isFinite(value)));
    if (squaredVariation === undefined) return;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / DRAWS;
    assert.ok(
      Math.abs(variance / mean ** 2 - squaredVariation) <= 4 * tolerance * Math.max(1, squaredVariation),
      `${variance / mean ** 2}`,
    );
  });
}

test('pareto: the share above x falls as x to the minus shape', () => {
  const draw = serviceTimes({ kind: 'pareto', meanUs: 300, shape: 1.5 });
  const random = new Random(7);
  const values = Float64Array.from({ length: DRAWS }, () => draw(random));
  for (const times of [2, 5, 20]) {
    const share = values.filter((value) => value > 100 * times).length / DRAWS;
    assert.ok(Math.abs(share / times ** -1.5 - 1) < 0.05, `${times} times the least: ${share}`);
  }
});

test.run();
