/** Draws: exact products, and both of two choices even over their bounds. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { secondOf } from '../../../../core/balancer/policies/least-request.ts';
import { Draws, upperHalf } from '../../../../core/balancer/tables/draws.ts';
import { chiSquare } from '../../../support/balancer.ts';

const RUNS = Number(process.env.RUNS ?? 0);

test('draws: the upper half of a product is that of bigints', () => {
  const words = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 1, 0x7fffffff, -0x80000000));
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 65_536 }), (word, bound) => {
      assert.is(upperHalf(word, bound), Number((BigInt(word >>> 0) * BigInt(bound)) >> 32n));
    }),
    { numRuns: RUNS || 1000 },
  );
});

test('draws: two choices of one draw are two endpoints, and every pair comes as often as any other', () => {
  const draws = new Draws(5);
  for (const count of [2, 3, 7, 50]) {
    const pairs = new Array<number>(count * count).fill(0);
    for (let i = 0; i < 20_000 * count; i++) {
      const draw = draws.word();
      const first = upperHalf(draw, count);
      pairs[first * count + secondOf(draw, count, first)]++;
    }
    const others = pairs.filter((_, i) => i % (count + 1) !== 0);
    assert.is(
      pairs.reduce((a, b) => a + b),
      others.reduce((a, b) => a + b),
      'never the same endpoint twice',
    );
    const free = others.length - 1;
    const found = chiSquare(others, new Array<number>(others.length).fill(1 / others.length));
    assert.ok(found < free + 5 * Math.sqrt(2 * free + 1), `${count} endpoints: chi-square ${found} of ${free}`);
  }
});

test('draws: with as many endpoints as there may be, each is second as often as first', () => {
  const draws = new Draws(6);
  const count = 65_535;
  const [firsts, seconds] = [new Array<number>(16).fill(0), new Array<number>(16).fill(0)];
  for (let i = 0; i < 400_000; i++) {
    const draw = draws.word();
    const first = upperHalf(draw, count);
    firsts[first >>> 12]++;
    seconds[secondOf(draw, count, first) >>> 12]++;
  }
  const even = new Array<number>(16).fill(1 / 16);
  assert.ok(chiSquare(firsts, even) < 45 && chiSquare(seconds, even) < 45, `${firsts} ${seconds}`);
});

test.run();
