import { test } from 'uvu';
import type { NodeSelectorRequirement, NodeSelectorTerm, Pod } from '../../../../core/objects/types.ts';
import { node, pod } from '../../../support/builders.ts';
import { type DecisionCase, runCases } from '../../../support/decision-cases.ts';

const said = "NodeAffinity UAU: node(s) didn't match Pod's node affinity/selector";

function requires(...nodeSelectorTerms: NodeSelectorTerm[]): Pod {
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
  return pod('p', { spec: { affinity: { nodeAffinity: required } } });
}
function prefers(...terms: [weight: number, preference: NodeSelectorTerm][]): Pod {
  const preferred = terms.map(([weight, preference]) => ({ weight, preference }));
  const nodeAffinity = { preferredDuringSchedulingIgnoredDuringExecution: preferred };
  return pod('p', { spec: { affinity: { nodeAffinity } } });
}
const where = (key: string, operator: string, ...values: string[]): NodeSelectorTerm => ({
  matchExpressions: [{ key, operator, values }],
});
const named = (operator: string, ...values: string[]): NodeSelectorRequirement => ({
  key: 'metadata.name',
  operator,
  values,
});

const operators: [sentence: string, term: NodeSelectorTerm, fits: boolean][] = [
  ['In: the value is in the set', where('zone', 'In', 'z1', 'z2'), true],
  ['In: the value is not in the set', where('zone', 'In', 'z2'), false],
  ['In: the key is absent', where('none', 'In', 'z1'), false],
  ['NotIn: the value is in the set', where('zone', 'NotIn', 'z1'), false],
  ['NotIn holds when the key is absent', where('none', 'NotIn', 'z1'), true],
  ['Exists', where('zone', 'Exists'), true],
  ['DoesNotExist', where('zone', 'DoesNotExist'), false],
  ['Gt: 8 is above 7', where('cores', 'Gt', '7'), true],
  ['Gt: 8 is not above 8', where('cores', 'Gt', '8'), false],
  ['Lt: 8 is below 9', where('cores', 'Lt', '9'), true],
  ['Lt: compares numbers, not texts', where('cores', 'Lt', '10'), true],
  ['Gt: a label that is no integer never compares', where('zone', 'Gt', '1'), false],
  ['Gt: an operand that is no integer makes the term match nothing', where('cores', 'Gt', 'x'), false],
  ['a term with In and no values matches nothing', where('zone', 'In'), false],
  ['a term with Exists and values matches nothing', where('zone', 'Exists', 'z1'), false],
  ['a term with an unknown operator matches nothing', where('zone', 'Like', 'z1'), false],
  ['an empty term matches nothing', {}, false],
  [
    'all expressions of a term must hold',
    {
      matchExpressions: [
        ...(where('zone', 'Exists').matchExpressions ?? []),
        ...(where('none', 'Exists').matchExpressions ?? []),
      ],
    },
    false,
  ],
];

const labels = { zone: 'z1', cores: '8' };

runCases(
  'NodeAffinity operators',
  operators.map(
    ([name, term, fits]): DecisionCase => ({
      name,
      nodes: [node('a', { labels })],
      pod: requires(term),
      expect: { rejected: fits ? {} : { a: said } },
    }),
  ),
);

runCases('NodeAffinity filter', [
  {
    name: 'every pair of nodeSelector must be on the node',
    nodes: [node('a', { labels }), node('b', { labels: { zone: 'z1' } })],
    pod: pod('p', { spec: { nodeSelector: labels } }),
    expect: { rejected: { b: said } },
  },
  {
    name: 'terms are alternatives, and an invalid one spoils only itself',
    nodes: [node('a', { labels })],
    pod: requires(where('zone', 'In'), where('cores', 'Exists')),
    expect: {},
  },
  {
    name: 'required terms that are all empty match no node',
    nodes: [node('a')],
    pod: requires({}),
    expect: { rejected: { a: said } },
  },
  {
    name: 'required without any term matches no node',
    nodes: [node('a')],
    pod: requires(),
    expect: { rejected: { a: said } },
  },
  {
    name: "the profile's added affinity comes first, in words of its own",
    nodes: [node('a', { labels }), node('b')],
    args: {
      nodeAffinity: {
        addedAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [where('zone', 'In', 'z1')] },
        },
      },
    },
    pod: pod('p', { spec: { nodeSelector: { nowhere: 'x' } } }),
    expect: { rejected: { a: said, b: "NodeAffinity UAU: node(s) didn't match scheduler-enforced node affinity" } },
  },
]);

runCases('NodeAffinity narrowing', [
  {
    name: 'a name field leaves that node, existing or not',
    nodes: [node('a'), node('b')],
    pod: requires({ matchFields: [named('In', 'b')] }, { matchFields: [named('In', 'gone')] }),
    expect: { narrowed: ['b', 'gone'] },
  },
  {
    name: 'a term without a name field lets all nodes in',
    nodes: [node('a', { labels }), node('b')],
    pod: requires({ matchFields: [named('In', 'b')] }, where('zone', 'Exists')),
    expect: {},
  },
  {
    name: 'names of one term that contradict each other are a conflict',
    nodes: [node('a'), node('b')],
    pod: requires({ matchFields: [named('In', 'a'), named('In', 'b')] }),
    expect: { refused: 'NodeAffinity UAU: pod affinity terms conflict' },
  },
  {
    name: 'several values narrow, and then match nothing',
    nodes: [node('a'), node('b')],
    pod: requires({ matchFields: [named('In', 'a', 'b')] }),
    expect: { narrowed: ['a', 'b'], rejected: { a: said, b: said } },
  },
  {
    name: 'NotIn does not narrow',
    nodes: [node('a'), node('b')],
    pod: requires({ matchFields: [named('NotIn', 'a')] }),
    expect: { rejected: { a: said } },
  },
]);

const three = [node('a', { labels }), node('b', { labels: { zone: 'z2' } }), node('c')];

runCases('NodeAffinity score', [
  {
    name: 'without preferences the plugin is skipped',
    nodes: three,
    pod: pod('p'),
    expect: { scores: { NodeAffinity: 'skipped' } },
  },
  {
    name: 'an empty list of preferences is a list',
    nodes: three,
    pod: prefers(),
    expect: { scores: { NodeAffinity: { a: 0, b: 0, c: 0 } } },
  },
  {
    name: 'weights add up, and the best node has 100',
    nodes: three,
    pod: prefers([2, where('zone', 'Exists')], [1, where('cores', 'Exists')]),
    expect: { scores: { NodeAffinity: { a: 100, b: 66, c: 0 } } },
  },
  {
    name: 'an empty preference and one of weight 0 are dropped',
    nodes: three,
    pod: prefers([9, {}], [0, where('cores', 'Gt', 'no number')]),
    expect: { scores: { NodeAffinity: { a: 0, b: 0, c: 0 } } },
  },
  {
    name: 'added preferences count for every pod',
    nodes: three,
    args: {
      nodeAffinity: {
        addedAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5, preference: where('zone', 'In', 'z2') }],
        },
      },
    },
    pod: pod('p'),
    expect: { scores: { NodeAffinity: { a: 0, b: 100, c: 0 } } },
  },
  {
    name: 'a malformed preference is an error of the whole cycle',
    nodes: three,
    pod: prefers([1, where('cores', 'Gt', 'abc')]),
    expect: {
      error:
        /^running PreScore plugin "NodeAffinity": \[0\]\.matchExpressions\[0\]\.values\[0\]: Invalid value: "abc": for 'Gt', 'Lt' operators, the value must be an integer$/,
    },
  },
]);

test.run();
