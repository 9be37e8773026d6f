/**
 * Endpoints that misbehave, under load: what becomes of requests is counted and printed, with ejection and without.
 * test/README.md has figures of one run.
 */
import type { Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BackendEndpoint } from '../../../core/balancer/endpoint.ts';
import type { Balance } from '../../../runtime/proxy/balance.ts';
import { BODY, goodServer, load, REQUESTS } from '../../support/http-load.ts';
import { Backend, closeOpened, deaf, endpointAt, proxied, until, wait } from '../../support/proxied.ts';

interface Faulty {
  readonly endpoint: BackendEndpoint;
  close(): Promise<unknown>;
}

async function served(serve: (socket: Socket) => void): Promise<Faulty> {
  const backend = await Backend.listen(serve, '127.0.4.1');
  return { endpoint: endpointAt('127.0.4.1', backend.port), close: () => backend.close() };
}

const HEAD = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\n\r\n`;

const faults: { name: string; start(): Promise<Faulty>; mayFail: boolean | undefined }[] = [
  {
    name: 'refuses connections',
    start: async () => ({ endpoint: endpointAt('127.0.9.9', 1), close: async () => {} }),
    mayFail: false,
  },
  // Retries have a budget: where more than three requests wait at once for the connect timeout, one may not be tried again.
  { name: 'never accepts', start: deaf, mayFail: undefined },
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
for (const { name, start, mayFail } of faults) {
  test(`one endpoint of four ${name}: the others serve, and ejection ends it`, async () => {
    const good = await goodServer();
    const faulty = await start();
    try {
      await servedByOthers(name, [faulty.endpoint, ...good.endpoints], mayFail);
    } finally {
      await faulty.close();
      good.server.close();
    }
  });
}

async function servedByOthers(name: string, endpoints: BackendEndpoint[], mayFail: boolean | undefined): Promise<void> {
  const settings = { protocol: 'http', connectTimeoutMs: 600, responseTimeoutMs: 600 } as const;
  const plain = await proxied(endpoints, settings, { threads: 1 });
  const without = await load(plain);
  let overBudget = plain.plane.stats().counters.retriesOverBudget;
  await plain.plane.close(0);
  const ejecting = await proxied(endpoints, { ...settings, balance: EJECTS }, { threads: 1 });
  const withEjection = await load(ejecting);
  overBudget += ejecting.plane.stats().counters.retriesOverBudget;
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
  // On a machine that stands still for a moment, more wait at once than may be tried again.
  else if (mayFail === false)
    assert.ok(without.failed + withEjection.failed <= overBudget, 'another endpoint was tried');
  assert.is(ejecting.plane.health().workers, 1);
  assert.is(ejecting.plane.stats().counters.workersLost, 0);
  await ejecting.plane.close(0);
}

test.after(closeOpened);
test.run();
