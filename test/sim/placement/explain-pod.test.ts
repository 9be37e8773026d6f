import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError, DECIDER_KINDS, type Explanation, type Pod } from '../../../core/index.ts';
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
const explained = (pods: Pod[], name: string, more: Partial<ExplainOptions> = {}): Promise<Explanation> =>
  explainPod(manifests(pods), name, { ...options, ...more });

async function verdicts(pods: Pod[], name: string, more: Partial<ExplainOptions> = {}): Promise<string[]> {
  const { nodes } = await explained(pods, name, more);
  return nodes.map(({ node, verdict, rejectedBy }) => `${node} ${verdict} ${rejectedBy?.plugin ?? ''}`.trim());
}

/** What it was refused with. */
async function refusal(pods: Pod[], name: string): Promise<ApiError> {
  try {
    await explained(pods, name);
  } catch (error) {
    assert.instance(error, ApiError);
    return error as ApiError;
  }
  assert.unreachable('it was not refused');
  throw new Error('unreachable');
}

const two = [pod('a', { asks: { cpu: '1' } }), pod('b', { asks: { cpu: '1' } })];

for (const decider of DECIDER_KINDS) {
  test(`explainPod, ${decider}: every node has a verdict, the chosen one first`, async () => {
    assert.equal(await verdicts(two, 'a', { decider }), ['n1 chosen', 'n2 rejected NodeUnschedulable']);
  });
  test(`explainPod, ${decider}: after the others, their places are taken`, async () => {
    const after = await verdicts(two, 'b', { decider, after: true });
    assert.equal(after, ['n1 rejected NodeResourcesFit', 'n2 rejected NodeUnschedulable']);
  });
}
test('explainPod: a pod that runs is taken off its node first', async () => {
  assert.is((await verdicts([pod('a', { on: 'n1', asks: { cpu: '1' } })], 'a'))[0], 'n1 chosen');
});

const named = [pod('x', { namespace: 'one' }), pod('x', { namespace: 'two' }), pod('y', { namespace: 'one' })];
const found = [
  { name: 'a name that one pod has is enough, in whatever namespace', pods: named, asked: 'y', is: 'one/y' },
  { name: 'a name in full is that pod', pods: named, asked: 'two/x', is: 'two/x' },
  { name: 'namespace default goes before others', pods: [...named, pod('x')], asked: 'x', is: 'default/x' },
];
for (const { name, pods, asked, is } of found) {
  test(`explainPod: ${name}`, async () => assert.is((await explained(pods, asked)).pod, is));
}
test('explainPod: a name that two pods have must be said in full', async () => {
  assert.match((await refusal(named, 'x')).message, /say which: one\/x, two\/x/);
});
test('explainPod: a name that nobody has is refused with the names there are', async () => {
  const error = await refusal(named, 'z');
  assert.instance(error, NoSuchPod);
  assert.ok((error as NoSuchPod).names.includes('one/y'));
});
test("explainPod: another scheduler's pod is refused", async () => {
  const other = pod('a', { spec: { schedulerName: 'other' } });
  assert.match((await refusal([other], 'a')).message, /asks for scheduler other/);
});

test.run();
