/** /stats tells of the present, also of a data plane that has to ask for it, and /healthz of its health. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataPlane } from '../../../runtime/proxy/data-plane.ts';
import { serveStats } from '../../../runtime/proxy/stats-server.ts';

function planeWith(sample: DataPlane['sample'], seen: { active: number; healthy: boolean }): DataPlane {
  const counters = {};
  return {
    apply: () => Promise.resolve(),
    drain: () => Promise.resolve({ ended: true, inFlight: 0 }),
    stats: () => ({ version: 1, activeConnections: seen.active, activeSessions: 0, counters, services: [] }),
    health: () => ({ healthy: seen.healthy, version: 1, workers: 1, wantedWorkers: 1, problems: [] }),
    close: () => Promise.resolve(),
    ...(sample && { sample }),
  };
}

async function asking(
  plane: DataPlane,
  ask: (get: (path: string) => Promise<Response>, server: Server) => Promise<void>,
) {
  const server = await serveStats(plane, '127.0.0.1', 0);
  const { port } = server.address() as AddressInfo;
  try {
    await ask((path) => fetch(`http://127.0.0.1:${port}${path}`), server);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('stats server: what a plane has to ask for is asked before it answers, once for requests that come together', async () => {
  const seen = { active: 0, healthy: true };
  let asked = 0;
  const { promise: looked, resolve: goOn } = Promise.withResolvers<void>();
  const sample = async (): Promise<void> => {
    asked++;
    await looked;
    seen.active = 7;
  };
  await asking(planeWith(sample, seen), async (get, server) => {
    const both: Promise<Response>[] = [];
    for (let i = 0; i < 2; i++) {
      const arrived = once(server, 'request');
      both.push(get('/stats'));
      await arrived;
    }
    goOn();
    for (const answer of await Promise.all(both)) {
      assert.is(((await answer.json()) as { activeConnections: number }).activeConnections, 7);
    }
    assert.is(asked, 1);
    await get('/stats');
    assert.is(asked, 2);
  });
});

test('stats server: a look that fails is told, and the next one is made anew', async () => {
  let fails = true;
  const sample = (): Promise<void> => (fails ? Promise.reject(new Error('conntrack says no')) : Promise.resolve());
  await asking(planeWith(sample, { active: 0, healthy: true }), async (get) => {
    const refused = await get('/stats');
    assert.equal([refused.status, await refused.json()], [500, { message: 'conntrack says no' }]);
    fails = false;
    assert.is((await get('/stats')).status, 200);
  });
});

for (const { name, path, healthy, status } of [
  { name: 'a plane that looks by itself answers at once', path: '/stats', healthy: true, status: 200 },
  { name: 'a healthy plane is 200', path: '/healthz', healthy: true, status: 200 },
  { name: 'one that is not is 503', path: '/healthz', healthy: false, status: 503 },
  { name: 'a plane with a worker lives, healthy or not', path: '/livez', healthy: false, status: 200 },
  { name: 'any other path is 404', path: '/metrics', healthy: true, status: 404 },
]) {
  test(`stats server: ${name}`, async () => {
    await asking(planeWith(undefined, { active: 0, healthy }), async (get) => {
      assert.is((await get(path)).status, status);
    });
  });
}

test.run();
