/** Envoy's published tables of priorities and panic. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { priorityLoads } from '../../../../core/balancer/pick/priorities.ts';

const levels = (...healthy: number[]): { healthy: number; total: number }[] =>
  healthy.map((each) => ({ healthy: each, total: 100 }));

// docs: arch_overview/upstream/load_balancing/priority
const loadCases = [
  { healthy: [100, 100], loads: [100, 0] },
  { healthy: [72, 100], loads: [100, 0] },
  { healthy: [71, 100], loads: [99, 1] },
  { healthy: [50, 100], loads: [70, 30] },
  { healthy: [25, 100], loads: [35, 65] },
  { healthy: [0, 100], loads: [0, 100] },
  { healthy: [72, 72], loads: [100, 0] },
  { healthy: [71, 71], loads: [99, 1] },
  { healthy: [50, 60], loads: [70, 30] },
  { healthy: [25, 25], loads: [50, 50] },
  { healthy: [5, 65], loads: [7, 93] },
  { healthy: [100, 100, 100], loads: [100, 0, 0] },
  { healthy: [72, 72, 100], loads: [100, 0, 0] },
  { healthy: [71, 71, 100], loads: [99, 1, 0] },
  { healthy: [50, 50, 100], loads: [70, 30, 0] },
  { healthy: [25, 100, 100], loads: [35, 65, 0] },
  { healthy: [25, 25, 100], loads: [35, 35, 30] },
  { healthy: [25, 25, 20], loads: [36, 36, 28] },
];
for (const { healthy, loads } of loadCases) {
  test(`priorities: ${healthy.join(', ')} % healthy carry ${loads.join(', ')} %`, () => {
    assert.equal(priorityLoads(levels(...healthy)).loads, loads);
  });
}

// docs: arch_overview/upstream/load_balancing/panic_threshold. Two of its rows (50 with 60, 25 with 100) give a traffic that
// contradicts the rule and the table of the priority page; of those only panic and health are taken.
const panicCases = [
  { healthy: [72, 72], panic: [false, false], normalized: 100 },
  { healthy: [71, 71], panic: [false, false], normalized: 100 },
  { healthy: [50, 60], panic: [false, false], normalized: 100 },
  { healthy: [25, 100], panic: [false, false], normalized: 100 },
  { healthy: [25, 25], panic: [true, true], normalized: 70 },
  { healthy: [5, 65], panic: [true, false], normalized: 98 },
];
for (const { healthy, panic, normalized } of panicCases) {
  test(`panic: ${healthy.join(' and ')} % healthy`, () => {
    const answer = priorityLoads(levels(...healthy));
    assert.equal(answer.panic, panic);
    assert.is(answer.normalizedHealth, normalized);
  });
}

test('priorities: with nothing healthy the first level carries all in panic', () => {
  assert.equal(priorityLoads(levels(0, 0)), { loads: [100, 0], panic: [true, true], normalizedHealth: 0 });
});

test('priorities: with nothing healthy and panic off nothing is carried', () => {
  assert.equal(priorityLoads(levels(0, 0), { panicThreshold: 0 }).loads, [0, 0]);
});

test('priorities: a level without endpoints carries nothing and does not panic', () => {
  assert.equal(
    priorityLoads([
      { healthy: 0, total: 0 },
      { healthy: 1, total: 1 },
    ]),
    {
      loads: [0, 100],
      panic: [false, false],
      normalizedHealth: 100,
    },
  );
  assert.equal(priorityLoads([]).loads, []);
});

test('priorities: loads are whole percents that sum up to 100, whatever the levels', () => {
  for (let a = 0; a <= 100; a += 3) {
    for (let b = 0; b <= 100; b += 7) {
      for (let c = 1; c <= 100; c += 9) {
        const { loads } = priorityLoads(levels(a, b, c));
        assert.is(
          loads.reduce((sum, load) => sum + load, 0),
          100,
        );
        assert.ok(loads.every((load) => Number.isInteger(load) && load >= 0));
      }
    }
  }
});

test.run();
