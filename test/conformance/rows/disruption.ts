/** Evictions: by budgets, by taints, by those of higher priority. Source: Kubernetes v1.36, test/e2e/{apps/disruption,node/taints,scheduling/preemption,auth/service_accounts}.go. */
import * as assert from 'uvu/assert';
import { ownerOf, podOf, running, turned } from '../kit/pods.ts';
import { type Body, eventually, held, refused } from '../kit/resource.ts';
import type { Check, Row } from '../row.ts';

const RESOURCE = 'scheduling.k8s.io/foo';
const TAINT = 'kubernetes.io/e2e-evict-taint-key';

export const DISRUPTION: readonly Row[] = [
  { id: 'C063', run: blocksEvictions },
  {
    id: 'C065',
    async run(check) {
      const budgets = check.namespaced('policy/v1', 'poddisruptionbudgets');
      await budgets.create(budget({ minAvailable: 1 }));
      await turned(budgets, 'foo', 'allows none', ({ status, metadata }) => {
        return status.observedGeneration === metadata.generation && status.disruptionsAllowed === 0;
      });
      await threePods(check);
      const { status } = await turned(budgets, 'foo', 'allows two', (one) => one.status.disruptionsAllowed === 2);
      assert.is(status.currentHealthy, 3);
      assert.is(status.desiredHealthy, 1);
      assert.is(status.expectedPods, 3);
      assert.is(status.conditions.find(({ type }: Body) => type === 'DisruptionAllowed').status, 'True');
    },
  },
  {
    id: 'C202',
    async run(check) {
      const node = await aNode(check);
      const pods = check.namespaced('v1', 'pods');
      await pods.create(onNode('soon', node, 1));
      await pods.create(onNode('later', node, 2));
      for (const name of ['soon', 'later'])
        await turned(pods, name, 'runs', ({ status }) => status.phase === 'Running');
      const watch = pods.watch();
      await taint(check, node, true);
      try {
        await pods.gone('soon');
        await pods.gone('later');
        const gone = watch.events.filter(({ type }) => type === 'DELETED').map(({ object }) => object.metadata.name);
        assert.equal(gone, ['soon', 'later']);
        const evicted = watch.events.find(({ object }) => object.metadata.deletionTimestamp)?.object;
        assert.is(evicted.status.conditions.find(({ type }: Body) => type === 'DisruptionTarget')?.status, 'True');
      } finally {
        watch.stop();
        await taint(check, node, false);
      }
    },
  },
  {
    id: 'C203',
    async run(check) {
      const node = await aNode(check);
      const pods = check.namespaced('v1', 'pods');
      await pods.create(onNode('stays', node, 1));
      const { metadata } = await turned(pods, 'stays', 'runs', ({ status }) => status.phase === 'Running');
      await taint(check, node, true);
      await new Promise((next) => setTimeout(next, 200));
      await taint(check, node, false);
      await new Promise((next) => setTimeout(next, 1500));
      const now = await pods.get('stays');
      assert.is(now.metadata.uid, metadata.uid);
      assert.is(now.metadata.deletionTimestamp, undefined);
    },
  },
  { id: 'C253', run: preemptsReplicas },
  {
    id: 'C099',
    async run(check) {
      const maps = check.namespaced('v1', 'configmaps');
      const name = 'kube-root-ca.crt';
      const { data } = await turned(maps, name, 'is there', () => true).catch(async () => maps.get(name));
      assert.match(data['ca.crt'], /BEGIN CERTIFICATE/);
      await maps.delete(name);
      await eventually('it is made anew', async () => (await check.api.get(`${maps.path}/${name}`)).code === 200);
      assert.equal((await maps.get(name)).data, data);
      await maps.change(name, (map) => ({ ...map, data: { 'ca.crt': '' } }));
      await turned(maps, name, 'is repaired', (map) => map.data['ca.crt'] === data['ca.crt']);
    },
  },
];

const budget = (spec: object): Body => ({
  metadata: { name: 'foo' },
  spec: { selector: { matchLabels: { name: 'foo' } }, ...spec },
});

async function threePods(check: Check): Promise<void> {
  const pods = check.namespaced('v1', 'pods');
  for (let i = 0; i < 3; i++) await pods.create(podOf(`pod-${i}`, { name: 'foo' }));
  await running(check, 'foo', 3);
}

