/**
 * A data plane under faults and change, with load on it: a worker killed, endpoints gone and back, storms of changes, and
 * rollouts. What was counted is printed; test/README.md has figures of one run.
 */
import { Agent, createServer, request, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BackendEndpoint } from '../../../core/balancer/endpoint.ts';
import type { CrewEvent } from '../../../runtime/proxy/userspace/crew.ts';
import { Backend, closeOpened, echo, endpointAt, proxied, say, until, wait } from '../../support/proxied.ts';

test('a worker is killed under load: the connections of others survive, another takes its place, an event says so', async () => {
  const events: CrewEvent[] = [];
  const backend = await Backend.listen(echo);
  const port = await proxied(backend.endpoints(3), {}, { threads: 2, onEvent: (event) => events.push(event) });
  const open = new Set<Socket>();
  for (let i = 0; i < 100; i++) {
    const socket = connect({ host: port.host, port: port.port });
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
  }
  await until(() => backend.sockets.size === 100, 'all are open');
  let loading = true;
  const outcomes = { whole: 0, reset: 0 };
  const load = (async () => {
    while (loading) outcomes[(await say(port, 'x')).how === 'end' ? 'whole' : 'reset']++;
  })();
  await wait(100);
  const [victim] = port.plane.workers;
  await victim.terminate();
  await until(() => events.some(({ type }) => type === 'worker-lost'), 'it is told');
  await until(() => port.plane.health().healthy, 'there are two again');
  await wait(100);
  loading = false;
  await load;
  assert.ok(open.size > 20 && open.size < 80, `${open.size} of 100 were the other worker's`);
  const answers = [...open].map((socket) => new Promise((resolve) => socket.once('data', resolve)));
  for (const socket of open) socket.write('still here');
  assert.is((await Promise.all(answers)).length, open.size);
  assert.ok(outcomes.reset <= 2, `${outcomes.reset} new connections were lost with the worker`);
  for (const socket of open) socket.destroy();
  await until(() => port.plane.stats().activeConnections === 0, 'nothing is left of the lost worker either');
  assert.is(
    port.plane.stats().services[0].endpoints.reduce((sum, { inFlight }) => sum + inFlight, 0),
    0,
  );
  console.log(`worker killed: ${outcomes.whole} connections whole, ${outcomes.reset} reset`);
  await port.plane.close(0);
  await backend.close();
});

test('storm: no connection begun after a removal was acknowledged meets the removed endpoint', async () => {
  const late: string[] = [];
  /** When its removal was acknowledged. */
  const removedMs = new Map<string, number>();
  const backend = await Backend.listen((socket, address) => {
    socket.once('data', (begun) => {
      const since = removedMs.get(address);
      if (since !== undefined && Number(begun) > since)
        late.push(`${address}: begun ${Number(begun) - since} ms after`);
      socket.end(address);
    });
  });
  const all = backend.endpoints(400);
  const port = await proxied(all.slice(0, 4), {}, { threads: 2 });
  let storming = true;
  let failed = 0;
  let served = 0;
  const clients = Array.from({ length: 8 }, async () => {
    while (storming) {
      const { how } = await say(port, String(performance.now()));
      if (how === 'end') served++;
      else failed++;
    }
  });
  // Each endpoint comes once and goes for good; four at a time, up to fifty changes under way.
  let changes = 0;
  const underWay = new Set<Promise<void>>();
  const beganMs = performance.now();
  for (let from = 1; performance.now() - beganMs < 3000; from++) {
    const gone = all[(from - 1) % 400].address;
    removedMs.delete(all[(from + 3) % 400].address);
    const window = [0, 1, 2, 3].map((i) => all[(from + i) % 400]);
    const change = port.set(window).then(() => {
      removedMs.set(gone, performance.now());
      underWay.delete(change);
    });
    underWay.add(change);
    changes++;
    if (underWay.size >= 50) await Promise.race(underWay);
    if (changes % 20 === 0) await wait(0);
  }
  const tookMs = performance.now() - beganMs;
  await Promise.all(underWay);
  storming = false;
  await Promise.all(clients);
  console.log(`storm: ${changes} changes, ${Math.round((1000 * changes) / tookMs)}/s, beside ${served} connections`);
  assert.equal(late, []);
  assert.is(failed, 0);
  assert.ok(served > 100 && changes > 1000);
  await port.plane.close(0);
  await backend.close();
});

