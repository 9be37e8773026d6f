/** What follows an API over a data plane that is made up: when a pod may be ended. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../core/index.ts';
import type { ApiClient, WatchOptions } from '../../../runtime/api/client.ts';
import type { DataPlane, TableChanges } from '../../../runtime/proxy/data-plane.ts';
import { HealthCheckPorts } from '../../../runtime/proxy/health-check-ports.ts';
import { ServiceFollower } from '../../../runtime/services/follower.ts';

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', uid: 's', resourceVersion: '1' },
  spec: {
    clusterIP: '10.96.0.10',
    clusterIPs: ['10.96.0.10'],
    ipFamilies: ['IPv4'],
    ports: [{ port: 80, protocol: 'TCP' }],
  },
} as unknown as KubeObject;
const POD = { metadata: { name: 'p1', namespace: 'default', uid: 'u1' } } as KubeObject;

function slice(...uids: string[]): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'web-1',
      namespace: 'default',
      uid: 'e',
      resourceVersion: `${uids}`,
      labels: { 'kubernetes.io/service-name': 'web' },
    },
    addressType: 'IPv4',
    endpoints: uids.map((uid) => ({
      addresses: [`10.1.0.${uid.slice(1)}`],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: 'here',
      targetRef: { kind: 'Pod', uid },
    })),
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  } as unknown as KubeObject;
}

/** Says what it was told; acknowledges when it is let. */
class HandPlane implements DataPlane {
  readonly said: string[] = [];
  /** Who waits to be acknowledged, and to be drained. */
  readonly waiting: (() => void)[] = [];
  patient = false;

  apply(_version: number, { backends }: TableChanges): Promise<void> {
    for (const { endpoints } of backends) this.said.push(`to ${endpoints.map(({ address }) => address)}`);
    return this.#answer();
  }
  async drain({ address, port }: { address: string; port: number }) {
    this.said.push(`drain ${address}:${port}`);
    await this.#answer();
    return { ended: true, inFlight: 0 };
  }
  stats(): never {
    throw new Error('nobody asks');
  }
  health() {
    return { healthy: true, version: 1, workers: 1, wantedWorkers: 1, problems: [] };
  }
  async close(): Promise<void> {}

  #answer(): Promise<void> {
    return this.patient ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve();
  }
}

async function world(...uids: string[]) {
  const watches = new Map<string, WatchOptions>();
  const there: Record<string, KubeObject[]> = { services: [SERVICE], endpointslices: [slice(...uids)], nodes: [] };
  const client = {
    view: { get: () => undefined, list: () => [] },
    list: async ({ resource }: { resource: string }) => ({ items: there[resource], resourceVersion: '1' }),
    watch: ({ resource }: { resource: string }, options: WatchOptions) => {
      watches.set(resource, options);
      return { stop() {} };
    },
  } as unknown as ApiClient;
  const plane = new HandPlane();
  const problems: string[] = [];
  const checks = new HealthCheckPorts({ host: '127.0.0.1', proxyHealthy: () => true });
  const follower = new ServiceFollower({
    client,
    plane,
    checks,
    nodeName: 'here',
    problem: ({ message }) => void problems.push(message),
  });
  await follower.start();
  const sliceIs = (object: KubeObject): void => {
    watches.get('endpointslices')?.onEvents([{ type: 'MODIFIED', object }]);
  };
  return { follower, plane, problems, sliceIs };
}

/** All that is due now has happened. */
const turn = () => new Promise((next) => setImmediate(next));

test('a pod may be ended once its end is acknowledged, and what was under way there is over', async () => {
  const { follower, plane } = await world('u1', 'u2');
  assert.equal(plane.said, ['to 10.1.0.1,10.1.0.2']);
  plane.patient = true;
  let withdrawn = false;
  const done = follower.withdraw(POD, 10_000).then(() => (withdrawn = true));
  await turn();
  assert.equal(plane.said.slice(1), ['to 10.1.0.2']);
  assert.is(withdrawn, false, 'not before it is acknowledged');
  plane.waiting.shift()?.();
  await turn();
  assert.equal(plane.said.slice(2), ['drain 10.1.0.1:8080']);
  assert.is(withdrawn, false, 'not before what is under way has ended');
  plane.waiting.shift()?.();
  await done;
  follower.stop();
});

test('a slice that knows of no end yet does not bring the pod back; one that has it no more lets it come again', async () => {
  const { follower, plane, sliceIs } = await world('u1', 'u2');
  await follower.withdraw(POD, 10_000);
  sliceIs(slice('u1', 'u2', 'u3'));
  sliceIs(slice('u2'));
  sliceIs(slice('u1', 'u2'));
  const told = plane.said.filter((words) => words.startsWith('to '));
  assert.equal(told.slice(2), ['to 10.1.0.2,10.1.0.3', 'to 10.1.0.2', 'to 10.1.0.1,10.1.0.2']);
  follower.stop();
});

test('the last pod of a Service goes on answering until it has gone', async () => {
  const { follower, plane } = await world('u1');
  await follower.withdraw(POD, 10_000);
  assert.equal(plane.said, ['to 10.1.0.1']);
  follower.stop();
});

test('a data plane that does not answer delays the end to the limit, and is told', async () => {
  const { follower, plane, problems } = await world('u1', 'u2');
  plane.patient = true;
  await follower.withdraw(POD, 20);
  assert.equal(problems, ['the proxy did not acknowledge the end of pod u1 in 20 ms']);
  follower.stop();
});

test('a pod that no Service has, or that has no time left, is not waited for', async () => {
  const { follower, plane } = await world('u1', 'u2');
  plane.patient = true;
  await follower.withdraw({ metadata: { name: 'p9', namespace: 'default', uid: 'u9' } } as KubeObject, 10_000);
  await follower.withdraw(POD, 0);
  assert.equal(plane.said.slice(1), ['to 10.1.0.2']);
  follower.stop();
});

test.run();
