/** Endpoints that fail get nothing for a while, by what traffic or probes say of them; and what else stands before a policy. */
import { createServer, request, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BackendEndpoint } from '../../../core/balancer/endpoint.ts';
import type { Balance } from '../../../runtime/proxy/balance.ts';
import {
  Backend,
  closeOpened,
  endpointAt,
  greet,
  type PortOptions,
  proxied,
  sayMany,
  until,
  wait,
} from '../../support/proxied.ts';

const REFUSES = endpointAt('127.0.9.9', 1);
/** Swept as often as it is looked at, so that an ejection is over when its time is. */
const outlier = (more: Balance['outlier'] = {}): Balance => ({
  outlier: { consecutiveFailures: 3, intervalSeconds: 0.05, baseEjectionSeconds: 60, maxEjectedPercent: 50, ...more },
});

/** With one worker, as threads take their time to start. */
const alone: typeof proxied = (endpoints, settings) => proxied(endpoints, settings, { threads: 1 });

async function ask({ host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve) => {
    const sent = request({ host, port, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', () => resolve(0)).end();
  });
}

/** HTTP endpoints that answer with a status that may change. */
async function web(statusOf: (address: string, path: string) => number): Promise<{ server: Server; port: number }> {
  const server = createServer(({ socket, url = '' }, response) => {
    response.writeHead(statusOf(socket.localAddress ?? '', url)).end('x');
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  return { server, port: (server.address() as { port: number }).port };
}

const there = (port: number, count: number): BackendEndpoint[] =>
  Array.from({ length: count }, (_, i) => endpointAt(`127.0.1.${i + 1}`, port));

test('ejection: an endpoint that refuses three times in a row is not tried again, and comes back when its time is over', async () => {
  const backend = await Backend.listen(greet);
  const port = await proxied([REFUSES, ...backend.endpoints(3)], { balance: outlier({ baseEjectionSeconds: 1 }) });
  const counters = (): Record<string, number> => port.plane.stats().counters;
  for (let i = 0; i < 20 && counters().ejections === 0; i++) await sayMany(port, 10);
  assert.is(counters().ejections, 1);
  assert.is(counters().ejected, 1);
  assert.equal(
    port.plane.stats().services[0].endpoints.map(({ ejected = false }) => ejected),
    [true, false, false, false],
  );
  const before = counters().connectFailures;
  assert.ok(before >= 3);
  await sayMany(port, 20);
  assert.ok(counters().connectFailures <= before + 2, 'a worker may have had it in hand');
  await until(() => counters().ejected === 0, 'it is let in again');
  const after = counters().connectFailures;
  await until(() => {
    void sayMany(port, 2);
    return counters().connectFailures > after;
  }, 'it is tried again');
  await port.plane.close(0);
  await backend.close();
});

test('ejection: an endpoint that answers 500 is out, and clients see no more of it', async () => {
  const { server, port: at } = await web((address) => (address === '127.0.1.2' ? 500 : 200));
  const port = await alone(there(at, 4), { protocol: 'http', balance: outlier() });
  let failed = 0;
  for (let i = 0; i < 400 && port.plane.stats().counters.ejections === 0; i++) if ((await ask(port)) === 500) failed++;
  assert.is(port.plane.stats().counters.ejections, 1);
  assert.ok(failed >= 3);
  await ask(port);
  for (let i = 0; i < 20; i++) assert.is(await ask(port), 200);
  await port.plane.close(0);
  server.close();
});

test('ejection: no more than the percentage is out, however many fail', async () => {
  const { server, port: at } = await web((address) => (address === '127.0.1.4' ? 200 : 500));
  const port = await alone(there(at, 4), { protocol: 'http', balance: outlier({ maxEjectedPercent: 50 }) });
  for (let i = 0; i < 200; i++) await ask(port);
  await until(() => port.plane.stats().counters.ejected === 2, 'two of four are out');
  await port.plane.close(0);
  server.close();
});

test('ejection: a change of the table keeps out who is out, and the end of the annotation lets all in', async () => {
  const { server, port: at } = await web((address) => (address === '127.0.1.1' ? 500 : 200));
  const options: PortOptions = { protocol: 'http', balance: outlier() };
  const port = await alone(there(at, 3), options);
  for (let i = 0; i < 400 && port.plane.stats().counters.ejections === 0; i++) await ask(port);
  await port.set(there(at, 4));
  assert.is(port.plane.stats().counters.ejected, 1);
  for (let i = 0; i < 12; i++) assert.is(await ask(port), 200);
  const backends = {
    name: 'default/web:/TCP/IPv4/Cluster',
    protocol: 'TCP',
    endpoints: there(at, 4),
    policy: 'round-robin',
    affinitySeconds: 0,
  };
  await port.plane.apply(100, { frontends: [], frontendsGone: [], backends: [backends], backendsGone: [] });
  assert.is(port.plane.stats().counters.ejected, 0);
  const heard = new Set(await Promise.all(Array.from({ length: 12 }, () => ask(port))));
  assert.equal(heard, new Set([200, 500]));
  await port.plane.close(0);
  server.close();
});

for (const { name, path } of [
  { name: 'a path that it answers with 503', path: '/ready' },
  { name: 'a connection that it refuses', path: undefined },
]) {
  test(`probes: an endpoint is out by ${name}, without any traffic, and back once it is well`, async () => {
    let ill = true;
    const { server, port: at } = await web((address, url) =>
      ill && url === '/ready' && address === '127.0.1.1' ? 503 : 200,
    );
    const target = path === undefined ? await refusing() : undefined;
    const first = target ? target.endpoint : there(at, 1)[0];
    const probe = { path, intervalMs: 100, timeoutMs: 1000, failures: 2 };
    const port = await alone([first, ...there(at, 3).slice(1)], { protocol: 'http', balance: { probe } });
    const counters = (): Record<string, number> => port.plane.stats().counters;
    await until(() => counters().ejected === 1, 'it is out');
    assert.ok(counters().probeFailures >= 2);
    ill = false;
    await target?.open();
    await until(() => counters().ejected === 0, 'it is back');
    await port.plane.close(0);
    await target?.close();
    server.close();
  });
}

/** A port that nobody has, until it is opened. */
async function refusing(): Promise<{ endpoint: BackendEndpoint; open(): Promise<void>; close(): Promise<void> }> {
  const held = await Backend.listen(greet, '127.0.1.1');
  const { port } = held;
  await held.close();
  let opened: Backend | undefined;
  const open = async (): Promise<void> => {
    opened = await Backend.listen((socket: Socket) => socket.end(), '127.0.1.1', port);
  };
  return { endpoint: endpointAt('127.0.1.1', port), open, close: async () => opened?.close() };
}

test('probes: where all endpoints fail, all are used', async () => {
  const backend = await Backend.listen(greet);
  const probe = { path: '/x', intervalMs: 100, timeoutMs: 100, failures: 1 };
  const port = await alone(backend.endpoints(3), { balance: { probe } });
  await until(() => port.plane.stats().counters.ejected === 3, 'all are out');
  assert.is(new Set(await sayMany(port, 12)).size, 3);
  await port.plane.close(0);
  await backend.close();
});

const zoned = (backend: Backend, zones: string): BackendEndpoint[] =>
  [...zones].map((zone, i) => ({ ...backend.endpoint(i + 1), zone, nodeName: `n-${zone}` }));

const placed: { name: string; zones: string; balance: Balance; who: RegExp }[] = [
  {
    name: 'priorities: the own zone alone, while it is whole',
    zones: 'aab',
    balance: { levels: { by: 'zone', node: 'n', zone: 'a' } },
    who: /^[12]+$/,
  },
  {
    name: 'priorities: another zone, where the own has none',
    zones: 'bb',
    balance: { levels: { by: 'zone', node: 'n', zone: 'a' } },
    who: /^[12]+$/,
  },
  {
    name: 'zones: the own carries all that comes there, with endpoints as clients are',
    zones: 'aaabbb',
    balance: { zones: { local: 'a', clients: { a: 1, b: 1 } } },
    who: /^[123]+$/,
  },
  {
    name: 'zones: ignored below six endpoints',
    zones: 'ab',
    balance: { zones: { local: 'a', clients: { a: 1, b: 1 } } },
    who: /^(?=.*1)(?=.*2)[12]+$/,
  },
  {
    name: 'subset: two endpoints of six',
    zones: 'aaaaaa',
    balance: { subset: { client: 0, size: 2 } },
    who: /^(.)\1*(.)(\1|\2)*$/,
  },
];
for (const { name, zones, balance, who } of placed) {
  test(name, async () => {
    const backend = await Backend.listen(greet);
    const port = await alone(zoned(backend, zones), { balance });
    const heard = await sayMany(port, 40);
    assert.match(heard.map((address) => address.at(-1)).join(''), who);
    await port.plane.close(0);
    await backend.close();
  });
}

test('slow start: a new endpoint begins with part of its share', async () => {
  const backend = await Backend.listen(greet);
  const port = await alone(backend.endpoints(1), { balance: { slowStart: { windowSeconds: 3600 } } });
  await port.set(backend.endpoints(2));
  await sayMany(port, 110);
  const count = backend.accepted.get('127.0.1.2') ?? 0;
  assert.ok(count >= 2 && count <= 25, `${count} of 110 with a tenth of the weight`);
  await port.plane.close(0);
  await backend.close();
});

test('slow start: it has its whole share when the window is over, without a change of the table', async () => {
  const backend = await Backend.listen(greet);
  const port = await alone(backend.endpoints(1), { balance: { slowStart: { windowSeconds: 1.5, minWeight: 0.01 } } });
  await port.set(backend.endpoints(2));
  for (let i = 0; i < 100; i++) {
    const heard = await sayMany(port, 20);
    if (heard.filter((address) => address === '127.0.1.2').length === 10) break;
    assert.ok(i < 99, 'never a half of the connections');
    await wait(50);
  }
  await port.plane.close(0);
  await backend.close();
});

test.after(closeOpened);
test.run();
