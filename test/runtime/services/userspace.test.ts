/** Services of a whole cluster, carried by the userspace data plane to real containers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Pod, V1Service } from '@kubernetes/client-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../core/index.ts';
import type { ApiClient } from '../../../runtime/api/client.ts';
import { type RunningCluster, startCluster } from '../../../runtime/up/cluster.ts';
import { BUSYBOX_IMAGE, startDockerd } from '../../support/dockerd.ts';
import { enterOwnNetwork } from '../../support/own-network.ts';

enterOwnNetwork();
const dockerd = await startDockerd();
const dataDir = mkdtempSync(join(tmpdir(), 'keelson-services-'));
const problems: Error[] = [];
let cluster: RunningCluster;
let client: ApiClient;

async function until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 40_000;
  while (Date.now() < end) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((next) => setTimeout(next, 25));
  }
  const all = [...client.view.list('', 'pods', 'default')].map((pod) =>
    JSON.stringify((pod as unknown as V1Pod).status),
  );
  throw new Error(`${what} did not come about; ${problems.map(String)} ${all.join('\n')}`);
}

const SERVE = 'mkdir /www; hostname > /www/index.html; trap "exit 0" TERM; httpd -p 8080 -h /www; sleep 1000 & wait';

async function deploy(name: string, replicas: number): Promise<void> {
  await client.create({ group: 'apps', resource: 'deployments' }, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 5,
          containers: [
            {
              name: 'a',
              image: BUSYBOX_IMAGE,
              imagePullPolicy: 'IfNotPresent',
              command: ['sh', '-c', SERVE],
              readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  } as unknown as KubeObject);
}

async function expose(name: string): Promise<V1Service> {
  const service = await client.create({ group: '', resource: 'services' }, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { type: 'NodePort', selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
  } as unknown as KubeObject);
  return service as unknown as V1Service;
}

/** The pod that answered. */
function ask(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host, port, agent: false, timeout: 5000 }, (response) => {
      let text = '';
      response.on('data', (part) => (text += part));
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text.trim()) : reject(new Error(`${response.statusCode}`)),
      );
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', reject);
  });
}

const podsOf = (app: string): V1Pod[] =>
  ([...client.view.list('', 'pods', 'default')] as unknown as V1Pod[]).filter(
    (pod) => pod.metadata?.labels?.app === app,
  );
const isReady = ({ status, metadata }: V1Pod): boolean =>
  !metadata?.deletionTimestamp && status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';

if (dockerd) {
  test.before(async () => {
    cluster = await startCluster({
      dataDir,
      store: 'memory',
      host: '127.0.0.1',
      port: 0,
      insecure: true,
      nodes: 0,
      docker: { host: dockerd.host, allowPrivileged: false, nodeName: 'real' },
      proxy: 'userspace',
      problem: (error) => void problems.push(error),
    });
    client = cluster.server.client;
  });
  test.after(async () => {
    await cluster?.stop();
    await dockerd.close();
    rmSync(dataDir, { recursive: true, force: true });
    assert.equal(problems.map(String), []);
  });

  test('a node port answers at all addresses, and pods are deleted under requests without one that fails', async () => {
    await deploy('web', 3);
    const { spec } = await expose('web');
    const port = spec?.ports?.[0].nodePort ?? 0;
    await until('three pods ready', () => podsOf('web').filter(isReady).length === 3);
    await until('three answer', async () => {
      const names = new Set(
        await Promise.all(Array.from({ length: 20 }, () => ask('127.0.0.1', port))).catch(() => []),
      );
      return names.size === 3;
    });
    assert.match(await ask('192.0.2.10', port), /^web-/);
    let [asked, stopped] = [0, false];
    const failures: string[] = [];
    const clients = Array.from({ length: 4 }, async () => {
      while (!stopped) {
        await ask('127.0.0.1', port).catch((error: Error) => failures.push(error.message));
        asked++;
      }
    });
    for (let round = 0; round < 3; round++) {
      const [victim] = podsOf('web').filter(isReady);
      await client.delete({ group: '', resource: 'pods' }, 'default', victim.metadata?.name ?? '');
      await until('it is gone', () => !podsOf('web').some(({ metadata }) => metadata?.uid === victim.metadata?.uid));
      await until('another one is ready', () => podsOf('web').filter(isReady).length === 3);
    }
    stopped = true;
    await Promise.all(clients);
    assert.ok(asked > 100, `${asked} requests`);
    assert.equal(failures, []);
  });
}

test.run();
