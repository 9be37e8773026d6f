import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError } from '../../../../runtime/api/http/status.ts';
import { jsonPatch, MAX_OPERATIONS } from '../../../../runtime/api/patch/json-patch.ts';
import { mergePatch } from '../../../../runtime/api/patch/merge-patch.ts';

const live = { spec: { replicas: 1, list: ['a', 'b'] }, 'a/b': { 'm~n': 1 } };

const rows: { name: string; patch: unknown[]; result: unknown }[] = [
  {
    name: 'replace and add',
    patch: [
      { op: 'replace', path: '/spec/replicas', value: 3 },
      { op: 'add', path: '/spec/new', value: null },
    ],
    result: { ...live, spec: { replicas: 3, list: ['a', 'b'], new: null } },
  },
  {
    name: 'a list takes items in front, and at its end by -',
    patch: [
      { op: 'add', path: '/spec/list/0', value: 'z' },
      { op: 'add', path: '/spec/list/-', value: 'e' },
    ],
    result: { ...live, spec: { replicas: 1, list: ['z', 'a', 'b', 'e'] } },
  },
  {
    name: 'escaped names',
    patch: [{ op: 'replace', path: '/a~1b/m~0n', value: 2 }],
    result: { ...live, 'a/b': { 'm~n': 2 } },
  },
  {
    name: 'the whole document',
    patch: [
      { op: 'test', path: '/spec/replicas', value: 1 },
      { op: 'replace', path: '', value: { new: true } },
    ],
    result: { new: true },
  },
  {
    name: 'an index from the end',
    patch: [
      { op: 'replace', path: '/spec/list/-1', value: 'c' },
      { op: 'remove', path: '/spec/list/-2' },
    ],
    result: { ...live, spec: { replicas: 1, list: ['c'] } },
  },
  {
    name: 'names that objects inherit',
    patch: [
      { op: 'add', path: '/spec/__proto__', value: 1 },
      { op: 'add', path: '/spec/constructor', value: { a: 1 } },
      { op: 'add', path: '/spec/constructor/prototype', value: 2 },
    ],
    result: {
      ...live,
      spec: JSON.parse('{"replicas":1,"list":["a","b"],"__proto__":1,"constructor":{"a":1,"prototype":2}}'),
    },
  },
  {
    name: 'a test for what is not there, by null',
    patch: [{ op: 'test', path: '/spec/none', value: null }],
    result: live,
  },
  {
    name: 'copy and move',
    patch: [
      { op: 'copy', from: '/spec/replicas', path: '/spec/was' },
      { op: 'move', from: '/spec/list', path: '/list' },
    ],
    result: { spec: { replicas: 1, was: 1 }, 'a/b': { 'm~n': 1 }, list: ['a', 'b'] },
  },
];
for (const { name, patch, result } of rows) {
  test(`jsonPatch: ${name}`, () => {
    const before = structuredClone(live);
    // As text: assert.equal trips over objects that have a 'constructor' of their own.
    assert.is(JSON.stringify(jsonPatch(live, patch)), JSON.stringify(result));
    assert.equal(live, before);
  });
}

const refused: { name: string; patch: unknown; code: number; says: RegExp }[] = [
  { name: 'a test that fails', patch: [{ op: 'test', path: '/spec/replicas', value: 2 }], code: 422, says: /replicas/ },
  { name: 'a path that is not there', patch: [{ op: 'remove', path: '/spec/x' }], code: 422, says: /remove \/spec\/x/ },
  { name: 'replacing nothing', patch: [{ op: 'replace', path: '/x', value: 1 }], code: 422, says: /replace \/x/ },
  { name: 'adding below nothing', patch: [{ op: 'add', path: '/x/y', value: 1 }], code: 422, says: /add \/x\/y/ },
  { name: 'a map', patch: {}, code: 400, says: /list of operations/ },
  { name: 'an unknown op', patch: [{ op: 'shred', path: '/x' }], code: 400, says: /unknown op "shred"/ },
  { name: 'a path that is no pointer', patch: [{ op: 'remove', path: 'spec' }], code: 400, says: /JSON pointer/ },
  { name: 'a missing value', patch: [{ op: 'add', path: '/x' }], code: 400, says: /needs a value/ },
  { name: 'the prototype', patch: [{ op: 'add', path: '/__proto__/x', value: 1 }], code: 422, says: /missing value/ },
  {
    name: 'below an inherited name',
    patch: [{ op: 'add', path: '/toString/x', value: 1 }],
    code: 422,
    says: /toString/,
  },
  { name: 'removing an inherited name', patch: [{ op: 'remove', path: '/valueOf' }], code: 422, says: /missing value/ },
  { name: 'a step into a text', patch: [{ op: 'remove', path: '/spec/list/0/0' }], code: 422, says: /missing path/ },
  {
    name: 'a test of a list against what brings its own toString',
    patch: [{ op: 'test', path: '/spec/list', value: { toString: {} } }],
    code: 422,
    says: /test failed/,
  },
  { name: 'an index past the end', patch: [{ op: 'add', path: '/spec/list/3', value: 1 }], code: 422, says: /index 3/ },
  { name: 'an index before the start', patch: [{ op: 'remove', path: '/spec/list/-3' }], code: 422, says: /index -3/ },
  {
    name: 'replacing past the end',
    patch: [{ op: 'replace', path: '/spec/list/-', value: 1 }],
    code: 422,
    says: /index/,
  },
  { name: 'an inherited op', patch: [{ op: 'toString', path: '/spec' }], code: 400, says: /unknown op/ },
  {
    name: 'moving a value into itself',
    patch: [{ op: 'move', from: '/spec', path: '/spec/list/0' }],
    code: 422,
    says: /into itself/,
  },
  {
    name: 'one operation too many',
    patch: new Array(MAX_OPERATIONS + 1).fill({ op: 'test', path: '', value: 1 }),
    code: 413,
    says: /10000, got 10001/,
  },
];
for (const { name, patch, code, says } of refused) {
  test(`jsonPatch refuses ${name}`, () => {
    try {
      jsonPatch(live, patch);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ApiError);
      const { status } = error as ApiError;
      assert.is(status.code, code);
      assert.match([status.message, ...(status.details?.causes ?? []).map((cause) => cause.message)].join(), says);
    }
  });
}

test('jsonPatch: a value put in twice is two values', () => {
  const value = { n: 1 };
  const patch = [
    { op: 'add', path: '/one', value },
    { op: 'copy', from: '/one', path: '/two' },
    { op: 'add', path: '/one/n', value: 2 },
  ];
  assert.equal(jsonPatch({}, patch), { one: { n: 2 }, two: { n: 1 } });
  assert.equal(value, { n: 1 });
});

test('mergePatch: null deletes, maps merge, lists are replaced', () => {
  const patch = { spec: { list: ['c'], replicas: null, new: { a: null, b: 1 } } };
  assert.equal(mergePatch(live, patch), { ...live, spec: { list: ['c'], new: { b: 1 } } });
});

test('mergePatch: __proto__ is a key like any other', () => {
  const merged = mergePatch({}, JSON.parse('{"__proto__": {"polluted": 1}}'));
  assert.is(Object.getPrototypeOf(merged), Object.prototype);
  assert.ok(Object.hasOwn(merged as object, '__proto__'));
});

test.run();
