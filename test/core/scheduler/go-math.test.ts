import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { goLog, goRound } from '../../../core/scheduler/go-math.ts';

/** Measured with Go 1.26.10 against V8: the integers below 4,500 whose logarithms differ in the last bit. */
const DIFFERENT = [14, 176, 185, 220, 680, 835, 1524, 1796, 2486, 2519, 2728, 2793, 4498];

test('goLog: differs from Math.log at exactly the integers where Go was seen to differ', () => {
  const found: number[] = [];
  for (let k = 2; k < 4500; k++) if (goLog(k) !== Math.log(k)) found.push(k);
  assert.equal(found, DIFFERENT);
});

test('goLog: differs 727 times up to 1,000,001, never by more than two units in the last place', () => {
  let count = 0;
  for (let k = 2; k <= 1_000_001; k++) {
    const difference = Math.abs(goLog(k) - Math.log(k));
    if (difference > 0) count++;
    if (difference > 2 * Number.EPSILON * Math.log(k)) throw new Error(`goLog(${k}) is off by ${difference}`);
  }
  assert.is(count, 727);
});

test('goLog: 1 is 0, and fractions are negative', () => {
  assert.is(goLog(1), 0);
  assert.is(goLog(2), Math.LN2);
  assert.is(goLog(0.5), -Math.LN2);
});

const halves: [x: number, rounded: number][] = [
  [0.5, 1],
  [-0.5, -1],
  [2.5, 3],
  [-2.5, -3],
  [0.49999999999999994, 0],
  [-1.2, -1],
  [7, 7],
  [1125899906842623.5, 1125899906842624],
];
for (const [x, rounded] of halves) {
  test(`goRound: ${x} is ${rounded}, as halves go away from zero`, () => {
    assert.equal(goRound(x) + 0, rounded);
  });
}

test.run();
