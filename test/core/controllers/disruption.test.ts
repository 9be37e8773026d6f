/** How many pods of a budget may go. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { disruptionController } from '../../../core/controllers/disruption/disruption.ts';
import { DEPLOYMENTS, DISRUPTION_BUDGETS, PODS, REPLICA_SETS } from '../../../core/controllers/resources.ts';
import { timeText } from '../../../core/controllers/time.ts';
import type { KubeObject, PodDisruptionBudget } from '../../../core/objects/types.ts';
import { cacheOf, look, lookAgain, type Seen, tell } from '../../support/look.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');

function owned(kind: string, name: string, replicas: number, owner?: string): KubeObject {
  const metadata = { name, namespace: 'x', uid: name, ownerReferences: owner ? [ownerOf('Deployment', owner)] : [] };
  return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas } } as KubeObject;
}
const ownerOf = (kind: string, name: string) => ({ apiVersion: 'apps/v1', kind, name, uid: name, controller: true });

const DEPLOYMENT = owned('Deployment', 'd', 5);
const REPLICA_SET = owned('ReplicaSet', 'r', 3, 'd');

/** 'r' ready, '-' not, 'x' going, 'b' ready and nobody's. */
function pods(text: string): KubeObject[] {
  return [...text].map((state, i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `p${i}`,
      namespace: 'x',
      uid: `p${i}`,
      labels: { app: 'a' },
      ...(state !== 'b' && { ownerReferences: [ownerOf('ReplicaSet', 'r')] }),
      ...(state === 'x' && { deletionTimestamp: timeText(NOW) }),
    },
    spec: {},
    status: { conditions: [{ type: 'Ready', status: state === '-' ? 'False' : 'True' }] },
  })) as unknown as KubeObject[];
}

const cases: {
  name: string;
  spec: object;
  pods: string;
  disrupted?: Record<string, string>;
  to: [allowed: number, healthy: number, desired: number, expected: number];
}[] = [
  { name: 'a minimum as a number counts the pods there are', spec: { minAvailable: 2 }, pods: 'rrr', to: [1, 3, 2, 3] },
  { name: 'pods that are not ready are not healthy', spec: { minAvailable: 2 }, pods: 'rr-', to: [0, 2, 2, 3] },
  { name: 'nor are those that go', spec: { minAvailable: 1 }, pods: 'rxx', to: [0, 1, 1, 3] },
  {
    name: 'a share is of what the Deployment asks for, and rounds up',
    spec: { minAvailable: '50%' },
    pods: 'rrrr',
    to: [1, 4, 3, 5],
  },
  {
    name: 'what may be missing is of what the Deployment asks for',
    spec: { maxUnavailable: 1 },
    pods: 'rrrrr',
    to: [1, 5, 4, 5],
  },
  { name: 'a share of it rounds up', spec: { maxUnavailable: '30%' }, pods: 'rrrrr', to: [2, 5, 3, 5] },
  { name: 'more than all may be missing', spec: { maxUnavailable: 9 }, pods: 'rrrrr', to: [5, 5, 0, 5] },
  { name: 'without a word it is one', spec: {}, pods: 'rr', to: [1, 2, 1, 2] },
  { name: "nobody's pods count for nothing in a share", spec: { maxUnavailable: 1 }, pods: 'bb', to: [0, 2, 0, 0] },
  { name: 'no pods, no disruption', spec: { minAvailable: 0 }, pods: '', to: [0, 0, 0, 0] },
  {
    name: 'one that may go already is not healthy',
    spec: { minAvailable: 1 },
    pods: 'rrr',
    disrupted: { p0: timeText(NOW - 60_000) },
    to: [1, 2, 1, 3],
  },
  {
    name: 'after two minutes it seems to stay',
    spec: { minAvailable: 1 },
    pods: 'rrr',
    disrupted: { p0: timeText(NOW - 120_000) },
    to: [2, 3, 1, 3],
  },
];
for (const { name, spec, pods: text, disrupted, to } of cases) {
  test(`budget: ${name}`, () => {
    const budget: PodDisruptionBudget = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'b', namespace: 'x', generation: 3 },
      spec: { selector: { matchLabels: { app: 'a' } }, ...spec },
      status: { disruptedPods: disrupted },
    };
    const seen: Seen = [
      [DISRUPTION_BUDGETS, budget],
      [DEPLOYMENTS, DEPLOYMENT],
      [REPLICA_SETS, REPLICA_SET],
      ...pods(text).map((pod) => [PODS, pod] as const),
    ];
    const [write] = look(disruptionController(), 'x/b', seen, { nowMs: NOW }).writes;
    const status = write.type === 'update' ? (write.object as PodDisruptionBudget).status : undefined;
    const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods, observedGeneration } = status ?? {};
    assert.equal([disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods], to);
    assert.is(observedGeneration, 3);
  });
}

