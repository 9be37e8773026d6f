import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isHardTaint, toleratedByAny, tolerates } from '../../../core/objects/tolerations.ts';
import type { Taint, Toleration } from '../../../core/objects/types.ts';

const taint: Taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };
const cases: { name: string; toleration: Toleration; taint?: Taint; tolerates: boolean }[] = [
  {
    name: 'key, value and effect are equal',
    toleration: { key: 'gpu', value: 'yes', effect: 'NoSchedule' },
    tolerates: true,
  },
  { name: 'no operator means Equal', toleration: { key: 'gpu', value: 'no' }, tolerates: false },
  { name: 'Equal', toleration: { key: 'gpu', operator: 'Equal', value: 'yes' }, tolerates: true },
  { name: 'Exists asks for no value', toleration: { key: 'gpu', operator: 'Exists' }, tolerates: true },
  { name: 'Exists without a key tolerates all', toleration: { operator: 'Exists' }, tolerates: true },
  { name: 'no key and Equal compares values', toleration: { value: 'yes' }, tolerates: true },
  { name: 'another key', toleration: { key: 'disk', operator: 'Exists' }, tolerates: false },
  { name: 'another effect', toleration: { key: 'gpu', operator: 'Exists', effect: 'NoExecute' }, tolerates: false },
  { name: 'no effect tolerates every effect', toleration: { key: 'gpu', value: 'yes' }, tolerates: true },
  {
    name: 'an unknown operator tolerates nothing',
    toleration: { key: 'gpu', operator: 'Near', value: 'yes' },
    tolerates: false,
  },
  {
    name: 'Gt is switched off',
    toleration: { key: 'gpu', operator: 'Gt', value: '1' },
    taint: { ...taint, value: '2' },
    tolerates: false,
  },
  {
    name: 'an absent value equals the empty one',
    toleration: { key: 'gpu', value: '' },
    taint: { key: 'gpu', effect: 'NoSchedule' },
    tolerates: true,
  },
  {
    name: 'the seconds do not matter',
    toleration: { key: 'gpu', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 },
    taint: { key: 'gpu', effect: 'NoExecute' },
    tolerates: true,
  },
];
for (const { name, toleration, taint: on = taint, tolerates: expected } of cases) {
  test(`toleration: ${name}`, () => assert.is(tolerates(toleration, on), expected));
}

test('one toleration of many is enough, and none tolerates nothing', () => {
  assert.ok(toleratedByAny([{ key: 'disk' }, { operator: 'Exists' }], taint));
  assert.not(toleratedByAny([], taint));
  assert.not(toleratedByAny(undefined, taint));
});

test('only NoSchedule and NoExecute keep a pod away', () => {
  assert.equal(
    ['NoSchedule', 'NoExecute', 'PreferNoSchedule'].map((effect) => isHardTaint({ key: 'a', effect })),
    [true, true, false],
  );
});

test.run();
