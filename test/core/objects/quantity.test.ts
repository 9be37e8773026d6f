import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  formatQuantity,
  milliUnitsOf,
  nanoOf,
  overflowsInt64,
  parseQuantity,
  unitsOf,
} from '../../../core/objects/quantity.ts';

const INT64_MAX = 2n ** 63n - 1n;
const G = 1_000_000_000n;

const parsed: { name: string; text: string | number; nano: bigint | undefined }[] = [
  { name: 'a whole number', text: '2', nano: 2n * G },
  { name: 'a bare JSON number', text: 0.5, nano: G / 2n },
  { name: 'a bare number that JSON writes with an exponent', text: 1e21, nano: 10n ** 30n },
  { name: 'thousandths', text: '100.5m', nano: 100_500_000n },
  { name: 'nano', text: '7n', nano: 7n },
  { name: 'micro', text: '7u', nano: 7_000n },
  { name: 'kilo is a small k', text: '1k', nano: 1_000n * G },
  { name: 'a capital K is no suffix', text: '1K', nano: undefined },
  { name: 'exa is a bare E', text: '1E', nano: 10n ** 27n },
  { name: 'E with digits is an exponent', text: '1E3', nano: 1_000n * G },
  { name: 'an exponent may be negative', text: '15e-1', nano: 1_500_000_000n },
  { name: 'an exponent may have a plus', text: '1e+3', nano: 1_000n * G },
  { name: 'an exponent needs digits', text: '1e', nano: undefined },
  { name: 'an exponent takes no further suffix', text: '1e3m', nano: undefined },
  { name: 'binary suffixes are powers of 1024', text: '1Gi', nano: 2n ** 30n * G },
  { name: 'a fraction of a binary unit', text: '0.1Gi', nano: 107_374_182_400_000_000n },
  { name: 'below a nano rounds up', text: '0.1n', nano: 1n },
  { name: 'below a nano rounds away from zero', text: '-0.1n', nano: -1n },
  { name: 'exactly a nano stays', text: '1.0n', nano: 1n },
  { name: 'a plus sign', text: '+1.5', nano: 1_500_000_000n },
  { name: 'no digit before the point', text: '.5', nano: G / 2n },
  { name: 'no digit behind the point', text: '5.', nano: 5n * G },
  { name: 'a point alone', text: '.', nano: undefined },
  { name: 'nothing', text: '', nano: undefined },
  { name: 'a sign alone', text: '-', nano: undefined },
  { name: 'words', text: 'half a core', nano: undefined },
  { name: 'a space', text: '1 Gi', nano: undefined },
  { name: 'a newline at the end', text: '1\n', nano: undefined },
  { name: 'a suffix alone', text: 'Gi', nano: undefined },
  { name: 'binary amounts are capped at 2^63-1', text: '8Ei', nano: INT64_MAX * G },
  { name: 'one less than the cap is not capped', text: '9223372036854775806', nano: (INT64_MAX - 1n) * G },
  { name: 'decimal amounts are not capped', text: '100E', nano: 10n ** 29n },
  { name: 'an exponent nobody can mean', text: '1e999999', nano: undefined },
  { name: 'a text nobody can mean', text: '1'.repeat(300), nano: undefined },
  { name: 'not a number', text: Number.NaN, nano: undefined },
  { name: 'infinity', text: Number.POSITIVE_INFINITY, nano: undefined },
];
for (const { name, text, nano } of parsed) {
  test(`parseQuantity: ${name} (${String(text).slice(0, 20)})`, () => assert.is(parseQuantity(text), nano));
}

const rounded: { name: string; text: string; units: bigint; milli: bigint }[] = [
  { name: 'a whole number needs no rounding', text: '3', units: 3n, milli: 3_000n },
  { name: 'a nano more is one more', text: '3000000001n', units: 4n, milli: 3_001n },
  { name: 'thousandths of memory round up to bytes', text: '1500m', units: 2n, milli: 1_500n },
  { name: 'half a millicore rounds up', text: '100.5m', units: 1n, milli: 101n },
  { name: 'a fraction of a gibibyte rounds up to a byte', text: '0.1Gi', units: 107_374_183n, milli: 107_374_182_400n },
  { name: 'a negative amount rounds away from zero', text: '-1.5', units: -2n, milli: -1_500n },
  { name: 'zero is zero', text: '0', units: 0n, milli: 0n },
];
for (const { name, text, units, milli } of rounded) {
  test(`Value and MilliValue: ${name}`, () => {
    assert.is(unitsOf(nanoOf(text)), units);
    assert.is(milliUnitsOf(nanoOf(text)), milli);
  });
}

test('sums are made before rounding: two times 100.5m is 201m', () => {
  assert.is(milliUnitsOf(nanoOf('100.5m') + nanoOf('100.5m')), 201n);
});

test('an absent quantity is zero, and one that validation would refuse throws', () => {
  assert.is(nanoOf(undefined), 0n);
  assert.throws(() => nanoOf('half a core'), /'half a core' is not a quantity/);
});

const overflows: { text: string; milli: boolean; over: boolean }[] = [
  { text: '9223372036854775807', milli: false, over: false },
  { text: '9223372036854775808', milli: false, over: true },
  { text: '9223372036854775.807', milli: true, over: false },
  { text: '9223372036854775.808', milli: true, over: true },
  { text: '7Ei', milli: false, over: false },
  { text: '8Ei', milli: false, over: true },
  { text: '10E', milli: false, over: true },
];
for (const { text, milli, over } of overflows) {
  test(`${text} ${over ? 'overflows' : 'fits'} 64 bits of ${milli ? 'thousandths' : 'units'}`, () => {
    assert.is(overflowsInt64(text, nanoOf(text), milli), over);
  });
}

const formatted: [bigint, string][] = [
  [0n, '0'],
  [2n * G, '2'],
  [1_500_000_000n, '1500m'],
  [1_000n, '1u'],
  [7n, '7n'],
  [-1_500_000_000n, '-1500m'],
];
for (const [nano, text] of formatted) {
  test(`formatQuantity: ${nano} nano is ${text}`, () => assert.is(formatQuantity(nano), text));
}

test.run();
