/** Requests that go on to pods, through pods and Services. The server behind them is one of this process. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { streamHandlers } from '../../../../runtime/api/streams/handlers.ts';
import { proxyName } from '../../../../runtime/api/streams/proxy.ts';
import type { PodStreams } from '../../../../runtime/node/pod-streams.ts';
import { plainPod, startApi, type TestServer } from '../../../support/api-server.ts';

for (const { text, is } of [
  { text: 'web', is: { scheme: '', name: 'web', port: '' } },
  { text: 'web:80', is: { scheme: '', name: 'web', port: '80' } },
  { text: 'https:web:', is: { scheme: 'https', name: 'web', port: '' } },
  { text: 'http:web:main', is: { scheme: 'http', name: 'web', port: 'main' } },
]) {
  assert.equal(proxyName(text), is);
}
for (const text of ['ftp:web:80', 'a:b:c:d', ':80']) assert.throws(() => proxyName(text), /invalid proxy request/);

const never = (): never => {
  throw new Error('nobody asks for it');
};

interface Context {
  behind: Server;
  /** What it was asked, newest last. */
  asked: string[];
  api: TestServer;
}

const test = suite<Context>('proxy');
test.before(async (context) => {
  context.asked = [];
  context.behind = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const { method, url, headers } = request;
      context.asked.push(`${method} ${url} ${Buffer.concat(parts)} ${headers.authorization ?? 'no credentials'}`);
      response.writeHead(url === '/broken' ? 500 : 200, { 'x-own': 'kept' }).end(`${method} ${url}`);
    });
  });
  await new Promise<void>((done) => context.behind.listen(0, '127.0.0.1', done));
  const { port: own } = context.behind.address() as AddressInfo;
  const forward = async (_pod: object, port: number, client: Duplex): Promise<void> => {
    if (port === 82) return void client.end('HTTP/1.0 200 OK\n\nbare');
    if (port !== 80) throw new Error('connection refused');
    const socket = connectTcp(own, '127.0.0.1');
    socket.pipe(client).pipe(socket);
    await new Promise((done) => socket.once('close', done));
  };
  const streams = { exec: never, attach: never, logs: never, forward } as PodStreams;
  context.api = await startApi({ connect: (view) => streamHandlers(streams, view, Date.now) });
  const { api } = context;
  const containers = [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }];
  await api.post('/api/v1/namespaces/default/pods', plainPod('web', { containers }));
  await api.patch('/api/v1/namespaces/default/pods/web/status', 'merge', { status: { podIP: '10.0.0.1' } });
  await api.post('/api/v1/namespaces/default/pods', plainPod('nowhere'));
  for (const name of ['web', 'empty']) {
    const spec = { ports: [{ name: 'main', port: 8000, targetPort: 80 }] };
    await api.post('/api/v1/namespaces/default/services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec,
    });
  }
  await api.post('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [
      { addresses: ['10.0.0.1'], conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'web' } },
      { addresses: ['10.0.0.9'], conditions: { ready: false } },
    ],
    ports: [{ name: 'main', port: 80 }],
  });
});
test.after(async ({ behind, api }) => {
  await api.close();
  await new Promise((done) => behind.close(done));
});

const PODS = '/api/v1/namespaces/default/pods';
const SERVICES = '/api/v1/namespaces/default/services';

for (const { name, path } of [
  { name: 'a pod, at its first port', path: `${PODS}/web` },
  { name: 'a pod, at a port', path: `${PODS}/web:80` },
  { name: 'a Service with one port', path: `${SERVICES}/web` },
  { name: 'a Service, by the name of its port', path: `${SERVICES}/web:main` },
  { name: 'a Service, by its port', path: `${SERVICES}/http:web:8000` },
]) {
  test(`${name}: every method, path, query and body goes on; credentials do not`, async ({ api, asked }) => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const bytes = method === 'GET' ? undefined : 'body';
      const answer = await api.ask(method, `${path}/proxy/a%2Fb/c?q=1`, {
        bytes,
        headers: { authorization: `Bearer ${api.server.auth.adminToken}` },
      });
      assert.is(answer.code, 200, answer.text);
      assert.is(answer.text, `${method} /a%2Fb/c?q=1`);
      assert.is(answer.headers['x-own'], 'kept');
      assert.is(asked.at(-1), `${method} /a%2Fb/c?q=1 ${bytes ?? ''} no credentials`);
    }
  });
}

test('what it answers comes back as it is', async ({ api }) => {
  assert.is((await api.get(`${PODS}/web/proxy/broken`)).code, 500);
});

test('a page without a path is asked for again with one, so that its links lie below it', async ({ api }) => {
  const { code, headers } = await api.get(`${PODS}/web/proxy?q=1`);
  assert.is(code, 301);
  assert.is(headers.location, `${PODS}/web/proxy/?q=1`);
  assert.is((await api.ask('POST', `${PODS}/web/proxy`)).text, 'POST /');
});

for (const { name, path, code, says } of [
  { name: 'no such pod', path: `${PODS}/none/proxy/`, code: 404, says: /pods "none" not found/ },
  { name: 'a pod without an address', path: `${PODS}/nowhere/proxy/`, code: 400, says: /address not allowed/ },
  { name: 'a port that is none', path: `${PODS}/web:x/proxy/`, code: 400, says: /invalid port/ },
  {
    name: 'a closed port',
    path: `${PODS}/web:81/proxy/`,
    code: 503,
    says: /trying to reach service: connection refused/,
  },
  { name: 'a Service without endpoints', path: `${SERVICES}/empty/proxy/`, code: 503, says: /no endpoints available/ },
  { name: 'a port that the Service lacks', path: `${SERVICES}/web:x/proxy/`, code: 503, says: /no service port "x"/ },
  { name: 'a scheme that is none', path: `${PODS}/ftp:web:80/proxy/`, code: 400, says: /invalid proxy request/ },
]) {
  test(`refused: ${name}`, async ({ api }) => {
    const answer = await api.get(path);
    assert.is(answer.code, code, answer.text);
    assert.match(answer.body.message, says);
  });
}

test('an answer whose lines end with a bare line feed is understood, as Go does', async ({ api }) => {
  assert.is((await api.get(`${PODS}/web:82/proxy/`)).text, 'bare');
});

test('nothing of this is a fault of the server', ({ api }) => assert.equal(api.problems, []));

test.run();
