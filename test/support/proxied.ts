/** A data plane on loopback with endpoints that behave as told, and clients that say what became of them. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { type BackendEndpoint, type Frontend, frontendKey } from '../../core/index.ts';
import type { Balance } from '../../runtime/proxy/balance.ts';
import type { DataPlane, ServedBackends, TableChanges } from '../../runtime/proxy/data-plane.ts';
import { DEFAULT_SETTINGS, type PortSettings } from '../../runtime/proxy/settings.ts';
import { type UserspaceOptions, UserspacePlane } from '../../runtime/proxy/userspace/plane.ts';
import { SMALL_LIMITS } from './balancer.ts';

// When nothing is left to do the process ends at once. By itself, Node 24.21 tears its handles down first, and there it turns
// round and round now and then (CleanupHandles) where a socket under an HTTP/2 session was reset.
process.on('beforeExit', () => process.exit());

/** What is open: a test that fails leaves it behind, and its process would not end. */
const opened = new Set<() => Promise<unknown>>();

/** For `test.after` of every file that uses these. */
export async function closeOpened(): Promise<void> {
  await Promise.all([...opened].map((close) => close()));
}

export interface PortOptions extends Partial<PortSettings> {
  protocol4?: 'TCP' | 'UDP';
  affinitySeconds?: number;
  balance?: Balance;
}

/** A data plane with one service port, whose endpoints are set as a test likes. */
export class ProxiedPort {
  readonly plane: DataPlane;
  readonly host: string;
  readonly port: number;
  readonly #change: (endpoints: readonly BackendEndpoint[]) => TableChanges;
  #version = 1;

  constructor(
    plane: DataPlane,
    { host, port }: { host: string; port: number },
    change: (endpoints: readonly BackendEndpoint[]) => TableChanges,
  ) {
    this.plane = plane;
    this.host = host;
    this.port = port;
    this.#change = change;
  }