async function blocksEvictions(check: Check): Promise<void> {
  const budgets = check.namespaced('policy/v1', 'poddisruptionbudgets');
  const pods = check.namespaced('v1', 'pods');
  const evict = (name: string) =>
    check.api.post(`${pods.path}/${name}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace: check.namespace },
    });
  const settled = (is: string, allowed: number) =>
    turned(budgets, 'foo', is, ({ metadata, status }) => {
      return status.observedGeneration === metadata.generation && status.disruptionsAllowed === allowed;
    });
  await budgets.create(budget({ minAvailable: 3 }));
  await threePods(check);
  await settled('allows none', 0);
  refused(await evict('pod-0'), 429, 'TooManyRequests');
  await budgets.change('foo', (object) => ({ ...object, spec: { ...object.spec, minAvailable: 2 } }));
  await settled('allows one', 1);
  held(await evict('pod-0'), 201);
  await pods.gone('pod-0');
  await budgets.patch('foo', 'merge', { spec: { minAvailable: null, maxUnavailable: 0 } });
  await settled('allows none any more', 0);
  refused(await evict('pod-1'), 429, 'TooManyRequests');
  await budgets.delete('foo');
  await eventually('it may go', async () => (await evict('pod-1')).code === 201);
}

async function aNode({ everywhere }: Check): Promise<string> {
  return (await everywhere('v1', 'nodes').list()).items[0].metadata.name;
}

function onNode(name: string, node: string, tolerationSeconds: number): Body {
  const tolerations = [{ key: TAINT, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }];
  return podOf(name, {}, { tolerations, nodeSelector: { 'kubernetes.io/hostname': node } });
}

async function taint(check: Check, node: string, on: boolean): Promise<void> {
  await check.everywhere('v1', 'nodes').change(node, (object) => {
    const others = (object.spec.taints ?? []).filter(({ key }: Body) => key !== TAINT);
    const taints = on ? [...others, { key: TAINT, value: 'evictTaintVal', effect: 'NoExecute' }] : others;
    return { ...object, spec: { ...object.spec, taints } };
  });
}

/** Three sets fill a node but for a twentieth; a pod that wants half of it displaces the two lowest. */
async function preemptsReplicas(check: Check): Promise<void> {
  const label = `kubernetes.io/e2e-${check.unique}`;
  const node = await aNode(check);
  const nodes = check.everywhere('v1', 'nodes');
  await nodes.patch(node, 'merge', { metadata: { labels: { [label]: '42' } } });
  await nodes.patch(
    node,
    'strategic',
    { status: { capacity: { [RESOURCE]: '1000' }, allocatable: { [RESOURCE]: '1000' } } },
    'status',
  );
  const classes = check.everywhere('scheduling.k8s.io/v1', 'priorityclasses');
  for (let i = 1; i <= 4; i++) await classes.create({ metadata: { name: `${check.unique}-p${i}` }, value: i });
  const taking = (priority: number, amount: string): Body => ({
    priorityClassName: `${check.unique}-p${priority}`,
    nodeSelector: { [label]: '42' },
    terminationGracePeriodSeconds: 0,
    containers: [
      { name: 'c', image: 'pause', resources: { requests: { [RESOURCE]: amount }, limits: { [RESOURCE]: amount } } },
    ],
  });
  const pods = check.namespaced('v1', 'pods');
  const watch = pods.watch();
  const sets = check.namespaced('apps/v1', 'replicasets');
  for (const [i, amount] of ['200', '300', '450'].entries()) {
    const name = `rs-pod${i + 1}`;
    const set = ownerOf('ReplicaSet', name, 1);
    set.spec.template.spec = taking(i + 1, amount);
    await sets.create(set);
    await running(check, name, 1);
  }
  await pods.create(podOf('pod4', {}, taking(4, '500')));
  await turned(pods, 'pod4', 'runs', ({ status }) => status.phase === 'Running');
  const made = (name: string): number =>
    watch.events.filter(({ type, object }) => type === 'ADDED' && object.metadata.labels?.name === name).length;
  await eventually(
    'the two that were displaced are replaced',
    async () => made('rs-pod1') === 2 && made('rs-pod2') === 2,
  );
  assert.is(made('rs-pod3'), 1);
  await running(check, 'rs-pod3', 1);
  watch.stop();
  await sets.deleteCollection();
  await pods.delete('pod4', { gracePeriodSeconds: 0 });
}