function budgetOf(resourceVersion: string, selector = { app: 'a' }): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace: 'x', generation: 1, resourceVersion },
    spec: { selector: { matchLabels: selector }, minAvailable: 1 },
  };
}

test('a status that was written and not observed yet is awaited for a second, and not written twice', () => {
  const controller = disruptionController();
  const seen: Seen = [[DISRUPTION_BUDGETS, budgetOf('1')], ...pods('bb').map((pod) => [PODS, pod] as const)];
  const cache = cacheOf(seen);
  tell(controller, seen, cache);
  const at = (nowMs: number) => lookAgain(controller, 'x/b', cache, { nowMs });
  assert.is(at(NOW).writes.length, 1);
  assert.equal([at(NOW + 400).writes, at(NOW + 400).rest], [[], { afterMs: 600 }]);
  assert.is(at(NOW + 1000).writes.length, 1, 'the event may have been lost');
  cache.of(DISRUPTION_BUDGETS).set('x/b', budgetOf('2'));
  assert.is(at(NOW + 1001).writes.length, 1, 'it was observed, and something is still to be said');
});

test('the pods of a budget are those that it selects now', () => {
  const controller = disruptionController();
  const seen: Seen = [[DISRUPTION_BUDGETS, budgetOf('1')], ...pods('bbb').map((pod) => [PODS, pod] as const)];
  const cache = cacheOf(seen);
  tell(controller, seen, cache);
  const healthy = (): unknown => {
    const [write] = lookAgain(controller, 'x/b', cache, { nowMs: NOW }).writes;
    return write.type === 'update' && (write.object as PodDisruptionBudget).status?.currentHealthy;
  };
  const change = (resource: typeof PODS, object: KubeObject, old: KubeObject): void => {
    cache.of(resource).set(`x/${object.metadata.name}`, object);
    tell(controller, [[resource, object]], cache, old);
  };
  assert.is(healthy(), 3);
  const [pod] = pods('b');
  const other = { ...pod, metadata: { ...pod.metadata, labels: { app: 'other' } } };
  change(PODS, other, pod);
  change(DISRUPTION_BUDGETS, budgetOf('2'), budgetOf('1'));
  assert.is(healthy(), 2, 'a pod has got other labels');
  change(DISRUPTION_BUDGETS, budgetOf('3', { app: 'other' }), budgetOf('2'));
  assert.is(healthy(), 1, 'the budget has got another selector');
});

test("a Deployment's ReplicaSet that is scaled is nothing to look at, the Deployment is", () => {
  const controller = disruptionController();
  const cache = cacheOf([[DISRUPTION_BUDGETS, budgetOf('1')]]);
  const keys = (resource: typeof PODS, object: KubeObject, old: KubeObject): string[] => [
    ...tell(controller, [[resource, object]], cache, old),
  ];
  assert.equal(keys(REPLICA_SETS, owned('ReplicaSet', 'r', 4, 'd'), REPLICA_SET), []);
  assert.equal(keys(REPLICA_SETS, owned('ReplicaSet', 'alone', 4), owned('ReplicaSet', 'alone', 3)), ['x/b']);
  assert.equal(keys(DEPLOYMENTS, owned('Deployment', 'd', 6), DEPLOYMENT), ['x/b']);
});

test.run();
