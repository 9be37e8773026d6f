/**
 * One UDP address: the datagrams of one client are a session and go to one endpoint, by a socket of their own, so that
 * answers find back. A session ends when it was idle for too long, or its endpoint is taken out or refuses.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Waiting } from './deadlines.ts';
import type { ListenerSpec } from './messages.ts';
import { hashOfClient, nowUs, serviceFor, type Thread } from './thread.ts';

/** Datagrams that wait until a new session's socket is connected; more are dropped, as a full socket buffer would. */
const MAX_QUEUED = 64;

export class UdpListener {
  spec: ListenerSpec;
  readonly #thread: Thread;
  readonly #socket: Socket;
  /** By 'ADDRESS|PORT' of the client. */
  readonly #sessions = new Map<string, Session>();

  constructor(thread: Thread, spec: ListenerSpec, reusePort: boolean) {
    this.#thread = thread;
    this.spec = spec;
    this.#socket = createSocket({ type: isIPv6(spec.host) ? 'udp6' : 'udp4', reusePort });
  }

  open(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#socket.once('error', reject);
    this.#socket.bind({ address: this.spec.host, port: this.spec.port, exclusive: true }, () => {
      this.#socket.off('error', reject);
      // An answer that could not be sent is lost, as datagrams may be.
      this.#socket.on('error', () => this.#thread.counters.add('clientErrors'));
      this.#socket.on('message', (datagram, from) => this.#onDatagram(datagram, from));
      resolve();
    });
    return promise;
  }

  /** Sessions with these endpoints end; their clients' next datagrams begin new ones. */
  cut(gone: ReadonlySet<number>): void {
    for (const session of [...this.#sessions.values()]) {
      if (!gone.has(session.endpoint)) continue;
      this.#thread.counters.add('sessionsCut');
      session.end();
    }
  }

  close(): void {
    for (const session of [...this.#sessions.values()]) session.end();
    this.#socket.close();
  }

  #onDatagram(datagram: Buffer, from: RemoteInfo): void {
    const { counters } = this.#thread;
    counters.add('datagramsIn');
    counters.add('bytesIn', datagram.length);
    const key = `${from.address}|${from.port}`;
    const session = this.#sessions.get(key) ?? this.#begin(key, from);
    if (session) session.send(datagram);
    else counters.add('datagramsDropped');
  }

  #begin(key: string, { address, port }: RemoteInfo): Session | undefined {
    const { counters, maxSessions, picker } = this.#thread;
    const service = serviceFor(this.spec, address, this.spec.host);
    if (service === undefined) {
      counters.add('notAdmitted');
      return undefined;
    }
    if (counters.total('activeSessions') >= maxSessions) {
      counters.add('overLimit');
      return undefined;
    }
    const endpoint = this.#thread.start(service, hashOfClient(address));
    if (endpoint < 0) {
      counters.add('noEndpoint');
      return undefined;
    }
    const to = { address: picker.addressOf(endpoint), port: picker.portOf(endpoint) };
    const answer = (datagram: Buffer): void => this.#socket.send(datagram, port, address);
    const session = new Session(this.#thread, endpoint, this.spec.settings.idleTimeoutMs, answer, () =>
      this.#sessions.delete(key),
    );
    this.#sessions.set(key, session);
    session.open(to);
    return session;
  }
}

class Session implements Waiting {
  deadlineMs = 0;
  readonly endpoint: number;
  readonly #thread: Thread;
  readonly #idleTimeoutMs: number;
  readonly #answer: (datagram: Buffer) => void;
  readonly #onEnd: () => void;
  readonly #startedUs = nowUs();
  /** undefined once connected. */
  #queue: Buffer[] | undefined = [];
  #socket: Socket | undefined;
  #ended = false;

  constructor(
    thread: Thread,
    endpoint: number,
    idleTimeoutMs: number,
    answer: (datagram: Buffer) => void,
    onEnd: () => void,
  ) {
    this.#thread = thread;
    this.endpoint = endpoint;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#answer = answer;
    this.#onEnd = onEnd;
    thread.counters.add('activeSessions');
    thread.counters.add('sessions');
    this.#touch();
    thread.far.add(this);
  }

  open({ address, port }: { address: string; port: number }): void {
    const { counters } = this.#thread;
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    this.#socket = socket;
    socket.on('message', (datagram) => {
      counters.add('datagramsOut');
      counters.add('bytesOut', datagram.length);
      this.#touch();
      this.#answer(datagram);
    });
    // The endpoint's machine says that nobody listens there.
    socket.on('error', () => {
      counters.add('upstreamErrors');
      this.#finish(true);
    });
    socket.connect(port, address, () => {
      const waiting = this.#queue ?? [];
      this.#queue = undefined;
      for (const datagram of waiting) socket.send(datagram);
    });
  }

  send(datagram: Buffer): void {
    this.#touch();
    if (this.#queue === undefined) this.#socket?.send(datagram);
    else if (this.#queue.length < MAX_QUEUED) this.#queue.push(datagram);
    else this.#thread.counters.add('datagramsDropped');
  }

  onLate(): void {
    this.#thread.counters.add('idleTimeouts');
    this.end();
  }

  end(): void {
    this.#finish(false);
  }

  #touch(): void {
    this.deadlineMs = this.#thread.nowMs + this.#idleTimeoutMs;
  }

  #finish(failed: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#thread.far.delete(this);
    this.#thread.counters.add('activeSessions', -1);
    if (failed) this.#thread.failed(this.endpoint, this.#startedUs);
    else this.#thread.ended(this.endpoint, this.#startedUs);
    this.#socket?.close();
    this.#onEnd();
  }
}
