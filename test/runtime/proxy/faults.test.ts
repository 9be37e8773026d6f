/**
 * Endpoints and clients that misbehave, under load: nothing crashes, and what becomes of the others is counted and printed.
 * test/README.md has figures of one run.
 */
import { createServer, request, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BackendEndpoint } from '../../../core/balancer/endpoint.ts';
import type { Balance } from '../../../runtime/proxy/balance.ts';
import {
  Backend,
  closeOpened,
  deaf,
  echo,
  endpointAt,
  greet,
  proxied,
  say,
  until,
  wait,
} from '../../support/proxied.ts';

const BODY = 'x'.repeat(10_000);

/** Three good endpoints of HTTP, each with the whole body. */
async function goodServer(): Promise<{ server: Server; endpoints: BackendEndpoint[] }> {
  const server = createServer((_request, response) => response.end(BODY));
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as { port: number };
  return { server, endpoints: [1, 2, 3].map((n) => endpointAt(`127.0.3.${n}`, port)) };
}

/** Whether a whole and right response came. */
function ask({ host, port }: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request({ host, port, agent: false }, (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => (length += chunk.length));
      response.on('end', () => resolve(response.statusCode === 200 && length === BODY.length));
      response.on('error', () => resolve(false));
    });
    sent.on('error', () => resolve(false)).end();
  });
}

interface Faulty {
  readonly endpoint: BackendEndpoint;
  close(): Promise<unknown>;
}

async function served(serve: (socket: Socket) => void): Promise<Faulty> {
  const backend = await Backend.listen(serve, '127.0.4.1');
  return { endpoint: endpointAt('127.0.4.1', backend.port), close: () => backend.close() };
}

