import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  compileLabelSelector,
  compileNodeSelector,
  compileNodeTerm,
  compilePairs,
  isLabelValue,
  isQualifiedName,
  nodeTermMatches,
  parseInt64,
  selectorMatches,
} from '../../../core/objects/selectors.ts';
import type { LabelSelector, Labels, NodeSelectorRequirement, NodeSelectorTerm } from '../../../core/objects/types.ts';

const web: Labels = { app: 'web', tier: 'gold', cores: '8' };
const expression = (key: string, operator: string, ...values: string[]): NodeSelectorRequirement =>
  values.length > 0 ? { key, operator, values } : { key, operator };

const labelSelectors: {
  name: string;
  selector: LabelSelector | undefined | null;
  labels?: Labels;
  matches: boolean;
}[] = [
  { name: 'no selector selects nothing', selector: undefined, matches: false },
  { name: 'null selects nothing', selector: null, matches: false },
  { name: 'the empty selector selects everything', selector: {}, matches: true },
  { name: 'equal pairs', selector: { matchLabels: { app: 'web' } }, matches: true },
  { name: 'one pair that differs', selector: { matchLabels: { app: 'web', tier: 'silver' } }, matches: false },
  { name: 'In', selector: { matchExpressions: [expression('app', 'In', 'db', 'web')] }, matches: true },
  { name: 'In needs the label', selector: { matchExpressions: [expression('zone', 'In', 'a')] }, matches: false },
  {
    name: 'NotIn holds when the label is absent',
    selector: { matchExpressions: [expression('zone', 'NotIn', 'a')] },
    matches: true,
  },
  { name: 'NotIn', selector: { matchExpressions: [expression('app', 'NotIn', 'web')] }, matches: false },
  { name: 'Exists', selector: { matchExpressions: [expression('app', 'Exists')] }, matches: true },
  { name: 'DoesNotExist', selector: { matchExpressions: [expression('zone', 'DoesNotExist')] }, matches: true },
  {
    name: 'a label named as something every object inherits does not exist',
    selector: { matchExpressions: [expression('constructor', 'Exists')] },
    matches: false,
  },
  { name: 'no labels at all', selector: { matchLabels: { app: 'web' } }, labels: {}, matches: false },
];
for (const { name, selector, labels = web, matches } of labelSelectors) {
  test(`label selector: ${name}`, () => {
    const compiled = compileLabelSelector(selector);
    assert.ok(compiled);
    assert.is(selectorMatches(compiled, labels), matches);
  });
}

const malformed: { name: string; selector: LabelSelector }[] = [
  { name: 'Gt is for nodes only', selector: { matchExpressions: [expression('cores', 'Gt', '4')] } },
  { name: 'In without values', selector: { matchExpressions: [expression('app', 'In')] } },
  { name: 'Exists with values', selector: { matchExpressions: [expression('app', 'Exists', 'web')] } },
  { name: 'an unknown operator', selector: { matchExpressions: [expression('app', 'Near', 'web')] } },
  { name: 'a key that is none', selector: { matchLabels: { 'not a key': 'web' } } },
  { name: 'a value that is none', selector: { matchLabels: { app: 'not a value' } } },
];
for (const { name, selector } of malformed) {
  test(`label selector: ${name} is malformed`, () => assert.is(compileLabelSelector(selector), undefined));
}

test('pairs of a Service match as equal labels', () => {
  assert.ok(selectorMatches(compilePairs({ app: 'web' }), web));
  assert.not(selectorMatches(compilePairs({ app: 'web', tier: 'silver' }), web));
});

