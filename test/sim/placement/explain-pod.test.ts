import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError, DECIDER_KINDS, type Pod } from '../../../core/index.ts';
import { type ExplainOptions, explainPod, NoSuchPod } from '../../../sim/placement/explain-pod.ts';
import type { Manifests } from '../../../sim/traces/manifests.ts';
import { node, pod } from '../../support/builders.ts';

const manifests = (pods: Pod[]): Manifests => ({
  nodes: [node('n1', { has: { cpu: '1' } }), node('n2', { has: { cpu: '2' }, unschedulable: true })],
  pods,
  others: [],
  problems: [],
});
const options: ExplainOptions = { decider: 'scan', tieRule: 'order', seed: 1, after: false };
const verdicts = (pods: Pod[], name: string, more: Partial<ExplainOptions> = {}): string[] =>
  explainPod(manifests(pods), name, { ...options, ...more }).nodes.map(({ node, verdict, rejectedBy }) =>
    `${node} ${verdict} ${rejectedBy?.plugin ?? ''}`.trim(),
  );

const two = [pod('a', { asks: { cpu: '1' } }), pod('b', { asks: { cpu: '1' } })];

for (const decider of DECIDER_KINDS) {
  test(`explainPod, ${decider}: every node has a verdict, the chosen one first`, () => {
    assert.equal(verdicts(two, 'a', { decider }), ['n1 chosen', 'n2 rejected NodeUnschedulable']);
  });
  test(`explainPod, ${decider}: after the others, their places are taken`, () => {
    assert.equal(verdicts(two, 'b', { decider, after: true }), [
      'n1 rejected NodeResourcesFit',
      'n2 rejected NodeUnschedulable',
    ]);
  });
}
test('explainPod: a pod that runs is taken off its node first', () => {
  assert.equal(verdicts([pod('a', { on: 'n1', asks: { cpu: '1' } })], 'a')[0], 'n1 chosen');
});

const named = [pod('x', { namespace: 'one' }), pod('x', { namespace: 'two' }), pod('y', { namespace: 'one' })];
test('explainPod: a name that one pod has is enough, in whatever namespace', () => {
  assert.is(explainPod(manifests(named), 'y', options).pod, 'one/y');
});
test('explainPod: a name that two pods have must be said in full', () => {
  assert.throws(() => explainPod(manifests(named), 'x', options), /say which: one\/x, two\/x/);
  assert.is(explainPod(manifests(named), 'two/x', options).pod, 'two/x');
});
test('explainPod: a pod in namespace default goes before others of its name', () => {
  assert.is(explainPod(manifests([...named, pod('x')]), 'x', options).pod, 'default/x');
});
test('explainPod: a name that nobody has is refused with the names there are', () => {
  assert.throws(
    () => explainPod(manifests(named), 'z', options),
    (error: unknown) => error instanceof NoSuchPod && error.names.includes('one/y'),
  );
});
test("explainPod: another scheduler's pod is refused", () => {
  const other = pod('a', { spec: { schedulerName: 'other' } });
  assert.throws(
    () => explainPod(manifests([other]), 'a', options),
    (error: unknown) => error instanceof ApiError && /asks for scheduler other/.test(error.message),
  );
});

test.run();
