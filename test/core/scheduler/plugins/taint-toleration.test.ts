import { test } from 'uvu';
import type { Taint, Toleration } from '../../../../core/objects/types.ts';
import { node, pod } from '../../../support/builders.ts';
import { type DecisionCase, runCases } from '../../../support/decision-cases.ts';

const said = 'TaintToleration UAU: node(s) had untolerated taint(s)';

const filters: [sentence: string, taint: Taint, toleration: Toleration | undefined, fits: boolean][] = [
  ['a hard taint keeps away who does not tolerate it', { key: 'k', effect: 'NoSchedule' }, undefined, false],
  ['NoExecute is as hard as NoSchedule', { key: 'k', effect: 'NoExecute' }, undefined, false],
  ['PreferNoSchedule is not', { key: 'k', effect: 'PreferNoSchedule' }, undefined, true],
  ['Equal wants the same value', { key: 'k', value: 'a', effect: 'NoSchedule' }, { key: 'k', value: 'a' }, true],
  [
    'Equal with another value does not do',
    { key: 'k', value: 'a', effect: 'NoSchedule' },
    { key: 'k', value: 'b' },
    false,
  ],
  ['no value and an empty one are the same', { key: 'k', effect: 'NoSchedule' }, { key: 'k', value: '' }, true],
  ['Exists wants the key', { key: 'k', value: 'a', effect: 'NoSchedule' }, { key: 'k', operator: 'Exists' }, true],
  ['Exists without a key tolerates all', { key: 'k', effect: 'NoExecute' }, { operator: 'Exists' }, true],
  ['another key does not do', { key: 'k', effect: 'NoSchedule' }, { key: 'l', operator: 'Exists' }, false],
  [
    'another effect does not do',
    { key: 'k', effect: 'NoSchedule' },
    { key: 'k', operator: 'Exists', effect: 'NoExecute' },
    false,
  ],
  [
    'the seconds of a toleration do not count',
    { key: 'k', effect: 'NoExecute' },
    { key: 'k', operator: 'Exists', tolerationSeconds: 0 },
    true,
  ],
  ['an unknown operator tolerates nothing', { key: 'k', effect: 'NoSchedule' }, { key: 'k', operator: 'Like' }, false],
  [
    'Gt is off by default',
    { key: 'k', value: '5', effect: 'NoSchedule' },
    { key: 'k', operator: 'Gt', value: '3' },
    false,
  ],
];

runCases(
  'TaintToleration filter',
  filters.map(
    ([name, taint, toleration, fits]): DecisionCase => ({
      name,
      nodes: [node('a', { taints: [taint] })],
      pod: pod('p', { spec: { tolerations: toleration && [toleration] } }),
      expect: { rejected: fits ? {} : { a: said } },
    }),
  ),
);

const soft = (...keys: string[]): Taint[] => keys.map((key) => ({ key, effect: 'PreferNoSchedule' }));

runCases('TaintToleration score', [
  {
    name: 'without soft taints every node has 100',
    nodes: [node('a'), node('b')],
    pod: pod('p'),
    expect: { scores: { TaintToleration: { a: 100, b: 100 } } },
  },
  {
    name: 'the share of the most tainted node is taken off, truncated first',
    nodes: [node('a', { taints: soft('x', 'y', 'z') }), node('b', { taints: soft('x') }), node('c')],
    pod: pod('p'),
    expect: { scores: { TaintToleration: { a: 0, b: 67, c: 100 } } },
  },
  {
    name: 'a tolerated soft taint does not count',
    nodes: [node('a', { taints: soft('x') }), node('b', { taints: soft('y') })],
    pod: pod('p', { spec: { tolerations: [{ key: 'x', operator: 'Exists' }] } }),
    expect: { scores: { TaintToleration: { a: 100, b: 0 } } },
  },
  {
    name: 'a toleration for NoSchedule does not help against a soft taint',
    nodes: [node('a', { taints: soft('x') }), node('b')],
    pod: pod('p', { spec: { tolerations: [{ key: 'x', operator: 'Exists', effect: 'NoSchedule' }] } }),
    expect: { scores: { TaintToleration: { a: 0, b: 100 } } },
  },
]);

test.run();
