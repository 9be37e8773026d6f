/** A whole cluster in this process: pods are decided, run on made-up nodes, end and go; a second start goes on. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject, Pod } from '../../../core/index.ts';
import type { ApiClient } from '../../../runtime/api/client.ts';
import { type ClusterOptions, type RunningCluster, startCluster } from '../../../runtime/up/cluster.ts';

const PODS = { group: '', resource: 'pods' };
const problems: Error[] = [];

function start(options: Partial<ClusterOptions> & { dataDir: string }): Promise<RunningCluster> {
  return startCluster({
    store: 'memory',
    host: '127.0.0.1',
    port: 0,
    insecure: true,
    nodes: 3,
    problem: (error) => void problems.push(error),
    ...options,
  });
}

function pod(name: string, more: object = {}, metadata: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', ...metadata },
    spec: { containers: [{ name: 'a', image: 'a:1', resources: { requests: { cpu: '1' } } }], ...more },
  } as KubeObject;
}

/** Polls the cache: everything that is written arrives there. */
async function until<T>(what: string, look: () => T | undefined): Promise<T> {
  for (let i = 0; i < 2000; i++) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((next) => setTimeout(next, 5));
  }
  throw new Error(
    `${what} did not come about; problems: ${problems.map(({ message, cause }) => `${message} ${cause}`)}`,
  );
}

const find = (client: ApiClient, name: string): Pod | undefined =>
  client.view.get('', 'pods', 'default', name) as Pod | undefined;
const inPhase = (client: ApiClient, name: string, phase: string) => () => {
  const found = find(client, name);
  return found?.status?.phase === phase ? found : undefined;
};

const test = suite<{ dataDir: string; cluster: RunningCluster }>('cluster');
test.before(async (context) => {
  context.dataDir = mkdtempSync(join(tmpdir(), 'keelson-up-'));
  context.cluster = await start({ dataDir: context.dataDir });
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

test('a pod is decided, runs, and says so in its conditions', async ({ cluster }) => {
  const { client } = cluster.server;
  await client.create(PODS, pod('one'));
  const running = await until('the pod runs', inPhase(client, 'one', 'Running'));
  assert.match(running.spec.nodeName ?? '', /^node-[012]$/);
  const status = running.status as unknown as { podIP: string; conditions: { type: string; status: string }[] };
  assert.match(status.podIP, /^10\.128\.[012]\.\d+$/);
  for (const type of ['PodScheduled', 'Ready', 'ContainersReady']) {
    assert.is(status.conditions.find((one) => one.type === type)?.status, 'True', type);
  }
  const event = await until('the event', () =>
    [...client.view.list('', 'events', 'default')].find((one) => (one as { reason?: string }).reason === 'Scheduled'),
  );
  assert.match((event as { message?: string }).message ?? '', /^Successfully assigned default\/one to node-\d$/);
});

test('a pod that fits nowhere says why, and is decided when room comes', async ({ cluster }) => {
  const { client } = cluster.server;
  const wide = { containers: [{ name: 'a', image: 'a:1', resources: { requests: { cpu: '31' } } }] };
  for (const i of [0, 1, 2]) await client.create(PODS, pod(`wide-${i}`, wide));
  await until('the wide pods run', () =>
    [0, 1, 2].every((i) => inPhase(client, `wide-${i}`, 'Running')()) ? true : undefined,
  );
  await client.create(PODS, pod('late', wide));
  const waiting = await until('the reason', () => {
    const found = find(client, 'late');
    return found?.status?.conditions?.some(({ reason }) => reason === 'Unschedulable') ? found : undefined;
  });
  assert.match(JSON.stringify(waiting.status?.conditions), /0\/3 nodes are available: 3 Insufficient cpu/);
  await client.delete(PODS, 'default', 'wide-1');
  await until('the late pod runs', inPhase(client, 'late', 'Running'));
  for (const name of ['wide-0', 'wide-2', 'late']) await client.delete(PODS, 'default', name);
  await until('they are gone', () => (find(client, 'late') ? undefined : true));
});

test('a pod of higher priority evicts one of lower', async ({ cluster }) => {
  const { client } = cluster.server;
  await client.create({ group: 'scheduling.k8s.io', resource: 'priorityclasses' }, {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'high' },
    value: 1000,
  } as KubeObject);
  const wide = { containers: [{ name: 'a', image: 'a:1', resources: { requests: { cpu: '30' } } }] };
  for (const i of [0, 1, 2]) await client.create(PODS, pod(`low-${i}`, wide));
  await until('the low pods run', () =>
    [0, 1, 2].every((i) => inPhase(client, `low-${i}`, 'Running')()) ? true : undefined,
  );
  await client.create(PODS, pod('urgent', { ...wide, priorityClassName: 'high' }));
  await until('the urgent pod runs', inPhase(client, 'urgent', 'Running'));
  const left = [0, 1, 2].filter((i) => find(client, `low-${i}`));
  assert.is(left.length, 2);
  for (const name of [...left.map((i) => `low-${i}`), 'urgent']) await client.delete(PODS, 'default', name);
});

test('a pod that runs for a while ends with the code it was told', async ({ cluster }) => {
  const { client } = cluster.server;
  const annotations = { 'keelson.dev/made-up-run': '10ms', 'keelson.dev/made-up-exit-code': '3' };
  await client.create(PODS, pod('short', { restartPolicy: 'Never' }, { annotations }));
  const ended = await until('it fails', inPhase(client, 'short', 'Failed'));
  assert.match(JSON.stringify(ended.status), /"exitCode":3/);
});

test('a deleted pod goes, and its address is given out again', async ({ cluster }) => {
  const { client } = cluster.server;
  await client.delete(PODS, 'default', 'one');
  await until('it is gone', () => (find(client, 'one') ? undefined : true));
});

test('more pods than a node has addresses for do not exist: 110 is the limit of a node', async ({ cluster }) => {
  const { client } = cluster.server;
  const tiny = { containers: [{ name: 'a', image: 'a:1' }] };
  const created = Array.from({ length: 331 }, (_, i) => client.create(PODS, pod(`many-${i}`, tiny)));
  await Promise.all(created);
  const pods = () =>
    [...client.view.list('', 'pods', 'default')].filter(({ metadata }) => metadata.name.startsWith('many-')) as Pod[];
  await until('all that fit run', () =>
    pods().filter(({ status }) => status?.phase === 'Running').length >= 330 - 1 ? true : undefined,
  );
  const addresses = pods()
    .map(({ status }) => (status as { podIP?: string }).podIP)
    .filter(Boolean);
  assert.is(new Set(addresses).size, addresses.length, 'no address is given out twice');
});

test('a second start with the same store goes on where the first one ended', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'keelson-up-'));
  const first = await start({ dataDir, store: 'lmdb', nodes: 2 });
  await first.server.client.create(PODS, pod('stays'));
  const before = await until('it runs', inPhase(first.server.client, 'stays', 'Running'));
  await first.stop();
  const second = await start({ dataDir, store: 'lmdb', nodes: 2 });
  const after = find(second.server.client, 'stays');
  assert.equal(after?.metadata.uid, before.metadata.uid);
  assert.is(after?.spec.nodeName, before.spec.nodeName);
  await second.server.client.create(PODS, pod('new'));
  await until('a new pod runs', inPhase(second.server.client, 'new', 'Running'));
  assert.is(statSync(dataDir).mode & 0o077, 0, 'nobody else may read the keys');
  await second.stop();
  rmSync(dataDir, { recursive: true });
});

test.run();
