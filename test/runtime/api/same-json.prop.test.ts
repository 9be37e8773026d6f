import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isSameJson } from '../../../runtime/api/same-json.ts';

const key = fc.constantFrom('a', 'b', 'c');
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, 1, '', '0', 'a'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .uniqueArray(key, { maxLength: 3 })
      .chain((keys) =>
        fc
          .tuple(...keys.map(() => tie('value')))
          .map((held) => Object.fromEntries(keys.map((one, i) => [one, held[i]]))),
      ),
  ),
}));

/** With its keys in another order, without one of them or with another value under it. */
function nearTo(of: unknown, at: number): unknown {
  if (typeof of !== 'object' || of === null) return of;
  if (Array.isArray(of)) return at === 0 ? of.slice(1) : of.map((item) => nearTo(item, at - 1));
  const entries = Object.entries(of);
  if (at === 0) return Object.fromEntries(entries.reverse());
  if (at === 1) return Object.fromEntries(entries.slice(0, -1));
  return Object.fromEntries(entries.map(([name, held], i) => [name, i === 0 ? nearTo(held, at - 2) : held]));
}

test('isSameJson: as the texts are the same, or not', () => {
  fc.assert(
    fc.property(value, value, fc.boolean(), fc.nat(4), (a, other, isNear, at) => {
      const text = JSON.stringify(a);
      const b = isNear ? nearTo(a, at) : other;
      assert.is(isSameJson(a, b), text === JSON.stringify(b));
      assert.ok(isSameJson(a, JSON.parse(text)));
    }),
    { numRuns: 2_000 },
  );
});

test('isSameJson: what has no JSON is the same as nothing', () => {
  assert.not(isSameJson({ a: undefined }, { a: undefined }));
  assert.not(isSameJson({ a: undefined }, {}));
  assert.not(isSameJson({}, { a: undefined }));
  assert.not(isSameJson(undefined, undefined));
});

test.run();
