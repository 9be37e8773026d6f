/** The addresses one worker listens on: each accepted connection goes the way its listener says at that moment. */
import { createServer, type Server, type Socket } from 'node:net';
import { POLICIES } from '../../../core/index.ts';
import type { ProxiedAddresses } from '../proxy-protocol.ts';
import { HttpFront } from './http.ts';
import { Http2Front } from './http2.ts';
import type { ListenerSpec, ListenFailure, WorkerStart } from './messages.ts';
import { receiveProxyHeader } from './proxy-header.ts';
import { TcpRelay } from './tcp.ts';
import { hashOfClient, plain, serviceFor, type Thread } from './thread.ts';
import { UdpListener } from './udp.ts';

const BACKLOG = 4096;
const BY_CLIENT = new Set(POLICIES.filter(({ byClient }) => byClient).map(({ name }) => name));

/** Open for as long as the address is served; what it serves may change. */
interface Open {
  spec: ListenerSpec;
  readonly closed: Promise<void>;
  close(): void;
}

export class Listeners {
  readonly #thread: Thread;
  readonly #reusePort: boolean;
  readonly #open = new Map<string, Open>();
  readonly #udp = new Map<string, UdpListener>();
  readonly #http: HttpFront;
  readonly #http2: Http2Front;

  constructor(thread: Thread, { reusePort, headerTimeoutMs }: WorkerStart) {
    this.#thread = thread;
    this.#reusePort = reusePort;
    this.#http = new HttpFront(thread, headerTimeoutMs);
    this.#http2 = new Http2Front(thread, headerTimeoutMs);
  }

  /** Resolves with those that could not be opened. */
  async set(specs: readonly ListenerSpec[]): Promise<ListenFailure[]> {
    const opened = specs.map(async (spec): Promise<ListenFailure[]> => {
      const open = this.#open.get(spec.id);
      const udp = this.#udp.get(spec.id);
      if (open) open.spec = spec;
      else if (udp) udp.spec = spec;
      else {
        try {
          await (spec.protocol === 'UDP' ? this.#openUdp(spec) : this.#openTcp(spec));
        } catch (error) {
          return [{ id: spec.id, message: (error as Error).message }];
        }
      }
      return [];
    });
    return (await Promise.all(opened)).flat();
  }

  close(ids: Iterable<string>): void {
    for (const id of [...ids]) {
      this.#open.get(id)?.close();
      this.#open.delete(id);
      this.#udp.get(id)?.close();
      this.#udp.delete(id);
    }
  }

  /** UDP sessions with these endpoints end: nobody else would tell them that their endpoint is gone. */
  cut(endpoints: readonly number[]): void {
    if (endpoints.length === 0) return;
    const gone = new Set(endpoints);
    for (const udp of this.#udp.values()) udp.cut(gone);
  }

  /** Accepts nothing more; resolves when the last connection has ended. */
  async stop(): Promise<void> {
    this.#thread.stopping = true;
    const closed = [...this.#open.values()].map((open) => open.closed);
    this.close([...this.#open.keys(), ...this.#udp.keys()]);
    this.#http.closeIdle();
    this.#http2.leaveAll();
    await Promise.all(closed);
  }

  #openTcp(spec: ListenerSpec): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const closed = Promise.withResolvers<void>();
    const open: Open = {
      spec,
      closed: closed.promise,
      close: () => server.close(() => closed.resolve()),
    };
    server.on('connection', (socket) => this.#accept(socket, open.spec));
    return listening(server, spec, this.#reusePort).then(() => {
      this.#open.set(spec.id, open);
    });
  }

  async #openUdp(spec: ListenerSpec): Promise<void> {
    const udp = new UdpListener(this.#thread, spec, this.#reusePort);
    await udp.open();
    this.#udp.set(spec.id, udp);
  }

  #accept(socket: Socket, spec: ListenerSpec): void {
    const { counters, maxConnections } = this.#thread;
    counters.add('accepted');
    if (counters.total('activeConnections') >= maxConnections) {
      counters.add('overLimit');
      socket.resetAndDestroy();
      return;
    }
    counters.add('activeConnections');
    if (!spec.settings.acceptProxyProtocol) {
      this.#serve(socket, spec, undefined);
      return;
    }
    receiveProxyHeader(this.#thread, socket, spec.settings.connectTimeoutMs, (told) => {
      if (told) this.#serve(socket, spec, told.addresses);
      else counters.add('activeConnections', -1);
    });
  }

  /** @param told who the client is, where a PROXY header said it. */
  #serve(socket: Socket, spec: ListenerSpec, told: ProxiedAddresses | undefined): void {
    const { settings } = spec;
    if (!needsClient(spec)) {
      new TcpRelay(this.#thread, socket, { service: spec.fromNode, client: 0, settings });
      return;
    }
    const addresses = told ?? addressesOf(socket);
    const service = serviceFor(spec, addresses.source, addresses.destination);
    if (service === undefined) {
      this.#thread.counters.add('notAdmitted');
      this.#thread.counters.add('activeConnections', -1);
      socket.on('error', () => {}).resetAndDestroy();
      return;
    }
    const client = hashOfClient(addresses.source);
    if (settings.protocol === 'http') this.#http.serve(socket, { service, client, settings, addresses });
    else if (settings.protocol !== 'tcp') this.#http2.serve(socket, { service, client, settings, addresses });
    else new TcpRelay(this.#thread, socket, { service, client, settings, addresses });
  }
}

/** Asking the system for a client's address costs more than the pick, so only those ask that look at it. */
function needsClient({ fromNode, fromOutside, sourceRanges, settings, affinity }: ListenerSpec): boolean {
  return (
    affinity ||
    fromNode !== fromOutside ||
    sourceRanges.length > 0 ||
    settings.protocol !== 'tcp' ||
    settings.sendProxyProtocol !== 0 ||
    settings.acceptProxyProtocol ||
    BY_CLIENT.has(settings.policy)
  );
}

function addressesOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): ProxiedAddresses {
  return {
    source: plain(remoteAddress ?? ''),
    sourcePort: remotePort ?? 0,
    destination: plain(localAddress ?? ''),
    destinationPort: localPort ?? 0,
  };
}

function listening(server: Server, { host, port }: ListenerSpec, reusePort: boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port, backlog: BACKLOG, reusePort }, () => {
    server.off('error', reject);
    // Accepting may fail later (no file descriptors left): the connection waits in the backlog.
    server.on('error', () => {});
    resolve();
  });
  return promise;
}
