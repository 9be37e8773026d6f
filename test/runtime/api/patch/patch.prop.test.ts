import fc from 'fast-check';
import { createPatch } from 'rfc6902';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jsonPatch } from '../../../../runtime/api/patch/json-patch.ts';
import { mergePatch } from '../../../../runtime/api/patch/merge-patch.ts';
import { mergeTypeOf } from '../../../../runtime/api/patch/merge-types.ts';
import { strategicMerge } from '../../../../runtime/api/patch/strategic/merge.ts';
import { loadSchemas } from '../../../../runtime/api/schema/load.ts';
import { podObjects } from './objects.ts';
import { strategicDiff } from './strategic-diff.ts';

const podType = mergeTypeOf(await loadSchemas(), 'v1', 'Pod')!;

/** Plain JSON without nulls: a merge patch cannot write one. */
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(0, 1, 'a', 'b', true),
    tie('map'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  map: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'x/y', 'm~n'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
}));
const plainMap = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'x/y', 'm~n'), json.value, {
  maxKeys: 3,
  noNullPrototype: true,
});

test('mergePatch: the difference of two documents turns one into the other', () => {
  fc.assert(
    fc.property(json.map, json.map, (a, b) => {
      assert.equal(mergePatch(a, mergeDiff(a, b)), b);
    }),
  );
});

function mergeDiff(from: unknown, to: unknown): unknown {
  const isMap = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(from) || !isMap(to)) return to;
  const entries = Object.entries(to).map(([key, value]) => [
    key,
    mergeDiff(Object.hasOwn(from, key) ? Reflect.get(from, key) : undefined, value),
  ]);
  const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
  return Object.fromEntries([...entries, ...gone.map((key) => [key, null])]);
}

test('jsonPatch: the difference of two documents turns one into the other', () => {
  fc.assert(
    fc.property(plainMap, plainMap, (a, b) => {
      const before = JSON.stringify(a);
      assert.equal(jsonPatch(a, createPatch(a, b)), b);
      assert.is(JSON.stringify(a), before);
    }),
  );
});

test('strategicMerge: the difference of two pods turns one into the other', () => {
  fc.assert(
    fc.property(podObjects, podObjects, (a, b) => {
      assert.equal(strategicMerge(a, strategicDiff(a, b, podType), podType), b);
    }),
    { numRuns: 300 },
  );
});

test('strategicMerge: a patch applied twice is a patch applied once', () => {
  fc.assert(
    fc.property(podObjects, podObjects, podObjects, (live, a, b) => {
      const patch = strategicDiff(a, b, podType);
      const once = strategicMerge(live, patch, podType);
      assert.equal(strategicMerge(once, patch, podType), once);
    }),
    { numRuns: 300 },
  );
});

test('strategicMerge: what the patch says nothing of stays', () => {
  fc.assert(
    fc.property(podObjects, podObjects, (live, other) => {
      const patch = { metadata: { labels: { only: 'this' } } };
      const merged = strategicMerge({ ...live, other }, patch, podType) as Record<string, unknown>;
      assert.equal(merged.other, other);
      assert.equal(merged.spec, live.spec);
    }),
  );
});

test.run();
