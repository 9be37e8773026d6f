/** How deep a value is nested, around the limit and around the number of objects that a glance takes in. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isTooDeep } from '../../../../core/objects/validate/depth.ts';

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { value };
  return value;
}

/** Twice as many paths with each level. */
function braided(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = { left: value, right: value };
  return value;
}

const looped: { self?: unknown } = {};
looped.self = [looped];
const wide = (last: unknown): unknown => [...Array.from({ length: 1000 }, () => ({})), last];

for (const [sentence, value, expected] of [
  ['a number', 1, false],
  ['as deep as the limit', nested(10), false],
  ['one deeper', nested(11), true],
  ['as deep as the limit, behind more objects than a glance takes in', wide(nested(9)), false],
  ['one deeper, behind more objects than a glance takes in', wide(nested(10)), true],
  ['many paths to few objects', braided(10), false],
  ['many paths to few objects, one deeper', braided(11), true],
  ['itself', looped, true],
] as const) {
  test(`depth: ${sentence} is ${expected ? 'too deep' : 'fine'}`, () => assert.is(isTooDeep(value, 10), expected));
}

test('depth: paths that double with each level are not walked one by one', () => {
  assert.not(isTooDeep(braided(90)));
});

test.run();