// --- rollouts ------------------------------------------------------------------------------------------------------

/** A pod as a process would be: it listens, and once it is told to end it is gone with all its connections. */
class Pod {
  readonly endpoint: BackendEndpoint;
  readonly #server: Server;

  private constructor(server: Server, endpoint: BackendEndpoint) {
    this.#server = server;
    this.endpoint = endpoint;
  }

  static async start(n: number, delayMs: number): Promise<Pod> {
    const server = createServer((_request, response) => {
      setTimeout(() => response.end('ok'), delayMs);
    });
    const address = `127.0.2.${n}`;
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    return new Pod(server, endpointAt(address, (server.address() as { port: number }).port));
  }

  kill(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

interface Load {
  ok: number;
  failed: number;
  stop(): Promise<void>;
}

/** Requests without a pause, by clients that keep their connection and by some that do not. */
function loadOn({ host, port }: { host: string; port: number }, clients: number): Load {
  let going = true;
  const load: Load = { ok: 0, failed: 0, stop: async () => {} };
  const runs = Array.from({ length: clients }, async (_, i) => {
    const agent = i % 2 === 0 ? new Agent({ keepAlive: true, maxSockets: 1 }) : false;
    while (going) {
      const ok = await new Promise<boolean>((resolve) => {
        const sent = request({ host, port, agent }, (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode === 200)).on('error', () => resolve(false));
        });
        sent.on('error', () => resolve(false));
        sent.end();
      });
      if (ok) load.ok++;
      else load.failed++;
    }
    if (agent) agent.destroy();
  });
  load.stop = async () => {
    going = false;
    await Promise.all(runs);
  };
  return load;
}

const ORDERS = ['drain, then kill', 'kill, then tell'] as const;

/** Three pods are replaced by three, one after the other, some times over. */
async function rollouts(protocol: 'tcp' | 'http', order: (typeof ORDERS)[number], times: number): Promise<Load> {
  let next = 1;
  const start = (): Promise<Pod> => Pod.start((next++ % 250) + 1, 2);
  let pods = await Promise.all([start(), start(), start()]);
  const port = await proxied(
    pods.map(({ endpoint }) => endpoint),
    { protocol, maxAttempts: 1 },
    { threads: 2 },
  );
  const load = loadOn(port, 16);
  for (let i = 0; i < 3 * times; i++) {
    const [old, ...rest] = pods;
    const fresh = await start();
    if (order === 'drain, then kill') {
      await port.set([...pods, fresh].map(({ endpoint }) => endpoint));
      const { ended } = await port.plane.drain(old.endpoint, 10_000);
      // Connections that clients keep go on at a TCP port, as long as they like; their pod is left to them.
      assert.ok(ended || protocol === 'tcp');
      old.kill();
      pods = [...rest, fresh];
      await port.set(pods.map(({ endpoint }) => endpoint));
    } else {
      old.kill();
      await wait(20); // Until the news of it would have come.
      pods = [...rest, fresh];
      await port.set(pods.map(({ endpoint }) => endpoint));
    }
  }
  await load.stop();
  await port.plane.close(0);
  for (const pod of pods) pod.kill();
  console.log(`${times} rollouts 3 to 3 over ${protocol}, ${order}: ${load.ok} requests whole, ${load.failed} failed`);
  return load;
}

test('rollout: new pod published, old one drained and then killed: no request fails', async () => {
  const { ok, failed } = await rollouts('http', 'drain, then kill', 5);
  assert.is(failed, 0);
  assert.ok(ok > 50);
});

test('rollout: the naive order, killed first and told then, fails requests', async () => {
  const { failed } = await rollouts('http', 'kill, then tell', 5);
  assert.ok(failed > 0);
});

test.after(closeOpened);
test.run();
