/**
 * One TCP connection through the proxy: an endpoint is picked and dialled, another one where that fails, and then bytes go
 * both ways. An end in one direction is passed on and leaves the other open; who reads slowly slows down who writes.
 */
import { connect, type Socket } from 'node:net';
import { Tried } from '../../../core/index.ts';
import { encodeProxyHeader, type ProxiedAddresses } from '../proxy-protocol.ts';
import type { PortSettings } from '../settings.ts';
import type { Waiting } from './deadlines.ts';
import { forwardHalf } from './forward.ts';
import { Intake } from './intake.ts';
import { readInto } from './read-into.ts';
import { nowUs, type Thread } from './thread.ts';

export interface RelayOptions {
  readonly service: number;
  /** What picks take for the client. */
  readonly client: number;
  readonly settings: PortSettings;
  /** For the PROXY protocol, where it is sent. */
  readonly addresses?: ProxiedAddresses;
}

export class TcpRelay implements Waiting {
  deadlineMs = 0;
  readonly #thread: Thread;
  readonly #options: RelayOptions;
  readonly #client: Socket;
  #upstream: Socket | undefined;
  /** Whose work has begun; -1 where none has, or it has ended. */
  #endpoint = -1;
  #startedUs = 0;
  #tried: Tried | undefined;
  #connected = false;
  #failed = false;
  #clientGone = false;

  /** The connection counts as active already. */
  constructor(thread: Thread, client: Socket, options: RelayOptions) {
    this.#thread = thread;
    this.#client = client;
    this.#options = options;
    client.on('error', () => {
      thread.counters.add('clientErrors');
      this.#upstream?.resetAndDestroy();
    });
    client.on('close', () => this.#onClientClose());
    this.#dial();
  }

  /** The connect or the idle timeout, whichever it waits for. */
  onLate(): void {
    if (!this.#connected) {
      this.#thread.counters.add('connectTimeouts');
      this.#retry();
      return;
    }
    this.#thread.counters.add('idleTimeouts');
    this.#client.destroy();
    this.#upstream?.destroy();
  }

  #dial(): void {
    const { service, client, settings } = this.#options;
    const endpoint = this.#thread.start(service, client, this.#tried);
    if (endpoint < 0) {
      if (this.#tried === undefined) this.#thread.counters.add('noEndpoint');
      this.#client.resetAndDestroy();
      return;
    }
    this.#endpoint = endpoint;
    this.#startedUs = nowUs();
    const { picker, near, nowMs } = this.#thread;
    const intake = new Intake(this.#client, (bytes) => this.#moved('bytesOut', bytes));
    const upstream = connect({
      host: picker.addressOf(endpoint),
      port: picker.portOf(endpoint),
      allowHalfOpen: true,
      noDelay: true,
      autoSelectFamily: false,
      onread: intake.onread,
    });
    intake.from = upstream;
    this.#upstream = upstream;
    this.deadlineMs = nowMs + settings.connectTimeoutMs;
    near.add(this);
    upstream.on('connect', () => this.#join(upstream));
    upstream.on('error', () => this.#onUpstreamError(upstream));
    upstream.on('close', () => {
      intake.release();
      this.#onUpstreamClose(upstream);
    });
  }

  #moved(direction: 'bytesIn' | 'bytesOut', bytes: number): void {
    this.#thread.counters.add(direction, bytes);
    this.#touch();
  }

  /** The endpoint did not accept: another one, while attempts are left. */
  #retry(): void {
    const { counters, near } = this.#thread;
    near.delete(this);
    counters.add('connectFailures');
    this.#tried ??= new Tried();
    this.#tried.add(this.#endpoint);
    this.#failed = true;
    this.#settle();
    this.#failed = false;
    const upstream = this.#upstream;
    this.#upstream = undefined;
    upstream?.destroy();
    if (this.#tried.count >= this.#options.settings.maxAttempts) {
      this.#client.resetAndDestroy();
      return;
    }
    counters.add('retries');
    this.#dial();
  }

  #join(upstream: Socket): void {
    const { near, far, counters } = this.#thread;
    near.delete(this);
    this.#connected = true;
    counters.add('connected');
    const { addresses, settings } = this.#options;
    if (addresses && settings.sendProxyProtocol !== 0) {
      upstream.write(encodeProxyHeader(addresses, settings.sendProxyProtocol));
    }
    const client = this.#client;
    this.#touch();
    far.add(this);
    this.#forwardIn(upstream);
    upstream.on('end', () => {
      // Both have said all they had to: what closes it ends it as well, and one call of the system is saved.
      if (client.readableEnded && client.writableLength === 0) client.destroy();
      else client.end();
    });
  }

  /** What the client says. Some of it may have come before there was anybody to tell. */
  #forwardIn(upstream: Socket): void {
    const client = this.#client;
    const early = client.read() as Buffer | null;
    if (early !== null) {
      this.#moved('bytesIn', early.length);
      upstream.write(early);
    }
    const intake = new Intake(upstream, (bytes) => this.#moved('bytesIn', bytes));
    if (!readInto(client, intake.onread)) {
      forwardHalf(this.#thread, client, upstream, () => this.#touch());
      return;
    }
    intake.from = client;
    client.on('close', () => intake.release());
    if (client.readableEnded) upstream.end();
    else client.on('end', () => upstream.end());
    client.resume();
  }

  #touch(): void {
    this.deadlineMs = this.#thread.nowMs + this.#options.settings.idleTimeoutMs;
  }

  #onUpstreamError(upstream: Socket): void {
    if (upstream !== this.#upstream || this.#clientGone) return;
    if (!this.#connected) {
      this.#retry();
      return;
    }
    this.#thread.counters.add('upstreamErrors');
    this.#failed = true;
    this.#client.resetAndDestroy();
  }

  #onUpstreamClose(upstream: Socket): void {
    if (upstream !== this.#upstream) return;
    this.#upstream = undefined;
    this.#settle();
    if (this.#clientGone) this.#over();
    else this.#client.destroySoon(); // What it has not read yet is still written.
  }

  #onClientClose(): void {
    this.#clientGone = true;
    if (this.#upstream === undefined) this.#over();
    else if (this.#connected) this.#upstream.destroySoon();
    else this.#upstream.destroy();
  }

  #settle(): void {
    if (this.#endpoint < 0) return;
    if (this.#failed) this.#thread.failed(this.#endpoint, this.#startedUs);
    else this.#thread.ended(this.#endpoint, this.#startedUs);
    this.#endpoint = -1;
  }

  /** Both sides are closed. */
  #over(): void {
    this.#thread.near.delete(this);
    this.#thread.far.delete(this);
    this.#thread.counters.add('activeConnections', -1);
  }
}
