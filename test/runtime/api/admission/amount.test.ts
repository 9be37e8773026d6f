import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { amountOf, amountText, minus, plus } from '../../../../runtime/api/admission/amount.ts';

const canonical: [string | number, string][] = [
  ['0', '0'],
  ['1', '1'],
  [2, '2'],
  ['1.0', '1'],
  ['0.5', '500m'],
  ['1.5', '1500m'],
  ['100m', '100m'],
  ['1000m', '1'],
  ['1000', '1k'],
  ['1500', '1500'],
  ['1M', '1M'],
  ['1000k', '1M'],
  ['12e3', '12e3'],
  ['1e3', '1e3'],
  ['1Gi', '1Gi'],
  ['1024Mi', '1Gi'],
  ['1536Mi', '1536Mi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['1Ki', '1Ki'],
  ['1023', '1023'],
  ['-1Gi', '-1Gi'],
  ['1n', '1n'],
  ['1500u', '1500u'],
  ['5E', '5E'],
  ['1000P', '1E'],
];
for (const [given, expected] of canonical) {
  test(`a quantity ${given} is printed as ${expected}`, () => assert.is(amountText(amountOf(given)), expected));
}

const sums: [string, string, string, string][] = [
  ['1Gi', '512Mi', '1536Mi', '512Mi'],
  ['500m', '500m', '1', '0'],
  ['0', '1Gi', '1Gi', '-1Gi'],
  ['1Gi', '1G', '2073741824', '73741824'],
];
for (const [a, b, sum, difference] of sums) {
  test(`${a} and ${b} are ${sum}, and ${difference} apart`, () => {
    assert.is(amountText(plus(amountOf(a), amountOf(b))), sum);
    assert.is(amountText(minus(amountOf(a), amountOf(b))), difference);
  });
}

test.run();