  /** Acknowledged. */
  set(endpoints: readonly BackendEndpoint[]): Promise<void> {
    return this.plane.apply(++this.#version, this.#change(endpoints));
  }

  get version(): number {
    return this.#version;
  }
}

export async function proxied(
  endpoints: readonly BackendEndpoint[],
  { protocol4 = 'TCP', affinitySeconds = 0, balance = {}, ...settings }: PortOptions = {},
  options: Partial<UserspaceOptions> = {},
): Promise<ProxiedPort & { plane: UserspacePlane }> {
  const plane = await UserspacePlane.start({
    placesOf: () => [{ host: '127.0.0.1', port: 0 }],
    threads: 2,
    limits: SMALL_LIMITS,
    ...options,
  });
  opened.add(() => plane.close(0));
  const all: PortSettings = { ...DEFAULT_SETTINGS, policy: 'round-robin', ...settings };
  const frontend = frontendOf('web', protocol4, affinitySeconds);
  const backends = (list: readonly BackendEndpoint[]): ServedBackends => ({
    name: `default/web:/${protocol4}/IPv4/Cluster`,
    protocol: protocol4,
    endpoints: list,
    policy: all.policy,
    affinitySeconds,
    balance,
  });
  const none = { frontends: [], frontendsGone: [], backends: [], backendsGone: [] };
  const first = { ...none, frontends: [{ frontend, settings: all }], backends: [backends(endpoints)] };
  await plane.apply(1, first).catch(async (error: unknown) => {
    await plane.close(0);
    throw error;
  });
  const [address] = plane.addressesOf(frontendKey(frontend));
  return new ProxiedPort(plane, address, (list) => ({ ...none, backends: [backends(list)] })) as ProxiedPort & {
    plane: UserspacePlane;
  };
}

/** One port of a service, reached by everybody alike. */
export function frontendOf(name: string, protocol: string, affinitySeconds = 0): Frontend {
  const route = { verdict: 'forward', policy: 'Cluster', endpoints: [] } as const;
  return {
    kind: 'ClusterIP',
    family: 'IPv4',
    address: '10.96.0.10',
    port: 80,
    protocol,
    service: `default/${name}`,
    portName: '',
    fromOutside: route,
    fromNode: route,
    affinitySeconds,
    sourceRanges: [],
  };
}

export function endpointAt(address: string, port: number): BackendEndpoint {
  return { address, port, ready: true, serving: true, terminating: false };
}

/** A TCP server that answers for every address of 127.0.0.0/8: one socket is as many endpoints as a test wants. */
export class Backend {
  readonly port: number;
  /** Since the start, by the address that was connected to. */
  readonly accepted = new Map<string, number>();
  readonly sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async listen(serve: (socket: Socket, address: string) => void, host = '0.0.0.0', port = 0): Promise<Backend> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog: 4096 }, resolve);
    });
    const found = (server.address() as { port: number }).port;
    const backend = new Backend(server, found);
    opened.add(() => backend.close());
    server.on('connection', (socket) => {
      const address = socket.localAddress ?? '';
      backend.accepted.set(address, (backend.accepted.get(address) ?? 0) + 1);
      backend.sockets.add(socket);
      socket.on('close', () => backend.sockets.delete(socket));
      socket.on('error', () => {});
      serve(socket, address);
    });
    return backend;
  }

  /** Number n from 1, at 127.0.1.n. */
  endpoint(n: number): BackendEndpoint {
    return endpointAt(`127.0.${1 + (n >> 8)}.${n & 255}`, this.port);
  }

  endpoints(count: number): BackendEndpoint[] {
    return Array.from({ length: count }, (_, i) => this.endpoint(i + 1));
  }

  /** Accepts nothing more and resets what there is. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.sockets) socket.resetAndDestroy();
    await closed;
  }
}

/** Accepts nothing: its backlog is full and nobody takes from it, so that the kernel answers no SYN. */
export async function deaf(): Promise<{ endpoint: BackendEndpoint; close(): Promise<unknown> }> {
  const code = `
    const { createServer } = require('node:net');
    const { parentPort } = require('node:worker_threads');
    const server = createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30_000);
    });`;
  const worker = new Worker(code, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const fillers = [0, 1, 2, 3].map(() => connect({ host: '127.0.0.1', port }).on('error', () => {}));
  await wait(50);
  const close = (): Promise<unknown> => {
    for (const filler of fillers) filler.destroy();
    return worker.terminate();
  };
  return { endpoint: endpointAt('127.0.0.1', port), close };
}

/** Says its address and ends. */
export function greet(socket: Socket, address: string): void {
  socket.end(address);
}

/** Sends back what comes, and ends when the other side has. */
export function echo(socket: Socket): void {
  socket.pipe(socket);
}

export interface Said {
  /** What came. */
  text: string;
  /** 'end', the code of the error, or 'silence' after ten seconds. */
  how: string;
}

/** Connects, says something and ends, and hears the other side out. */
export function say(
  { host, port }: { host: string; port: number },
  words: string | Buffer = '',
  ends = true,
): Promise<Said> {
  const { promise, resolve } = Promise.withResolvers<Said>();
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
  const heard: Buffer[] = [];
  const late = setTimeout(() => done('silence'), 10_000);
  const done = (how: string): void => {
    clearTimeout(late);
    resolve({ text: Buffer.concat(heard).toString('latin1'), how });
    socket.destroy();
  };
  socket.on('data', (chunk) => heard.push(chunk));
  socket.on('end', () => done('end'));
  socket.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'error'));
  socket.on('close', () => done('close'));
  if (words.length > 0) socket.write(words);
  if (ends) socket.end();
  return promise;
}

export async function sayMany(to: { host: string; port: number }, times: number): Promise<string[]> {
  const heard: string[] = [];
  for (let i = 0; i < times; i++) {
    const { text, how } = await say(to);
    heard.push(how === 'end' ? text : how);
  }
  return heard;
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Until it holds, for at most five seconds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (holds()) return;
    await wait(10);
  }
  throw new Error(`never: ${what}`);
}
