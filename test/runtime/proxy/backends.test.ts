/**
 * What both data planes promise, with the same sockets: endpoints on loopback, clients of this process. It runs itself
 * again in a network namespace of its own, where the kernel's table is; without one, only userspace is tested, and that
 * is said. What only one can do is listed at the end, and tested in its own folder.
 */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BackendEndpoint } from '../../../core/balancer/endpoint.ts';
import type { TableChanges } from '../../../runtime/proxy/data-plane.ts';
import { NftablesPlane } from '../../../runtime/proxy/nftables/plane.ts';
import { DEFAULT_SETTINGS } from '../../../runtime/proxy/settings.ts';
import {
  Backend,
  closeOpened,
  echo,
  endpointAt,
  frontendOf,
  greet,
  type PortOptions,
  ProxiedPort,
  proxied,
  say,
  sayMany,
  until,
} from '../../support/proxied.ts';
import { whyNot } from './nftables/network.ts';

const INSIDE = 'KEELSON_IN_NAMESPACE';
const inside = process.env[INSIDE] === '1';
const reason = inside ? undefined : whyNot();
if (!inside && reason === undefined) {
  const script = `
    ip link set lo up
    ip addr add 10.9.0.1/32 dev lo
    ip route add default dev lo
    echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet
    exec "$0" "$1"`;
  const { status } = spawnSync('unshare', ['--net', 'sh', '-ec', script, process.execPath, import.meta.filename], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  process.exit(status ?? 1);
}
if (reason !== undefined) console.log(`skipped: the nftables half of what both data planes promise, as ${reason}`);

type Start = (endpoints: readonly BackendEndpoint[], options?: PortOptions) => Promise<ProxiedPort>;

const BACKENDS: { name: string; start: Start }[] = [{ name: 'userspace', start: proxied }];
if (inside) BACKENDS.push({ name: 'nftables', start: onKernel });

async function onKernel(
  endpoints: readonly BackendEndpoint[],
  { protocol4 = 'TCP', affinitySeconds = 0 }: PortOptions = {},
): Promise<ProxiedPort> {
  const plane = await NftablesPlane.start();
  const none = { frontends: [], frontendsGone: [], backends: [], backendsGone: [] };
  const name = `default/web:/${protocol4}/IPv4/Cluster`;
  const change = (list: readonly BackendEndpoint[]): TableChanges => ({
    ...none,
    backends: [{ name, protocol: protocol4, endpoints: list, policy: 'random', affinitySeconds }],
  });
  const frontend = frontendOf('web', protocol4, affinitySeconds);
  await plane.apply(1, { ...change(endpoints), frontends: [{ frontend, settings: DEFAULT_SETTINGS }] });
  return new ProxiedPort(plane, { host: frontend.address, port: frontend.port }, change);
}

/** Runs for each data plane, with one Service port. */
function both(name: string, serve: typeof greet, use: (start: Start, backend: Backend) => Promise<void>): void {
  for (const { name: backendName, start } of BACKENDS) {
    test(`${backendName}: ${name}`, async () => {
      const started: ProxiedPort[] = [];
      const backend = await Backend.listen(serve);
      try {
        await use(async (...all) => {
          const port = await start(...all);
          started.push(port);
          return port;
        }, backend);
      } finally {
        for (const { plane } of started) await plane.close(0);
        await backend.close();
      }
    });
  }
}

both('connections are dealt out to all endpoints', greet, async (start, backend) => {
  const port = await start(backend.endpoints(4));
  assert.is(new Set(await sayMany(port, 200)).size, 4);
});

both('bytes go there and back unchanged, and ends are told apart', echo, async (start, backend) => {
  const port = await start(backend.endpoints(1));
  const bytes = Buffer.alloc(1 << 20);
  for (let i = 0; i < bytes.length; i += 4) bytes.writeUInt32LE(Math.imul(i, 2654435761) >>> 0, i);
  const { text, how } = await say(port, bytes);
  assert.is(how, 'end');
  assert.ok(Buffer.from(text, 'latin1').equals(bytes));
});

both('an endpoint that was taken out gets nothing once that is acknowledged', greet, async (start, backend) => {
  const port = await start(backend.endpoints(3));
  for (let i = 0; i < 10; i++) {
    const left = backend.endpoints(3).filter((_, n) => n !== i % 3);
    await port.set(left);
    for (const answer of await sayMany(port, 10))
      assert.ok(
        left.some(({ address }) => address === answer),
        answer,
      );
  }
});

both('a change leaves open connections alone', echo, async (start, backend) => {
  const port = await start(backend.endpoints(1));
  const open = connect(port);
  let heard = '';
  open.on('data', (chunk) => (heard += chunk));
  open.write('a');
  await until(() => heard === 'a', 'it is open');
  await port.set([backend.endpoint(2)]);
  open.write('b');
  await until(() => heard === 'ab', 'it goes on');
  open.end();
});

both('a client stays with its endpoint under ClientIP affinity', greet, async (start, backend) => {
  const port = await start(backend.endpoints(4), { affinitySeconds: 60 });
  const answers = new Set(await sayMany(port, 20));
  assert.is(answers.size, 1);
  const [own] = answers;
  await port.set(backend.endpoints(4).filter(({ address }) => address !== own));
  const others = new Set(await sayMany(port, 20));
  assert.is(others.size, 1);
  assert.not(others.has(own));
});

both(
  'without endpoints clients are turned away, and served again once there are some',
  greet,
  async (start, backend) => {
    const port = await start([]);
    // The kernel refuses before anybody accepts, a process can only reset.
    assert.match((await say(port)).how, /ECONNREFUSED|ECONNRESET/);
    await port.set(backend.endpoints(1));
    assert.equal(await sayMany(port, 3), ['127.0.1.1', '127.0.1.1', '127.0.1.1']);
  },
);

both(
  'drain: at its deadline it tells how much is still there; then it resolves when that has ended',
  echo,
  async (start, backend) => {
    const port = await start(backend.endpoints(1));
    const open = connect(port);
    open.write('a');
    await new Promise((resolve) => open.once('data', resolve));
    await port.set(backend.endpoints(2));
    const endpoint = backend.endpoint(1);
    assert.equal(await port.plane.drain(endpoint, 50), { ended: false, inFlight: 1 });
    const ended = port.plane.drain(endpoint, 5000);
    const later = await say(port, 'b');
    assert.is(later.text, 'b');
    assert.equal(
      [...backend.accepted],
      [
        ['127.0.1.1', 1],
        ['127.0.1.2', 1],
      ],
    );
    open.end();
    assert.equal(await ended, { ended: true, inFlight: 0 });
  },
);

both('apply: a version that does not rise is a conflict', greet, async (start, backend) => {
  const port = await start(backend.endpoints(1));
  await port.set(backend.endpoints(2));
  const none = { frontends: [], frontendsGone: [], backends: [], backendsGone: [] };
  try {
    await port.plane.apply(port.version, none);
    assert.unreachable();
  } catch (error) {
    assert.is((error as { code?: string }).code, 'Conflict');
  }
});

both('close ends once the last connection has', echo, async (start, backend) => {
  const port = await start(backend.endpoints(1));
  const open = connect(port);
  let heard = '';
  open.on('data', (chunk) => (heard += chunk));
  open.write('a');
  await until(() => heard === 'a', 'it is open');
  const closed = port.plane.close(5000);
  await new Promise((resolve) => setTimeout(resolve, 100));
  open.write('b');
  await until(() => heard === 'ab', 'it goes on');
  open.end();
  await closed;
});

both('UDP: a client stays while it speaks, and is cut off when its endpoint is taken out', greet, async (start) => {
  const origins = await Promise.all(
    ['127.0.1.1', '127.0.1.2'].map(async (address) => {
      const socket = createSocket('udp4');
      await new Promise<void>((resolve) => socket.bind(0, address, resolve));
      socket.on('message', (_, { port, address: to }) => socket.send(address, port, to));
      return { socket, endpoint: endpointAt(address, socket.address().port) };
    }),
  );
  const [first, second] = origins.map(({ endpoint }) => endpoint);
  const port = await start([first], { protocol4: 'UDP' });
  const client = createSocket('udp4');
  const heard: string[] = [];
  client.on('message', (bytes) => heard.push(String(bytes)));
  const ask = async (): Promise<string> => {
    const before = heard.length;
    client.send('?', port.port, port.host);
    await until(() => heard.length > before, 'an answer');
    return heard[before];
  };
  try {
    assert.is(await ask(), '127.0.1.1');
    await port.set([first, second]);
    for (let i = 0; i < 5; i++) assert.is(await ask(), '127.0.1.1');
    await port.set([second]);
    assert.is(await ask(), '127.0.1.2');
    await port.set([]);
    await port.set([first]);
    assert.is(await ask(), '127.0.1.1');
  } finally {
    client.close();
    for (const { socket } of origins) socket.close();
  }
});

test.after(() => {
  console.log('only userspace, so not asked of nftables: other policies than random, single HTTP requests, another');
  console.log(
    'endpoint when one refuses, timeouts, limits of connections, the PROXY protocol (userspace/ and http.test.ts)',
  );
  console.log(
    'only nftables, so not asked of userspace: cluster and load balancer addresses, policies and source ranges by',
  );
  console.log('the client, its own address kept, refusal before anybody accepts (nftables/)');
  return closeOpened();
});

test.run();
