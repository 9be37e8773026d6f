import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LabelSelector, Pod, PodDisruptionBudget } from '../../../../core/objects/types.ts';
import { compileBudgets, splitByDisruption } from '../../../../core/scheduler/preemption/disruption.ts';
import { fakePod } from '../../../support/fake-decider.ts';

interface BudgetSpec {
  selector?: LabelSelector;
  allowed?: number;
  disrupted?: string[];
  namespace?: string;
}
const web = { matchLabels: { app: 'web' } };
function budget({
  selector = web,
  allowed = 0,
  disrupted = [],
  namespace = 'default',
}: BudgetSpec): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'pdb', namespace },
    spec: { selector },
    status: { disruptionsAllowed: allowed, disruptedPods: Object.fromEntries(disrupted.map((name) => [name, ''])) },
  };
}
const pod = (name: string, labels: Record<string, string> = { app: 'web' }, namespace?: string): Pod =>
  fakePod(name, { labels, namespace });

const rows: { name: string; budgets: PodDisruptionBudget[]; pods: Pod[]; violating: string[] }[] = [
  { name: 'no budget, no violation', budgets: [], pods: [pod('a')], violating: [] },
  {
    name: 'nothing allowed: all matching pods violate',
    budgets: [budget({})],
    pods: [pod('a'), pod('b')],
    violating: ['a', 'b'],
  },
  {
    name: 'the first ones are spared, the next one too many is not',
    budgets: [budget({ allowed: 2 })],
    pods: [pod('a'), pod('b'), pod('c')],
    violating: ['c'],
  },
  { name: 'other labels do not match', budgets: [budget({})], pods: [pod('a', { app: 'db' })], violating: [] },
  {
    name: 'another namespace does not match',
    budgets: [budget({})],
    pods: [pod('a', { app: 'web' }, 'shop')],
    violating: [],
  },
  { name: 'an empty selector matches nothing', budgets: [budget({ selector: {} })], pods: [pod('a')], violating: [] },
  {
    name: 'an invalid selector matches nothing',
    budgets: [budget({ selector: { matchExpressions: [{ key: 'app', operator: 'Maybe' }] } })],
    pods: [pod('a')],
    violating: [],
  },
  {
    name: 'a pod without labels matches nothing, not even a selector of absence',
    budgets: [budget({ selector: { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] } })],
    pods: [pod('a', {}), pod('b', { tier: 'x' })],
    violating: ['b'],
  },
  {
    name: 'a pod whose disruption is counted already costs nothing',
    budgets: [budget({ allowed: 1, disrupted: ['a'] })],
    pods: [pod('a'), pod('b'), pod('c')],
    violating: ['c'],
  },
  {
    name: 'every matching budget pays, also after another was overdrawn',
    budgets: [budget({ allowed: 0 }), budget({ allowed: 1, selector: { matchLabels: { tier: 'x' } } })],
    pods: [pod('a', { app: 'web', tier: 'x' }), pod('b', { tier: 'x' })],
    violating: ['a', 'b'],
  },
];
for (const { name, budgets, pods, violating } of rows) {
  test(`disruption: ${name}`, () => {
    const split = splitByDisruption(pods, compileBudgets(budgets));
    assert.equal(
      split.violating.map((p) => p.metadata.name),
      violating,
    );
    assert.equal(
      split.nonViolating.map((p) => p.metadata.name),
      pods.map((p) => p.metadata.name).filter((name) => !violating.includes(name)),
    );
  });
}

test('disruption: each split draws on the whole budget again', () => {
  const budgets = compileBudgets([budget({ allowed: 1 })]);
  for (let i = 0; i < 2; i++) assert.equal(splitByDisruption([pod('a')], budgets).violating, []);
});

test.run();
