/** Quantities against rational arithmetic of their own: numerator and denominator, nothing rounded before the end. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatQuantity, milliUnitsOf, nanoOf, parseQuantity, unitsOf } from '../../../core/objects/quantity.ts';

/** [suffix, numerator, denominator] */
const SUFFIXES: [string, bigint, bigint][] = [
  ['', 1n, 1n],
  ...['n', 'u', 'm'].map((s, i): [string, bigint, bigint] => [s, 1n, 1000n ** BigInt(3 - i)]),
  ...['k', 'M', 'G', 'T', 'P', 'E'].map((s, i): [string, bigint, bigint] => [s, 1000n ** BigInt(i + 1), 1n]),
  ...['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((s, i): [string, bigint, bigint] => [s, 1024n ** BigInt(i + 1), 1n]),
  ...[-12, -3, 0, 2, 15].map((e): [string, bigint, bigint] => [
    `e${e}`,
    e > 0 ? 10n ** BigInt(e) : 1n,
    e < 0 ? 10n ** BigInt(-e) : 1n,
  ]),
];
const CAP = 2n ** 63n - 1n;

const quantities = fc
  .record({
    whole: fc.bigInt({ min: 0n, max: 3_000n }),
    fraction: fc.option(fc.stringMatching(/^[0-9]{1,14}$/), { nil: '' }),
    suffix: fc.constantFrom(...SUFFIXES),
  })
  .map(({ whole, fraction, suffix: [suffix, up, down] }) => ({
    text: `${whole}${fraction === '' ? '' : `.${fraction}`}${suffix}`,
    numerator: BigInt(`${whole}${fraction}`) * up,
    denominator: 10n ** BigInt(fraction.length) * down,
    binary: suffix.endsWith('i'),
  }));

const ceil = (numerator: bigint, denominator: bigint): bigint =>
  numerator / denominator + (numerator % denominator > 0n ? 1n : 0n);

test('a parsed quantity is its rational, rounded up to a nano', () => {
  fc.assert(
    fc.property(quantities, ({ text, numerator, denominator, binary }) => {
      const nano = ceil(numerator * 10n ** 9n, denominator);
      const expected = binary && nano > CAP * 10n ** 9n ? CAP * 10n ** 9n : nano;
      assert.is(parseQuantity(text), expected);
      assert.is(parseQuantity(`-${text}`), -expected);
    }),
    { numRuns: 2_000 },
  );
});

test('a sum of quantities rounds once: Value and MilliValue are the ceilings of the exact sum', () => {
  const exact = quantities.filter(({ numerator, denominator }) => (numerator * 10n ** 9n) % denominator === 0n);
  fc.assert(
    fc.property(fc.array(exact, { maxLength: 6 }), (list) => {
      const small = list.filter(({ numerator, denominator }) => numerator / denominator < CAP);
      const nano = small.reduce((sum, { text }) => sum + nanoOf(text), 0n);
      const common = small.reduce((product, { denominator }) => product * denominator, 1n);
      const sum = small.reduce((total, q) => total + (q.numerator * common) / q.denominator, 0n);
      assert.is(unitsOf(nano), ceil(sum, common));
      assert.is(milliUnitsOf(nano), ceil(sum * 1_000n, common));
    }),
    { numRuns: 500 },
  );
});

test('what is formatted parses back to the same value', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (nano) => {
      assert.is(parseQuantity(formatQuantity(nano)), nano);
    }),
    { numRuns: 1_000 },
  );
});

test('no text makes the parser throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+.0-9eEnumkMGTPi]{0,12}$/)), (text) => {
      parseQuantity(text);
    }),
    { numRuns: 2_000 },
  );
});

test.run();