const terms: { name: string; term: NodeSelectorTerm; matches: boolean }[] = [
  { name: 'Gt compares whole numbers', term: { matchExpressions: [expression('cores', 'Gt', '7')] }, matches: true },
  { name: 'Gt is strict', term: { matchExpressions: [expression('cores', 'Gt', '8')] }, matches: false },
  { name: 'Lt is strict', term: { matchExpressions: [expression('cores', 'Lt', '8')] }, matches: false },
  { name: 'Lt', term: { matchExpressions: [expression('cores', 'Lt', '9')] }, matches: true },
  {
    name: 'Gt on a label that is no number',
    term: { matchExpressions: [expression('app', 'Gt', '1')] },
    matches: false,
  },
  { name: 'Gt on a label that is absent', term: { matchExpressions: [expression('zone', 'Gt', '1')] }, matches: false },
  {
    name: 'Gt with a fraction is invalid',
    term: { matchExpressions: [expression('cores', 'Gt', '3.5')] },
    matches: false,
  },
  {
    name: 'Gt with two values is invalid',
    term: { matchExpressions: [expression('cores', 'Gt', '1', '2')] },
    matches: false,
  },
  { name: 'In without values is invalid', term: { matchExpressions: [expression('cores', 'NotIn')] }, matches: false },
  {
    name: 'an unknown operator is invalid',
    term: { matchExpressions: [expression('cores', 'Near', '8')] },
    matches: false,
  },
  {
    name: 'a malformed value is invalid',
    term: { matchExpressions: [expression('zone', 'NotIn', '-5')] },
    matches: false,
  },
  {
    name: 'a malformed key is invalid',
    term: { matchExpressions: [expression('a b', 'DoesNotExist')] },
    matches: false,
  },
  { name: 'the name of the node', term: { matchFields: [expression('metadata.name', 'In', 'n1')] }, matches: true },
  {
    name: 'not the name of the node',
    term: { matchFields: [expression('metadata.name', 'NotIn', 'n1')] },
    matches: false,
  },
  {
    name: 'two names are invalid',
    term: { matchFields: [expression('metadata.name', 'In', 'n1', 'n2')] },
    matches: false,
  },
  { name: 'no other field exists', term: { matchFields: [expression('metadata.uid', 'In', 'n1')] }, matches: false },
  {
    name: 'Exists is no operator of fields',
    term: { matchFields: [expression('metadata.name', 'Exists')] },
    matches: false,
  },
  {
    name: 'labels and fields must both hold',
    term: {
      matchExpressions: [expression('app', 'In', 'db')],
      matchFields: [expression('metadata.name', 'In', 'n1')],
    },
    matches: false,
  },
];
for (const { name, term, matches } of terms) {
  test(`node selector term: ${name}`, () => {
    const compiled = compileNodeTerm(term);
    assert.ok(compiled);
    assert.is(nodeTermMatches(compiled, web, 'n1'), matches);
  });
}

test('an empty term matches nothing, and terms are alternatives', () => {
  assert.is(compileNodeTerm({}), undefined);
  assert.is(compileNodeTerm({ matchExpressions: [], matchFields: [] }), undefined);
  const selector = compileNodeSelector({
    nodeSelectorTerms: [
      {},
      { matchExpressions: [expression('app', 'In')] },
      { matchExpressions: [expression('app', 'Exists')] },
    ],
  });
  assert.is(selector.length, 2);
  assert.equal(
    selector.map((term) => nodeTermMatches(term, web, 'n1')),
    [false, true],
    'an invalid term spoils no other',
  );
});

const names: { text: string; qualified: boolean; value: boolean }[] = [
  { text: 'app', qualified: true, value: true },
  { text: 'example.com/app', qualified: true, value: false },
  { text: 'Example.com/app', qualified: false, value: false },
  { text: 'example.com/', qualified: false, value: false },
  { text: '/app', qualified: false, value: false },
  { text: 'a/b/c', qualified: false, value: false },
  { text: '', qualified: false, value: true },
  { text: 'a'.repeat(63), qualified: true, value: true },
  { text: 'a'.repeat(64), qualified: false, value: false },
  { text: `${'a'.repeat(253)}/b`, qualified: true, value: false },
  { text: `${'a'.repeat(254)}/b`, qualified: false, value: false },
  { text: '-a', qualified: false, value: false },
  { text: 'a.', qualified: false, value: false },
  { text: 'A_b.c-D', qualified: true, value: true },
  { text: '__proto__', qualified: false, value: false },
  { text: 'a\n', qualified: false, value: false },
];
for (const { text, qualified, value } of names) {
  test(`'${text.slice(0, 20)}' (${text.length}) is ${qualified ? 'a' : 'no'} key and ${value ? 'a' : 'no'} value`, () => {
    assert.is(isQualifiedName(text), qualified);
    assert.is(isLabelValue(text), value);
  });
}

const integers: [string, bigint | undefined][] = [
  ['8', 8n],
  ['-8', -8n],
  ['+8', 8n],
  ['008', 8n],
  ['', undefined],
  ['8.0', undefined],
  ['0x8', undefined],
  [' 8', undefined],
  ['9223372036854775807', 2n ** 63n - 1n],
  ['9223372036854775808', undefined],
  ['-9223372036854775808', -(2n ** 63n)],
  ['-9223372036854775809', undefined],
];
for (const [text, value] of integers) {
  test(`ParseInt('${text}') is ${value}`, () => assert.is(parseInt64(text), value));
}

test.run();
