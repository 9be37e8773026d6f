/** IPv6 through the userspace data plane, with sockets at both ends: TCP, HTTP, UDP, and who the client is. */
import { createSocket } from 'node:dgram';
import { createServer, request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFeed } from '../../../runtime/proxy/feed.ts';
import { placesFor } from '../../../runtime/proxy/places.ts';
import { Backend, closeOpened, echo, endpointAt, proxied, say, until } from '../../support/proxied.ts';

const LOOPBACK = '::1';
const there = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === LOOPBACK));
if (!there && process.env.CI === 'true') throw new Error('this machine has no IPv6 loopback address');
if (!there) console.log('skipped: IPv6 end to end, as this machine has no address ::1');
const options = { placesOf: () => [{ host: LOOPBACK, port: 0 }] };

function onSixth(name: string, run: () => Promise<void>): void {
  (there ? test : test.skip)(`IPv6: ${name}`, run);
}

onSixth('1 MiB over TCP there and back, to endpoints in turn, past one that refuses', async () => {
  const backends = await Promise.all([0, 1].map(() => Backend.listen(echo, LOOPBACK)));
  const endpoints = [endpointAt(LOOPBACK, 1), ...backends.map(({ port }) => endpointAt(LOOPBACK, port))];
  const port = await proxied(endpoints, {}, options);
  assert.is(port.host, LOOPBACK);
  const bytes = Buffer.alloc(1 << 20, 'keelson');
  for (let i = 0; i < 6; i++) {
    const { text, how } = await say(port, bytes);
    assert.is(how, 'end');
    assert.ok(Buffer.from(text, 'latin1').equals(bytes));
  }
  for (const backend of backends) assert.ok((backend.accepted.get(LOOPBACK) ?? 0) >= 2);
  const { services, counters } = port.plane.stats();
  assert.equal(new Set(services[0].endpoints.map(({ address }) => address)), new Set([LOOPBACK]));
  assert.ok(counters.retries > 0);
  await port.plane.close(0);
  for (const backend of backends) await backend.close();
});

onSixth('the PROXY header names the client', async () => {
  const heard: string[] = [];
  const backend = await Backend.listen((socket) => {
    socket.once('data', (chunk) => {
      heard.push(chunk.toString('latin1'));
      socket.end();
    });
  }, LOOPBACK);
  const port = await proxied([endpointAt(LOOPBACK, backend.port)], { sendProxyProtocol: 1 }, options);
  await say(port, 'x');
  assert.match(heard[0], new RegExp(`^PROXY TCP6 ::1 ::1 \\d+ ${port.port}\r\n`));
  await port.plane.close(0);
  await backend.close();
});

onSixth('an HTTP request, with who asked for it', async () => {
  const server = createServer(({ headers }, response) => response.end(headers['x-forwarded-for']));
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  const at = endpointAt(LOOPBACK, (server.address() as { port: number }).port);
  const port = await proxied([at], { protocol: 'http' }, options);
  const body = await new Promise<string>((resolve, reject) => {
    const sent = request({ host: port.host, port: port.port, agent: false }, (response) => {
      response.on('data', (chunk) => resolve(String(chunk)));
    });
    sent.on('error', reject).end();
  });
  assert.is(body, LOOPBACK);
  await port.plane.close(0);
  server.close();
});

onSixth('datagrams there and back', async () => {
  const backend = createSocket('udp6').on('message', (datagram, { port, address }) => {
    backend.send(`back: ${datagram}`, port, address);
  });
  await new Promise<void>((resolve) => backend.bind(0, LOOPBACK, resolve));
  const port = await proxied([endpointAt(LOOPBACK, backend.address().port)], { protocol4: 'UDP' }, options);
  const client = createSocket('udp6');
  const heard: string[] = [];
  client.on('message', (datagram) => heard.push(String(datagram)));
  client.send('hello', port.port, port.host);
  await until(() => heard.length === 1, 'an answer comes');
  assert.equal(heard, ['back: hello']);
  client.close();
  backend.close();
  await port.plane.close(0);
});

test('IPv6: a Service of both families is served at an address of each', () => {
  const text = `
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  clusterIP: 10.96.0.10
  clusterIPs: [10.96.0.10, "fd00::10"]
  ipFamilies: [IPv4, IPv6]
  ipFamilyPolicy: RequireDualStack
  ports: [{port: 80, nodePort: 30080}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-6, labels: {kubernetes.io/service-name: web}}
addressType: IPv6
endpoints: [{addresses: ["fd00:1::7"]}]
ports: [{port: 8080}]`;
  const { table } = readFeed(Buffer.from(text), 'f.yaml');
  const places = placesFor('127.0.0.1', []);
  const nodePorts = [...table.frontends.values()].filter(({ kind }) => kind === 'NodePort');
  assert.equal(
    nodePorts.map((one) => [one.family, places(one), one.fromOutside.verdict]),
    [
      ['IPv4', [{ host: '127.0.0.1', port: 30080 }], 'reject'],
      ['IPv6', [{ host: '::1', port: 30080 }], 'forward'],
    ],
  );
});

test.after(closeOpened);
test.run();
