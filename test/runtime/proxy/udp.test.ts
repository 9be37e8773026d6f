/** UDP through a data plane: sessions, their end, and what is cut. */
import { createSocket, type Socket } from 'node:dgram';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BackendEndpoint } from '../../../core/balancer/endpoint.ts';
import type { UserspaceOptions, UserspacePlane } from '../../../runtime/proxy/userspace/plane.ts';
import {
  closeOpened,
  endpointAt,
  type PortOptions,
  type ProxiedPort,
  proxied,
  until,
  wait,
} from '../../support/proxied.ts';

type Port = ProxiedPort & { plane: UserspacePlane };

/** Answers each datagram with its own name and the datagram. */
async function origin(address: string): Promise<{ endpoint: BackendEndpoint; socket: Socket }> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  socket.on('message', (datagram, { port, address: to }) => socket.send(`${address} ${datagram}`, port, to));
  return { endpoint: endpointAt(address, socket.address().port), socket };
}

class Client {
  readonly heard: string[] = [];
  readonly #socket = createSocket('udp4');
  readonly #to: { host: string; port: number };

  constructor(to: { host: string; port: number }) {
    this.#to = to;
    this.#socket.on('message', (datagram) => this.heard.push(String(datagram)));
  }

  async ask(words: string): Promise<string> {
    const before = this.heard.length;
    this.send(words);
    await until(() => this.heard.length > before, `an answer to ${words}`);
    return this.heard[before];
  }

  send(words: string): void {
    this.#socket.send(words, this.#to.port, this.#to.host);
  }

  close(): void {
    this.#socket.close();
  }
}

async function withOrigins(
  use: (port: Port, endpoints: readonly BackendEndpoint[]) => Promise<void>,
  settings: PortOptions = {},
  options: Partial<UserspaceOptions> = {},
): Promise<void> {
  const origins = await Promise.all(['127.0.1.1', '127.0.1.2'].map(origin));
  const endpoints = origins.map(({ endpoint }) => endpoint);
  const port = await proxied(endpoints, { protocol4: 'UDP', ...settings }, options);
  try {
    await use(port, endpoints);
  } finally {
    await port.plane.close(0);
    for (const { socket } of origins) socket.close();
  }
}

const sessions = (port: Port): number => port.plane.stats().activeSessions;

test('udp: a client stays with its endpoint while it speaks, and clients are dealt out', async () => {
  await withOrigins(async (port) => {
    const clients = Array.from({ length: 20 }, () => new Client(port));
    const seen = new Set<string>();
    for (const client of clients) {
      const first = (await client.ask('a')).split(' ')[0];
      assert.is(await client.ask('b'), `${first} b`);
      seen.add(first);
    }
    assert.is(seen.size, 2);
    assert.is(sessions(port), 20);
    for (const client of clients) client.close();
  });
});

test('udp: a burst before the session is connected arrives whole and in order', async () => {
  await withOrigins(async (port) => {
    const client = new Client(port);
    for (let i = 0; i < 20; i++) client.send(String(i));
    await until(() => client.heard.length === 20, 'all are answered');
    assert.equal(
      client.heard.map((text) => text.split(' ')[1]),
      Array.from({ length: 20 }, (_, i) => String(i)),
    );
    client.close();
  });
});

test('udp: sessions of an endpoint that is taken out are cut, also of the last one', async () => {
  await withOrigins(async (port, endpoints) => {
    const client = new Client(port);
    const [had] = (await client.ask('a')).split(' ');
    const other = endpoints.filter(({ address }) => address !== had);
    await port.set(other);
    assert.is(sessions(port), 0, 'acknowledged: it is cut');
    assert.is(await client.ask('b'), `${other[0].address} b`);
    await port.set([]);
    assert.is(sessions(port), 0);
    client.send('c');
    await until(() => port.plane.stats().counters.noEndpoint > 0, 'nobody is there');
    await port.set(endpoints);
    assert.match(await client.ask('d'), / d$/);
    client.close();
  });
});

test('udp: a drain cuts its sessions and is over at once', async () => {
  await withOrigins(async (port, endpoints) => {
    const client = new Client(port);
    const [had] = (await client.ask('a')).split(' ');
    const endpoint = endpoints.find(({ address }) => address === had) as BackendEndpoint;
    assert.equal(await port.plane.drain(endpoint, 5000), { ended: true, inFlight: 0 });
    assert.not((await client.ask('b')).startsWith(had));
    client.close();
  });
});

test('udp: a session without a datagram for the idle timeout is over', async () => {
  await withOrigins(
    async (port) => {
      const client = new Client(port);
      await client.ask('a');
      assert.is(sessions(port), 1);
      await until(() => sessions(port) === 0, 'it is over');
      assert.is(port.plane.stats().counters.idleTimeouts, 1);
      assert.match(await client.ask('b'), / b$/);
      client.close();
    },
    { idleTimeoutMs: 200 },
  );
});

test('udp: at the limit of sessions a new client is not answered, those there are', async () => {
  await withOrigins(
    async (port) => {
      const [a, b, c] = [new Client(port), new Client(port), new Client(port)];
      await a.ask('x');
      await b.ask('x');
      c.send('x');
      await until(() => port.plane.stats().counters.overLimit === 1, 'the third is refused');
      await a.ask('y');
      await wait(50);
      assert.is(c.heard.length, 0);
      for (const client of [a, b, c]) client.close();
    },
    {},
    { maxSessions: 2 },
  );
});

test('udp: an endpoint where nobody listens ends its session, and the next datagram tries again', async () => {
  const { endpoint, socket } = await origin('127.0.1.1');
  const port = await proxied([endpointAt('127.0.9.9', 9), endpoint], { protocol4: 'UDP' }, { threads: 1 });
  const client = new Client(port);
  for (let i = 0; i < 4; i++) {
    client.send(String(i));
    await wait(50);
  }
  assert.ok(client.heard.length >= 2, client.heard.join());
  assert.ok(port.plane.stats().counters.upstreamErrors > 0);
  client.close();
  await port.plane.close(0);
  socket.close();
});

test.after(closeOpened);
test.run();
