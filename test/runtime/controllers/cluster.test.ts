/** Controllers at work in a whole cluster: what users ask for comes about, and what they delete goes with all it owns. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../core/index.ts';
import type { ApiClient } from '../../../runtime/api/client.ts';
import { type RunningCluster, startCluster } from '../../../runtime/up/cluster.ts';
import { deployment } from '../../support/api-server.ts';

const DEPLOYMENTS = { group: 'apps', resource: 'deployments' };
const REPLICA_SETS = { group: 'apps', resource: 'replicasets' };
const NAMESPACES = { group: '', resource: 'namespaces' };
const PODS = { group: '', resource: 'pods' };
const CONFIG_MAPS = { group: '', resource: 'configmaps' };
const problems: Error[] = [];

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 4000; i++) {
    if (holds()) return;
    await new Promise((next) => setTimeout(next, 5));
  }
  throw new Error(
    `${what} did not come about; problems: ${problems.map(({ message, cause }) => `${message} ${cause}`)}`,
  );
}

// biome-ignore lint/suspicious/noExplicitAny: tests reach into objects of every kind.
type Any = any;
const list = (client: ApiClient, group: string, resource: string, namespace = 'default'): Any[] => [
  ...client.view.list(group, resource, namespace),
];
const pods = (client: ApiClient, namespace?: string): Any[] =>
  list(client, '', 'pods', namespace).filter(({ metadata }) => !metadata.deletionTimestamp);
const running = (client: ApiClient, image: string): number =>
  pods(client).filter(({ spec, status }) => status?.phase === 'Running' && spec.containers[0].image === image).length;

function named(name: string, namespace = 'default'): KubeObject {
  const made = deployment(name, 3) as KubeObject;
  return { ...made, metadata: { ...made.metadata, namespace } };
}

const test = suite<{ dataDir: string; cluster: RunningCluster; client: ApiClient }>('controllers in a cluster');
test.before(async (context) => {
  context.dataDir = mkdtempSync(join(tmpdir(), 'keelson-controllers-'));
  context.cluster = await startCluster({
    dataDir: context.dataDir,
    store: 'memory',
    host: '127.0.0.1',
    port: 0,
    insecure: true,
    nodes: 3,
    problem: (error) => void problems.push(error),
  });
  context.client = context.cluster.server.client;
});
test.after(async ({ cluster, dataDir }) => {
  await cluster.stop();
  rmSync(dataDir, { recursive: true });
  assert.equal(
    problems.map(({ message, cause }) => `${message}: ${cause}`),
    [],
    'nothing went wrong meanwhile',
  );
});

test('a Deployment runs, is rolled and scaled', async ({ client }) => {
  await client.create(DEPLOYMENTS, named('web'));
  await until('three pods run', () => running(client, 'nginx') === 3);
  const containers = [{ name: 'c', image: 'nginx:2' }];
  const patch = { spec: { replicas: 4, template: { spec: { containers } } } };
  await client.patch(DEPLOYMENTS, 'default', 'web', patch, { type: 'strategic' });
  await until(
    'four pods of the new image run, and no other',
    () => running(client, 'nginx:2') === 4 && pods(client).length === 4,
  );
  await until('the status says so', () => {
    const [{ status, metadata }] = list(client, 'apps', 'deployments');
    return status.availableReplicas === 4 && status.observedGeneration === metadata.generation;
  });
});

test('a controller may do what its own account may, and nodes what nodes may', async ({ client }) => {
  const bindings = { group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings' };
  const name = 'system:controller:replicaset-controller';
  const { metadata, ...binding } = await client.get(bindings, '', name);
  await client.delete(bindings, '', name);
  const of = (): Any[] => pods(client).filter((pod) => pod.metadata.labels.app === 'barred');
  await client.create(DEPLOYMENTS, named('barred'));
  const events = (): string[] => list(client, '', 'events').map(({ message }) => message);
  const account = 'system:serviceaccount:kube-system:replicaset-controller';
  const set = (): Any => list(client, 'apps', 'replicasets').find((one) => one.metadata.labels.app === 'barred');
  await until('its set is made by another controller', () => set() !== undefined);
  const refused = await client
    .as({ name: account, groups: [] })
    .create({ group: '', resource: 'pods' }, set())
    .catch((error: Error) => error.message);
  assert.match(String(refused), new RegExp(`User "${account}" cannot create resource "pods"`));
  assert.equal([of().length, set().status?.replicas ?? 0], [0, 0], events().join());

  await client.create(bindings, { ...binding, metadata: { name, labels: metadata.labels } } as KubeObject);
  await until('its pods run', () => of().filter(({ status }) => status.phase === 'Running').length === 3);
  const managers = of()[0].metadata.managedFields.map(({ manager, subresource }: Any) => `${manager} ${subresource}`);
  assert.ok(managers.includes('kubelet status'), managers.join());
  await client.delete(DEPLOYMENTS, 'default', 'barred');
  await until('they go', () => of().length === 0);
});

test('a pod that somebody says is not ready, and is, is ready again', async ({ client }) => {
  const [{ metadata }] = pods(client);
  const said = (): Any => {
    const { status } = client.view.get('', 'pods', 'default', metadata.name) as Any;
    return status.conditions.find(({ type }: Any) => type === 'Ready');
  };
  const body = {
    status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
  };
  const target = { group: '', resource: 'pods' };
  await client.patch(target, 'default', metadata.name, body, { type: 'strategic', subresource: 'status' });
  await until('it is', () => said().status === 'True' && said().lastTransitionTime !== '2026-01-01T00:00:00Z');
});

test('a Service has the pods as its endpoints, in slices and in one object', async ({ client }) => {
  const spec = { selector: { app: 'web' }, ports: [{ port: 80 }] };
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec };
  await client.create({ group: '', resource: 'services' }, service as KubeObject);
  const ofWeb = (one: Any): boolean => one.metadata.labels?.['kubernetes.io/service-name'] === 'web';
  await until(
    'four endpoints',
    () => list(client, 'discovery.k8s.io', 'endpointslices').find(ofWeb)?.endpoints.length === 4,
  );
  const object = (): Any => client.view.get('', 'endpoints', 'default', 'web');
  await until('four addresses', () => object()?.subsets?.[0].addresses.length === 4);
  await client.delete({ group: '', resource: 'services' }, 'default', 'web');
  await until(
    'they go with the Service',
    () => !object() && !list(client, 'discovery.k8s.io', 'endpointslices').some(ofWeb),
  );
});

test('a budget says how many pods may go', async ({ client }) => {
  const spec = { minAvailable: 3, selector: { matchLabels: { app: 'web' } } };
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace: 'default' },
    spec,
  };
  await client.create({ group: 'policy', resource: 'poddisruptionbudgets' }, budget as KubeObject);
  await until('one', () => list(client, 'policy', 'poddisruptionbudgets')[0].status?.disruptionsAllowed === 1);
});

test('a quota goes down when pods go', async ({ client }) => {
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default' },
    spec: { hard: { pods: '9' } },
  };
  await client.create({ group: '', resource: 'resourcequotas' }, quota as KubeObject);
  const used = (): string => list(client, '', 'resourcequotas')[0].status?.used?.pods;
  await until('four are used', () => used() === '4');
  await client.patch(DEPLOYMENTS, 'default', 'web', { spec: { replicas: 1 } }, { type: 'merge' });
  await until('one is used', () => used() === '1');
  await client.delete({ group: '', resource: 'resourcequotas' }, 'default', 'q');
});

test('orphans stay, and are taken in again', async ({ client }) => {
  await client.delete(DEPLOYMENTS, 'default', 'web', { propagationPolicy: 'Orphan' });
  await until('the Deployment goes', () => list(client, 'apps', 'deployments').length === 0);
  const sets = list(client, 'apps', 'replicasets');
  assert.ok(sets.length > 0 && sets.every(({ metadata }) => !metadata.ownerReferences));
  const uids = pods(client).map(({ metadata }) => metadata.uid);
  await client.create(DEPLOYMENTS, {
    ...named('web'),
    spec: {
      ...(named('web') as Any).spec,
      replicas: 1,
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'c', image: 'nginx:2', imagePullPolicy: 'Always' }] },
      },
    },
  } as KubeObject);
  await until('the sets are the new one’s', () =>
    list(client, 'apps', 'replicasets').every(({ metadata }) => metadata.ownerReferences?.length === 1),
  );
  await until(
    'the status counts its pod',
    () => list(client, 'apps', 'deployments')[0].status?.availableReplicas === 1,
  );
  assert.equal(
    pods(client).map(({ metadata }) => metadata.uid),
    uids,
    'the pods are the same',
  );
});

test('in the foreground the dependents go first', async ({ client }) => {
  let early = false;
  const watch = client.watch(DEPLOYMENTS, {
    namespace: 'default',
    onEvents(events) {
      early ||= events.some(({ type }) => type === 'DELETED') && list(client, 'apps', 'replicasets').length > 0;
    },
  });
  await client.delete(DEPLOYMENTS, 'default', 'web', { propagationPolicy: 'Foreground' });
  await until('all go', () => list(client, 'apps', 'deployments').length + list(client, '', 'pods').length === 0);
  watch.stop();
  assert.not.ok(early);
});

test('in the background the dependents go afterwards', async ({ client }) => {
  await client.create(DEPLOYMENTS, named('web'));
  await until('three pods run', () => running(client, 'nginx') === 3);
  await client.delete(DEPLOYMENTS, 'default', 'web');
  await until('all go', () => list(client, 'apps', 'replicasets').length + list(client, '', 'pods').length === 0);
});

test('a namespace goes with all that is in it', async ({ client }) => {
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'gone' } });
  await until('its account is there', () => list(client, '', 'serviceaccounts', 'gone').length === 1);
  await client.create(DEPLOYMENTS, named('web', 'gone'));
  await until('three pods', () => pods(client, 'gone').length === 3);
  await client.delete(NAMESPACES, '', 'gone');
  await until('it goes', () => !client.view.get('', 'namespaces', '', 'gone'));
  assert.equal([list(client, '', 'pods', 'gone'), list(client, 'apps', 'replicasets', 'gone')], [[], []]);
});

test('the pods of a namespace go before what they run by', async ({ client }) => {
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ordered' } });
  const metadata = { name: 'held', namespace: 'ordered' };
  await client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  await until('its account is there', () => list(client, '', 'serviceaccounts', 'ordered').length === 1);
  const finalizers = ['example.com/hold'];
  await client.create(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, finalizers },
    spec: { containers: [{ name: 'c', image: 'c:1' }] },
  } as KubeObject);
  await client.delete(NAMESPACES, '', 'ordered');
  const held = (): Any => client.view.get('', 'pods', 'ordered', 'held');
  await until('its pod is to go', () => held()?.metadata.deletionTimestamp);
  await until('what remains is told', () =>
    JSON.stringify(client.view.get('', 'namespaces', '', 'ordered')).includes(
      'example.com/hold in 1 resource instances',
    ),
  );
  assert.is(client.view.get('', 'configmaps', 'ordered', 'held')?.metadata.deletionTimestamp, undefined);
  assert.is(list(client, '', 'configmaps', 'ordered').length, 2, 'its own and the authority');
  await client.patch(PODS, 'ordered', 'held', { metadata: { finalizers: null } }, { type: 'merge' });
  await until('it goes', () => !client.view.get('', 'namespaces', '', 'ordered'));
});

test('what holds a namespace is told in its conditions', async ({ client }) => {
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'held' } });
  const metadata = { name: 'c', namespace: 'held', finalizers: ['example.com/hold'] };
  await client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  await client.delete(NAMESPACES, '', 'held');
  const conditions = (): string =>
    JSON.stringify((client.view.get('', 'namespaces', '', 'held') as Any)?.status.conditions ?? []);
  await until('the finalizer is told', () => conditions().includes('example.com/hold in 1 resource instances'));
  await client.patch(CONFIG_MAPS, 'held', 'c', { metadata: { finalizers: null } }, { type: 'merge' });
  await until('it goes', () => !client.view.get('', 'namespaces', '', 'held'));
});

test('the account and the authority of a namespace come back', async ({ client }) => {
  await client.delete({ group: '', resource: 'serviceaccounts' }, 'default', 'default');
  await client.patch(
    { group: '', resource: 'configmaps' },
    'default',
    'kube-root-ca.crt',
    { data: { 'ca.crt': 'x' } },
    { type: 'merge' },
  );
  await until('the account', () => client.view.get('', 'serviceaccounts', 'default', 'default') !== undefined);
  await until(
    'the authority',
    () => (client.view.get('', 'configmaps', 'default', 'kube-root-ca.crt') as Any).data['ca.crt'] !== 'x',
  );
});

test('an aggregated role takes in the rules of a new one', async ({ client }) => {
  const ROLES = { group: 'rbac.authorization.k8s.io', resource: 'clusterroles' };
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
  const rules = [{ apiGroups: ['example.com'], resources: ['things'], verbs: ['get'] }];
  await client.create(ROLES, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'things', labels },
    rules,
  } as KubeObject);
  await until('view has it', () =>
    JSON.stringify(client.view.get(ROLES.group, ROLES.resource, '', 'view')).includes('"things"'),
  );
});

test('a pod leaves a node that it does not tolerate', async ({ client }) => {
  await client.create(DEPLOYMENTS, named('web'));
  await until('three pods run', () => running(client, 'nginx') === 3);
  const taints = [{ key: 'a', effect: 'NoExecute' }];
  await client.patch({ group: '', resource: 'nodes' }, '', 'node-0', { spec: { taints } }, { type: 'merge' });
  await until(
    'all are elsewhere',
    () => running(client, 'nginx') === 3 && pods(client).every(({ spec }) => spec.nodeName !== 'node-0'),
  );
  assert.is(list(client, REPLICA_SETS.group, REPLICA_SETS.resource).length, 1);
});

test.run();
