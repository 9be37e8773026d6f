/**
 * What an idle connection through the userspace data plane costs in memory: so many stand at once, all counted by the
 * proxy, some spoken to at the end. One process may have few open files (`ulimit -n`), so as many proxies run as it takes,
 * each with a process that is its clients and endpoints; memory is the proxies' alone.
 *
 *   npm run bench:idle [-- --connections 50000] [-- --protocol tcp|http] [-- --threads 2] [-- -o json]
 */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type BackendEndpoint, type Frontend, frontendKey } from '../core/index.ts';
import { DEFAULT_SETTINGS } from '../runtime/proxy/settings.ts';
import { UserspacePlane } from '../runtime/proxy/userspace/plane.ts';

const PROTOCOLS = ['tcp', 'http'] as const;
type Protocol = (typeof PROTOCOLS)[number];

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '50000' },
    protocol: { type: 'string', default: 'tcp' },
    threads: { type: 'string', default: '2' },
    output: { type: 'string', short: 'o', default: 'table' },
    role: { type: 'string' },
  },
});
const protocol = values.protocol as Protocol;
const threads = Number(values.threads);
/** Open files that a process has beside its connections. */
const OTHER_FILES = 500;
/** Connections that are being made at a time. */
const BATCH = 200;
/** Of each group, spoken to at the end. */
const SPOKEN_TO = 100;
const REQUEST = 'GET / HTTP/1.1\r\nHost: idle\r\n\r\n';

/** Orders to a child, and what it answers each with. */
type Order =
  | { to: 'serve'; port: number }
  | { to: 'open'; port: number; count: number }
  | { to: 'speak' }
  | { to: 'count' };

interface Counted {
  active: number;
  rssBytes: number;
}

// --- the one that starts the others ----------------------------------------------------------------------------------

async function main(): Promise<void> {
  const total = Number(values.connections);
  if (!PROTOCOLS.includes(protocol) || !(Number.isInteger(total) && total > 0)) {
    console.error('usage: bench:idle [--connections N] [--protocol tcp|http] [--threads N] [-o table|json]');
    process.exit(2);
  }
  const files = Number(execFileSync('sh', ['-c', 'ulimit -Hn']).toString()) || Number.POSITIVE_INFINITY;
  // A proxy holds both ends of a TCP connection, and its peer, too; endpoints of HTTP share few.
  const most = Math.max(1, Math.floor((files - OTHER_FILES) / (protocol === 'tcp' ? 2 : 1)));
  const groups = Math.ceil(total / most);
  const rows: { connections: number; beforeMiB: number; afterMiB: number; bytesEach: number; answered: number }[] = [];
  const children: Child[] = [];
  const closing: (() => Promise<void>)[] = [];
  for (let group = 0; group < groups; group++) {
    const count = Math.floor(((group + 1) * total) / groups) - Math.floor((group * total) / groups);
    const [proxy, peer] = [new Child('proxy'), new Child('peer')];
    children.push(proxy, peer);
    const endpoint = (await peer.heard()) as number;
    await proxy.heard();
    const port = (await proxy.ask({ to: 'serve', port: endpoint })) as number;
    const before = (await proxy.ask({ to: 'count' })) as Counted;
    await peer.ask({ to: 'open', port, count });
    await new Promise((resolve) => setTimeout(resolve, 500));
    closing.push(async () => {
      const after = (await proxy.ask({ to: 'count' })) as Counted;
      const answered = (await peer.ask({ to: 'speak' })) as number;
      if (after.active !== count) throw new Error(`${after.active} of ${count} connections stand`);
      const [beforeMiB, afterMiB] = [before, after].map(({ rssBytes }) => rssBytes / 2 ** 20);
      rows.push({
        connections: count,
        beforeMiB,
        afterMiB,
        bytesEach: (after.rssBytes - before.rssBytes) / count,
        answered,
      });
    });
  }
  // Only now, when all stand at once.
  for (const close of closing) await close();
  for (const child of children) child.end();
  print(rows, total, files);
}

function print(
  rows: readonly { connections: number; beforeMiB: number; afterMiB: number; bytesEach: number; answered: number }[],
  total: number,
  files: number,
): void {
  const each = rows.map(({ bytesEach }) => bytesEach / 1024).sort((a, b) => a - b);
  const medianKiB = (each[(each.length - 1) >> 1] + each[each.length >> 1]) / 2;
  const result = {
    protocol,
    connections: total,
    threads,
    files,
    medianKiB,
    leastKiB: each[0],
    mostKiB: each.at(-1),
    rows,
  };
  if (values.output === 'json') {
    console.log(JSON.stringify(result));
    return;
  }
  const machine = `${availableParallelism()} cores of ${cpus()[0]?.model}, load ${loadavg()[0].toFixed(1)}`;
  console.log(`Node ${process.version}, ${machine}; ${files} open files a process, ${threads} workers a proxy`);
  for (const { connections, beforeMiB, afterMiB, bytesEach, answered } of rows) {
    console.log(
      `${connections} ${protocol} connections: ${beforeMiB.toFixed(0)} → ${afterMiB.toFixed(0)} MiB, ` +
        `${(bytesEach / 1024).toFixed(1)} KiB each; ${answered} of ${Math.min(SPOKEN_TO, connections)} answered`,
    );
  }
  const [least, most] = [each[0], each[each.length - 1]].map((one) => one.toFixed(1));
  console.log(
    `${total} stood at once: ${medianKiB.toFixed(1)} KiB each (${least} to ${most} over ${rows.length} proxies)`,
  );
}