const HEAD = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\n\r\n`;

const faults: { name: string; start(): Promise<Faulty>; mayFail: boolean }[] = [
  {
    name: 'refuses connections',
    start: async () => ({ endpoint: endpointAt('127.0.9.9', 1), close: async () => {} }),
    mayFail: false,
  },
  { name: 'never accepts', start: deaf, mayFail: false },
  { name: 'accepts and says nothing', start: () => served((socket) => socket.resume()), mayFail: true },
  {
    name: 'resets in the middle of the body',
    start: () =>
      served((socket) =>
        socket.once('data', () => socket.write(HEAD + BODY.slice(0, 5_000), () => socket.resetAndDestroy())),
      ),
    mayFail: true,
  },
  {
    name: 'ends in the middle of the body',
    start: () => served((socket) => socket.once('data', () => socket.end(HEAD + BODY.slice(0, 5_000)))),
    mayFail: true,
  },
  {
    name: 'answers garbage',
    start: () => served((socket) => socket.once('data', () => socket.end('\0\x01\x02 no HTTP at all\r\n\r\n'))),
    mayFail: true,
  },
  {
    name: 'answers 500',
    start: () =>
      served((socket) => socket.once('data', () => socket.end('HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n'))),
    mayFail: true,
  },
];

const EJECTS: Balance = {
  outlier: { consecutiveFailures: 3, intervalSeconds: 0.1, baseEjectionSeconds: 300, maxEjectedPercent: 25 },
};
const REQUESTS = 200;

/** So many requests by eight clients at once. */
async function load(port: { host: string; port: number }): Promise<{ whole: number; failed: number }> {
  const counts = { whole: 0, failed: 0 };
  let left = REQUESTS;
  const client = async (): Promise<void> => {
    while (left-- > 0) counts[(await ask(port)) ? 'whole' : 'failed']++;
  };
  await Promise.all(Array.from({ length: 8 }, client));
  return counts;
}

for (const { name, start, mayFail } of faults) {
  test(`one endpoint of four ${name}: the others serve, and ejection ends it`, async () => {
    const good = await goodServer();
    const faulty = await start();
    const endpoints = [faulty.endpoint, ...good.endpoints];
    const settings = { protocol: 'http', connectTimeoutMs: 300, responseTimeoutMs: 300 } as const;
    const plain = await proxied(endpoints, settings);
    const without = await load(plain);
    await plain.plane.close(0);
    const ejecting = await proxied(endpoints, { ...settings, balance: EJECTS });
    const withEjection = await load(ejecting);
    await until(() => ejecting.plane.stats().counters.ejected === 1, 'it is out');
    await wait(20); // Requests that had picked it before.
    const after = await load(ejecting);
    console.log(
      `endpoint that ${name}: ${without.failed} of ${REQUESTS} requests failed without ejection, ` +
        `${withEjection.failed} with it, ${after.failed} of the next ${REQUESTS}`,
    );
    assert.is(after.failed, 0);
    assert.is(without.whole + without.failed, REQUESTS);
    if (mayFail) assert.ok(without.failed > 0);
    else assert.is(without.failed + withEjection.failed, 0, 'another endpoint was tried');
    assert.is(ejecting.plane.health().workers, 2);
    await ejecting.plane.close(0);
    await faulty.close();
    good.server.close();
  });
}

test('200 slow clients drip their heads: they are closed with 408, and others are served meanwhile', async () => {
  const good = await goodServer();
  const port = await proxied(good.endpoints, { protocol: 'http' }, { headerTimeoutMs: 1_000 });
  const ends = { answered: 0, closed: 0 };
  const slow = Array.from({ length: 200 }, () => {
    const socket = connect({ host: port.host, port: port.port });
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const drip = setInterval(() => socket.write('a'), 100);
    socket.on('data', (chunk) => {
      if (String(chunk).startsWith('HTTP/1.1 408')) ends.answered++;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(drip);
      ends.closed++;
    });
    return socket;
  });
  await until(() => port.plane.stats().activeConnections === slow.length, 'all are connected');
  const { whole, failed } = await load(port);
  await until(() => ends.closed === slow.length, 'all are closed');
  assert.is(failed, 0);
  assert.is(ends.answered, slow.length);
  assert.is(port.plane.stats().counters.picks, whole, 'no endpoint heard of them');
  await until(() => port.plane.stats().activeConnections === 0, 'nothing is left of them');
  console.log(`slowloris: ${slow.length} clients closed with 408, beside ${whole} requests whole, ${failed} failed`);
  await port.plane.close(0);
  good.server.close();
});

test('100 heads of 64 KB are answered 431 beside a load, and no endpoint hears of them', async () => {
  const good = await goodServer();
  const port = await proxied(good.endpoints, { protocol: 'http' });
  const head = `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'y'.repeat(65_536)}\r\n\r\n`;
  const large = Array.from({ length: 100 }, async () => {
    const { text, how } = await say(port, head, false);
    return text.startsWith('HTTP/1.1 431') || how === 'ECONNRESET';
  });
  const { whole, failed } = await load(port);
  const refused = (await Promise.all(large)).filter(Boolean).length;
  assert.is(refused, large.length);
  assert.is(failed, 0);
  assert.is(port.plane.stats().counters.picks, whole);
  console.log(
    `heads of 64 KB: ${refused} of ${large.length} refused, beside ${whole} requests whole, ${failed} failed`,
  );
  await port.plane.close(0);
  good.server.close();
});

test('idle connections, 2,000 of them: all are held, each still carries bytes, and nothing is left when they end', async () => {
  const count = 2_000;
  const backend = await Backend.listen(echo);
  const port = await proxied(backend.endpoints(8));
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i++) {
    sockets.push(connect({ host: port.host, port: port.port, localAddress: `127.0.5.${1 + (i % 200)}` }));
    if (i % 100 === 99) await wait(5);
  }
  await until(() => backend.sockets.size === count, 'all reach an endpoint');
  assert.is(port.plane.stats().activeConnections, count);
  const inFlight = (): number[] => port.plane.stats().services[0].endpoints.map((endpoint) => endpoint.inFlight);
  const perEndpoint = inFlight();
  assert.is(
    perEndpoint.reduce((sum, one) => sum + one, 0),
    count,
  );
  const answers = sockets.map((socket) => new Promise((resolve) => socket.once('data', resolve)));
  for (const socket of sockets) socket.write('.');
  await Promise.all(answers);
  for (const socket of sockets) socket.destroy();
  await until(() => port.plane.stats().activeConnections === 0, 'all have ended');
  assert.equal(inFlight(), new Array(8).fill(0));
  console.log(
    `idle: ${count} connections held and answered, ${Math.min(...perEndpoint)} to ${Math.max(...perEndpoint)} an endpoint`,
  );
  await port.plane.close(0);
  await backend.close();
});

test('all endpoints go and come back, 20 times under load: reset while there is none, whole while there are', async () => {
  const backend = await Backend.listen(greet);
  const port = await proxied(backend.endpoints(4));
  const counts = { whole: 0, reset: 0, wrong: 0 };
  /** Rises with every change that is asked for; even: endpoints are there, and that is acknowledged. */
  let phase = 0;
  let going = true;
  const clients = Array.from({ length: 8 }, async () => {
    while (going) {
      const began = phase;
      const { how } = await say(port);
      counts[how === 'end' ? 'whole' : 'reset']++;
      const [acknowledged, unchanged] = [Number.isInteger(began), phase === began];
      if (acknowledged && unchanged && (how === 'end') !== (began % 2 === 0)) counts.wrong++;
    }
  });
  for (let i = 0; i < 20; i++) {
    for (const endpoints of [[], backend.endpoints(4)]) {
      const next = Math.floor(phase) + 1;
      phase += 0.5; // Asked for, not yet acknowledged: either outcome is right.
      await port.set(endpoints);
      phase = next;
      await wait(20);
    }
  }
  going = false;
  await Promise.all(clients);
  assert.is(counts.wrong, 0);
  assert.ok(counts.whole > 20 && counts.reset > 20);
  console.log(
    `all endpoints gone and back 20 times: ${counts.whole} whole, ${counts.reset} reset, ${counts.wrong} at the wrong time`,
  );
  await port.plane.close(0);
  await backend.close();
});

test.after(closeOpened);
test.run();
