/** Whether a pod may be evicted, and what its budget says afterwards. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { budgetsToAsk, takeFromBudget } from '../../../core/controllers/disruption/eviction.ts';
import type { Pod, PodDisruptionBudget } from '../../../core/objects/types.ts';

const NOW = '2026-01-01T00:00:00Z';

function pod(ready: boolean, status: object = {}, metadata: object = {}): Pod {
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-0', namespace: 'default', labels: { app: 'web' }, ...metadata },
    spec: { containers: [] },
    status: { phase: 'Running', conditions, ...status },
  };
}

function budget(status: object, spec: object = {}, generation = 1): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'default', generation },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
    status: { observedGeneration: 1, ...status },
  } as PodDisruptionBudget;
}

const full = budget({ desiredHealthy: 2, currentHealthy: 2 });
const short = budget({ desiredHealthy: 2, currentHealthy: 1 });
const always = budget({ desiredHealthy: 2, currentHealthy: 1 }, { unhealthyPodEvictionPolicy: 'AlwaysAllow' });
const others = budget({}, { selector: { matchLabels: { app: 'other' } } });

const asked = [
  { name: 'a ready pod asks its budget', pod: pod(true), budgets: [full, others], asks: 1 },
  { name: 'without a budget nobody is asked', pod: pod(true), budgets: [others], asks: 0 },
  { name: 'two budgets are both named: that is an error of theirs', pod: pod(true), budgets: [full, short], asks: 2 },
  { name: 'a pod that is over disturbs nobody', pod: pod(false, { phase: 'Failed' }), budgets: [short], asks: 0 },
  {
    name: 'a pod that does not run yet disturbs nobody',
    pod: pod(false, { phase: 'Pending' }),
    budgets: [short],
    asks: 0,
  },
  {
    name: 'a pod that goes anyway disturbs nobody',
    pod: pod(true, {}, { deletionTimestamp: NOW }),
    budgets: [short],
    asks: 0,
  },
  { name: 'a pod that is not ready is free where enough others are', pod: pod(false), budgets: [full], asks: 0 },
  { name: 'a pod that is not ready asks where they are too few', pod: pod(false), budgets: [short], asks: 1 },
  { name: 'unless the budget says AlwaysAllow', pod: pod(false), budgets: [always], asks: 0 },
];
for (const { name, pod, budgets, asks } of asked) {
  test(`eviction: ${name}`, () => {
    assert.is(budgetsToAsk(pod, budgets).length, asks);
  });
}

test('eviction: one is taken from what is allowed, and the pod is noted', () => {
  const verdict = takeFromBudget(budget({ disruptionsAllowed: 2, disruptedPods: { 'web-1': NOW } }), pod(true), NOW);
  assert.equal(verdict, {
    status: { observedGeneration: 1, disruptionsAllowed: 1, disruptedPods: { 'web-1': NOW, 'web-0': NOW } },
  });
});

test('eviction: nothing is allowed', () => {
  const verdict = takeFromBudget(
    budget({ disruptionsAllowed: 0, desiredHealthy: 2, currentHealthy: 2 }),
    pod(true),
    NOW,
  );
  assert.equal(verdict, { refusal: 'The disruption budget web needs 2 healthy pods and has 2 currently' });
});

test('eviction: a budget that was changed and not looked at since allows nothing', () => {
  const verdict = takeFromBudget(budget({ disruptionsAllowed: 5 }, {}, 2), pod(true), NOW);
  assert.equal(verdict, { refusal: 'The disruption budget web is still being processed by the server.' });
});

test('eviction: 2,000 pods under disruption are allowed, and no more', () => {
  const many = (count: number): PodDisruptionBudget =>
    budget({
      disruptionsAllowed: 5,
      disruptedPods: Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, NOW])),
    });
  assert.ok('status' in takeFromBudget(many(2000), pod(true), NOW));
  assert.ok('refusal' in takeFromBudget(many(2001), pod(true), NOW));
});

test.run();
