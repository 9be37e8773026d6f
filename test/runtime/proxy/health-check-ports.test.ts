/** Health check node ports over real sockets: what load balancers are told, to the byte, and which ports are open. */
import { connect } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatProblem } from '../../../core/errors.ts';
import { type Feed, readFeed } from '../../../runtime/proxy/feed.ts';
import { HealthCheckPorts } from '../../../runtime/proxy/health-check-ports.ts';
import { Backend, closeOpened } from '../../support/proxied.ts';

/** Where the next one is looked for: node ports are below those that the system gives out by itself. */
let next = 30_000 + (process.pid % 2_700);

/** Node ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    const held = await heldPort();
    await held.close();
    found.push(held.port);
  }
  return found;
}

async function heldPort(): Promise<Backend> {
  for (;;) {
    next = next === 32_767 ? 30_000 : next + 1;
    const held = await Backend.listen(() => {}, '127.0.0.1', next).catch(() => undefined);
    if (held) return held;
  }
}

const service = (name: string, healthPort: number): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  healthCheckNodePort: ${healthPort}
  ports: [{name: a, port: 80}, {name: b, port: 81}]
---`;

/** @param endpoints address, node, conditions. */
const slice = (name: string, ...endpoints: [string, string, string][]): string => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}-x, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
endpoints: [${endpoints.map(([ip, node, is]) => `{addresses: [${ip}], nodeName: ${node}, conditions: {${is}}}`).join(', ')}]
ports: [{name: a, port: 8080}, {name: b, port: 8081}]
---`;

const READY = 'ready: true';
const LEAVING = 'ready: false, serving: true, terminating: true';

const feedOf = (text: string): Feed => readFeed(Buffer.from(text), 'f.yaml', { nodeName: 'n1' });

interface Heard {
  status: number;
  headers: Record<string, string | null>;
  body: string;
}

async function ask(port: number, path = '/'): Promise<Heard> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } });
  const names = ['content-type', 'x-content-type-options', 'x-load-balancing-endpoint-weight'];
  const headers = Object.fromEntries(names.map((name) => [name, response.headers.get(name)]));
  return { status: response.status, headers, body: await response.text() };
}

function isClosed(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(false)).on('error', () => resolve(true));
    socket.on('connect', () => socket.destroy());
  });
}

const answers: {
  name: string;
  endpoints: [string, string, string][];
  healthy: boolean;
  status: number;
  count: number;
}[] = [
  {
    name: 'two ready endpoints here',
    endpoints: [
      ['10.0.0.1', 'n1', READY],
      ['10.0.0.2', 'n1', READY],
    ],
    healthy: true,
    status: 200,
    count: 2,
  },
  {
    name: 'one here and one elsewhere',
    endpoints: [
      ['10.0.0.1', 'n1', READY],
      ['10.0.0.2', 'n2', READY],
    ],
    healthy: true,
    status: 200,
    count: 1,
  },
  { name: 'all elsewhere', endpoints: [['10.0.0.1', 'n2', READY]], healthy: true, status: 503, count: 0 },
  {
    name: 'only one that leaves, though it still serves',
    endpoints: [['10.0.0.1', 'n1', LEAVING]],
    healthy: true,
    status: 503,
    count: 0,
  },
  {
    name: 'a proxy that does not serve',
    endpoints: [['10.0.0.1', 'n1', READY]],
    healthy: false,
    status: 503,
    count: 1,
  },
];
for (const { name, endpoints, healthy, status, count } of answers) {
  test(`health check: ${name} is ${status}`, async () => {
    const [port] = await freePorts(1);
    const ports = new HealthCheckPorts({ host: '127.0.0.1', proxyHealthy: () => healthy });
    assert.equal(await ports.set(feedOf(service('web', port) + slice('web', ...endpoints))), []);
    const said = await ask(port, '/any/path');
    assert.equal(said, {
      status,
      headers: {
        'content-type': 'application/json',
        'x-content-type-options': 'nosniff',
        'x-load-balancing-endpoint-weight': String(count),
      },
      body:
        '{\n\t"service": {\n\t\t"namespace": "default",\n\t\t"name": "web"\n\t},\n' +
        `\t"localEndpoints": ${count},\n\t"serviceProxyHealthy": ${healthy}\n}`,
    });
    await ports.close();
    assert.ok(await isClosed(port));
  });
}

test('health check: the answer follows the table, ports come and go with their Services', async () => {
  const [first, second] = await freePorts(2);
  const ports = new HealthCheckPorts({ host: '127.0.0.1', proxyHealthy: () => true });
  const one = service('web', first);
  await ports.set(feedOf(one + slice('web', ['10.0.0.1', 'n1', READY])));
  assert.is((await ask(first)).status, 200);
  await ports.set(feedOf(one + slice('web', ['10.0.0.1', 'n1', LEAVING]) + service('api', second)));
  assert.is((await ask(first)).status, 503);
  assert.is((await ask(second)).status, 503);
  await ports.set(feedOf(service('api', second) + slice('api', ['10.0.0.9', 'n1', READY])));
  assert.ok(await isClosed(first));
  assert.is((await ask(second)).status, 200);
  await ports.close();
});

test('health check: a port of another program is told, and tried again with the next table', async () => {
  const held = await heldPort();
  const ports = new HealthCheckPorts({ host: '127.0.0.1', proxyHealthy: () => true });
  const feed = feedOf(service('web', held.port) + slice('web', ['10.0.0.1', 'n1', READY]));
  const said = (await ports.set(feed)).map(formatProblem);
  assert.is(said.length, 1);
  assert.match(said[0], /^service default\/web: spec\.healthCheckNodePort: .*EADDRINUSE/);
  await held.close();
  assert.equal(await ports.set(feed), []);
  assert.is((await ask(held.port)).status, 200);
  await ports.close();
});

test('health check: a Service that names no port gets one, as from the API server', () => {
  const { table } = feedOf(service('web', 0).replace('healthCheckNodePort: 0', 'loadBalancerClass: x'));
  const [port] = table.healthChecks.keys();
  assert.ok(port >= 30_000 && port <= 32_767, String(port));
});

test.after(closeOpened);
test.run();
