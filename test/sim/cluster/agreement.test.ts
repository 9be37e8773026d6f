/**
 * A small story through the simulator and through a cluster of `keelson up` with made-up nodes: the same controllers end
 * with the same objects. Names are compared without what is drawn, and times are not compared.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../core/index.ts';
import type { ApiClient } from '../../../runtime/api/client.ts';
import { nodeObject } from '../../../runtime/node/made-up/node-objects.ts';
import { startCluster } from '../../../runtime/up/cluster.ts';
import { budget, deployment, podSpec, simulationOf } from '../../support/simulated-cluster.ts';

// biome-ignore lint/suspicious/noExplicitAny: the test reaches into objects of every kind.
type Any = any;

const NODES = 3;
const UP_TO_WEB = budget('web', { minAvailable: 3 });
const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', uid: 'service-web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }], clusterIP: 'None' },
} as KubeObject;
const SHOP = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', uid: 'namespace-shop' } } as KubeObject;

const strict = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } };
const inShop = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, namespace: 'shop', uid: `shop-${object.metadata.name}` },
});

function objects(): KubeObject[] {
  return [
    SHOP,
    SERVICE,
    UP_TO_WEB,
    deployment('web', 4, strict, podSpec('500m')),
    deployment('old', 2),
    inShop(deployment('cart', 2)),
  ];
}

const RESOURCES: Readonly<Record<string, { group: string; resource: string }>> = {
  Namespace: { group: '', resource: 'namespaces' },
  Node: { group: '', resource: 'nodes' },
  Lease: { group: 'coordination.k8s.io', resource: 'leases' },
  Deployment: { group: 'apps', resource: 'deployments' },
  ReplicaSet: { group: 'apps', resource: 'replicasets' },
  Pod: { group: '', resource: 'pods' },
  Service: { group: '', resource: 'services' },
  Endpoints: { group: '', resource: 'endpoints' },
  EndpointSlice: { group: 'discovery.k8s.io', resource: 'endpointslices' },
  PodDisruptionBudget: { group: 'policy', resource: 'poddisruptionbudgets' },
};
/** What only the whole server makes. */
const SERVERS_OWN = ['kube-system', 'kube-public', 'kubernetes'];

/** What is compared, in words that sort. */
function summary(list: (kind: string) => Iterable<KubeObject>): string[] {
  const lines: string[] = [];
  for (const kind of Object.keys(RESOURCES)) {
    for (const object of list(kind) as Iterable<Any>) {
      const { name, namespace = '' } = object.metadata;
      if (SERVERS_OWN.includes(name) || SERVERS_OWN.includes(namespace)) continue;
      lines.push(`${kind} ${namespace}/${kind === 'Pod' ? '' : plain(kind, name)} ${JSON.stringify(said(object))}`);
    }
  }
  return lines.sort();
}

/** Without the hash of a template, which is of all that a server fills in, and without what is drawn. */
function plain(kind: string, name: string): string {
  return kind === 'ReplicaSet' || kind === 'EndpointSlice' ? name.replace(/-[a-z0-9]+$/, '') : name;
}

function said({ kind, metadata, spec, status, endpoints, subsets }: Any): object {
  const owner = (metadata.ownerReferences ?? []).map((one: Any) => `${one.kind} ${plain(one.kind, one.name)}`).join();
  const conditions = (status?.conditions ?? [])
    .map((one: Any) => `${one.type} ${one.status} ${kind === 'Deployment' ? one.reason : ''}`)
    .sort();
  const of = (names: string[]): object => Object.fromEntries(names.map((name) => [name, status?.[name] ?? 0]));
  if (kind === 'Pod') {
    const { image } = spec.containers[0];
    const started = status.containerStatuses.map((one: Any) => [one.ready, one.restartCount]);
    return { owner, image, phase: status.phase, conditions, started, isBound: Boolean(spec.nodeName) };
  }
  if (kind === 'Deployment') {
    const counts = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas'];
    const isSeen = status.observedGeneration === metadata.generation;
    return { owner, asked: spec.replicas, ...of(counts), conditions, isSeen, revision: revisionOf(metadata) };
  }
  if (kind === 'ReplicaSet') {
    const counts = of(['replicas', 'readyReplicas', 'availableReplicas', 'fullyLabeledReplicas']);
    return { owner, asked: spec.replicas, ...counts, revision: revisionOf(metadata) };
  }
  if (kind === 'PodDisruptionBudget') {
    return { ...of(['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods']), conditions };
  }
  if (kind === 'EndpointSlice') {
    return { owner, ready: endpoints.map((one: Any) => [one.conditions, one.targetRef?.kind]) };
  }
  if (kind === 'Endpoints') return { addresses: (subsets ?? []).flatMap((one: Any) => one.addresses ?? []).length };
  if (kind === 'Node') {
    const taints = (spec?.taints ?? []).map((one: Any) => `${one.key}:${one.effect}`).sort();
    return { taints, unschedulable: spec?.unschedulable ?? false, conditions };
  }
  return { owner, phase: status?.phase ?? '' };
}