class Child {
  readonly #child: ChildProcess;
  readonly #first: Promise<unknown[]>;

  constructor(role: string) {
    this.#child = fork(import.meta.filename, [...process.argv.slice(2), '--role', role]);
    this.#first = once(this.#child, 'message');
  }

  /** What it says when it is there. */
  async heard(): Promise<unknown> {
    return (await this.#first)[0];
  }

  async ask(order: Order): Promise<unknown> {
    const answer = once(this.#child, 'message');
    this.#child.send(order);
    return (await answer)[0];
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Answers every order; ends with its parent. */
function obey(answer: (order: Order) => Promise<unknown>): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (order: Order) => {
    answer(order).then(
      (told) => process.send?.(told),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}

// --- the proxy -------------------------------------------------------------------------------------------------------

async function beProxy(): Promise<void> {
  const plane = await UserspacePlane.start({
    placesOf: () => [{ host: '127.0.0.1', port: 0 }],
    threads,
    maxConnections: 1_000_000,
  });
  obey(async (order) => {
    if (order.to === 'count') {
      const { activeConnections: active } = plane.stats();
      return { active, rssBytes: process.memoryUsage.rss() } satisfies Counted;
    }
    if (order.to !== 'serve') throw new Error(`a proxy is not to ${order.to}`);
    const route = { verdict: 'forward', policy: 'Cluster', endpoints: [] } as const;
    const frontend: Frontend = {
      kind: 'ClusterIP',
      family: 'IPv4',
      address: '10.96.0.10',
      port: 80,
      protocol: 'TCP',
      service: 'default/idle',
      portName: '',
      fromOutside: route,
      fromNode: route,
      affinitySeconds: 0,
      sourceRanges: [],
    };
    const endpoints = [1, 2, 3, 4].map((n): BackendEndpoint => {
      return { address: `127.0.2.${n}`, port: order.port, ready: true, serving: true, terminating: false };
    });
    await plane.apply(1, {
      frontends: [{ frontend, settings: { ...DEFAULT_SETTINGS, protocol } }],
      frontendsGone: [],
      backends: [
        { name: 'default/idle:/TCP/IPv4/Cluster', protocol: 'TCP', endpoints, policy: 'random', affinitySeconds: 0 },
      ],
      backendsGone: [],
    });
    return plane.addressesOf(frontendKey(frontend))[0].port;
  });
  process.send?.('ready');
}

// --- clients and endpoints -------------------------------------------------------------------------------------------

async function bePeer(): Promise<void> {
  const server =
    protocol === 'http'
      ? createHttpServer({ keepAliveTimeout: 600_000 }, (_request, response) => response.end('idle'))
      : createServer((socket) => void socket.on('error', () => {}).pipe(socket));
  server.listen({ host: '0.0.0.0', port: 0, backlog: 4096 });
  await once(server, 'listening');
  const sockets: Socket[] = [];
  obey(async (order) => {
    if (order.to === 'open') {
      for (let from = 0; from < order.count; from += BATCH) {
        const batch = Array.from({ length: Math.min(BATCH, order.count - from) }, (_, i) =>
          open(order.port, sockets.length + i),
        );
        sockets.push(...(await Promise.all(batch)));
      }
      return sockets.length;
    }
    if (order.to !== 'speak') throw new Error(`a peer is not to ${order.to}`);
    const step = Math.max(1, Math.floor(sockets.length / SPOKEN_TO));
    const some = sockets.filter((_, i) => i % step === 0).slice(0, SPOKEN_TO);
    await Promise.all(some.map(speak));
    return some.length;
  });
  process.send?.((server.address() as { port: number }).port);
}

/** Counts as open when it has said something and was answered. Clients have many addresses, as a port is one's only once. */
async function open(port: number, n: number): Promise<Socket> {
  const localAddress = `127.1.${(n >> 6) & 255}.${1 + (n & 63)}`;
  const socket = connect({ host: '127.0.0.1', port, localAddress, noDelay: true });
  await once(socket, 'connect');
  await speak(socket);
  return socket;
}

async function speak(socket: Socket): Promise<void> {
  socket.write(protocol === 'http' ? REQUEST : '.');
  await once(socket, 'data');
}

if (values.role === 'proxy') await beProxy();
else if (values.role === 'peer') await bePeer();
else await main();
