/** Label selectors against a matcher that asks every requirement of the label map in plain words. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  compileLabelSelector,
  compileNodeTerm,
  nodeTermMatches,
  selectorMatches,
} from '../../../core/objects/selectors.ts';
import type { LabelSelector, Labels, NodeSelectorTerm } from '../../../core/objects/types.ts';

// Few keys and values, so that they meet.
const keys = fc.constantFrom('app', 'tier', 'constructor', 'example.com/zone');
const values = fc.constantFrom('a', 'b', '3', '10', '');
const labels: fc.Arbitrary<Labels> = fc.dictionary(keys, values, { maxKeys: 4 });

const listed = fc.record({
  key: keys,
  operator: fc.constantFrom('In', 'NotIn'),
  values: fc.array(values, { minLength: 1, maxLength: 3 }),
});
const bare = fc.record({ key: keys, operator: fc.constantFrom('Exists', 'DoesNotExist') });
const compared = fc.record({
  key: keys,
  operator: fc.constantFrom('Gt', 'Lt'),
  values: fc.constantFrom('2', '3', '11').map((value) => [value]),
});
const labelSelectors: fc.Arbitrary<LabelSelector> = fc.record({
  matchLabels: labels,
  matchExpressions: fc.array(fc.oneof(listed, bare), { maxLength: 3 }),
});
const nodeTerms: fc.Arbitrary<NodeSelectorTerm> = fc.record({
  matchExpressions: fc.array(fc.oneof(listed, bare, compared), { minLength: 1, maxLength: 3 }),
});

interface Asked {
  key: string;
  operator: string;
  values?: string[];
}

function holds({ key, operator, values = [] }: Asked, labels: Labels): boolean {
  const has = Object.keys(labels).includes(key);
  const listed = has && values.includes(labels[key]);
  const numeric = has && /^\d+$/.test(labels[key]);
  const meaning: Record<string, boolean> = {
    In: listed,
    NotIn: !listed,
    Exists: has,
    DoesNotExist: !has,
    Gt: numeric && Number(labels[key]) > Number(values[0]),
    Lt: numeric && Number(labels[key]) < Number(values[0]),
  };
  return meaning[operator];
}

test('a label selector matches as the plain words say', () => {
  fc.assert(
    fc.property(labelSelectors, labels, (selector, labels) => {
      const compiled = compileLabelSelector(selector);
      assert.ok(compiled);
      const pairs = Object.entries(selector.matchLabels ?? {});
      const expected =
        pairs.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value) &&
        (selector.matchExpressions ?? []).every((asked) => holds(asked, labels));
      assert.is(selectorMatches(compiled, labels), expected);
    }),
    { numRuns: 2_000 },
  );
});

test('a node selector term matches as the plain words say', () => {
  fc.assert(
    fc.property(nodeTerms, labels, (term, labels) => {
      const compiled = compileNodeTerm(term);
      assert.ok(compiled);
      const expected = (term.matchExpressions ?? []).every((asked) => holds(asked, labels));
      assert.is(nodeTermMatches(compiled, labels, 'n1'), expected);
    }),
    { numRuns: 2_000 },
  );
});

test.run();