function revisionOf({ annotations }: KubeObject['metadata']): string | undefined {
  return annotations?.['deployment.kubernetes.io/revision'];
}

async function simulated(): Promise<string[]> {
  const nodes = Array.from({ length: NODES }, (_, i) => nodeObject(i, 'v1', 0));
  const simulation = simulationOf([...nodes, ...objects()], {
    events:
      '1m set-image deployment=web image=web:2; 3m scale deployment=web replicas=5; 4m drain node-1; ' +
      '6m delete deployment/old; 7m delete namespace/shop; 8m uncordon node-1',
  });
  const run = await simulation.run();
  assert.ok((run.events[2].drained?.evicted ?? 0) > 0, 'the drained node had pods');
  return summary((kind) => simulation.api.objects.list(RESOURCES[kind]));
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 2000; i++) {
    if (await holds()) return;
    await new Promise((next) => setTimeout(next, 10));
  }
  throw new Error(`${what} did not come about`);
}

async function inCluster(client: ApiClient, url: string): Promise<string[]> {
  const list = (kind: string, namespace = 'default'): Any[] => {
    const { group, resource } = RESOURCES[kind];
    return [...client.view.list(group, resource, namespace)];
  };
  const whole = (name: string, namespace: string, replicas: number): boolean => {
    const found = list('Deployment', namespace).find(({ metadata }) => metadata.name === name);
    const { observedGeneration, updatedReplicas, availableReplicas, replicas: all } = found?.status ?? {};
    const counts = [updatedReplicas, availableReplicas, all];
    return observedGeneration === found?.metadata.generation && counts.every((count) => count === replicas);
  };
  const patch = (kind: string, namespace: string, name: string, body: object): Promise<KubeObject> =>
    client.patch(RESOURCES[kind], namespace, name, body, { type: 'strategic' });

  for (const { metadata, ...object } of objects()) {
    const { uid: _, ...rest } = metadata;
    await client.create(RESOURCES[object.kind], { ...object, metadata: rest } as KubeObject);
  }
  await until(
    'all Deployments',
    () => whole('web', 'default', 4) && whole('old', 'default', 2) && whole('cart', 'shop', 2),
  );
  const containers = [{ name: 'main', image: 'web:2' }];
  await patch('Deployment', 'default', 'web', { spec: { template: { spec: { containers } } } });
  await until('the new image', () => whole('web', 'default', 4));
  await patch('Deployment', 'default', 'web', { spec: { replicas: 5 } });
  await until('five pods', () => whole('web', 'default', 5));
  assert.ok((await drain(client, url, 'node-1')) > 0, 'the drained node had pods');
  await until(
    'five pods elsewhere',
    () => whole('web', 'default', 5) && whole('old', 'default', 2) && whole('cart', 'shop', 2),
  );
  await client.delete(RESOURCES.Deployment, 'default', 'old');
  await client.delete(RESOURCES.Namespace, '', 'shop');
  await patch('Node', '', 'node-1', { spec: { unschedulable: null } });
  const all = (): string[] =>
    summary((kind) => client.view.list(RESOURCES[kind].group, RESOURCES[kind].resource) as Iterable<KubeObject>);
  const gone = (text: string): boolean => /old|shop|unschedulable:|"unschedulable":true/.test(text);
  await until('what is deleted is gone', () => !all().some(gone) && whole('web', 'default', 5));
  await until('the budget counts five', () => list('PodDisruptionBudget')[0].status.currentHealthy === 5);
  await until('five endpoints', () => list('EndpointSlice').some(({ endpoints }) => endpoints?.length === 5));
  await until('five addresses', () => list('Endpoints').some(({ subsets }) => subsets?.[0]?.addresses?.length === 5));
  return all();
}

/** @returns how many were evicted. */
async function drain(client: ApiClient, url: string, node: string): Promise<number> {
  let evicted = 0;
  await client.patch(RESOURCES.Node, '', node, { spec: { unschedulable: true } }, { type: 'strategic' });
  const onNode = (): Any[] => [...client.view.list('', 'pods')].filter((pod: Any) => pod.spec.nodeName === node);
  await until('the node is empty', async () => {
    for (const { metadata } of onNode()) {
      const { name, namespace } = metadata;
      const body = JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } });
      const path = `${url}/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
      const answer = await fetch(path, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      await answer.text();
      if (answer.status === 201) evicted++;
      else assert.ok([404, 429].includes(answer.status), `${answer.status} of an eviction`);
    }
    return onNode().length === 0;
  });
  return evicted;
}

test('a story of two worlds ends with the same objects', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'keelson-agreement-'));
  const problems: Error[] = [];
  const cluster = await startCluster({
    dataDir,
    store: 'memory',
    host: '127.0.0.1',
    port: 0,
    insecure: true,
    nodes: NODES,
    problem: (error) => void problems.push(error),
  });
  let real: string[];
  try {
    real = await inCluster(cluster.server.client, cluster.url);
  } finally {
    await cluster.stop();
    rmSync(dataDir, { recursive: true });
  }
  assert.equal(problems, []);
  assert.ok(real.length > 15, real.join('\n'));
  assert.equal(await simulated(), real);
});

test.run();
