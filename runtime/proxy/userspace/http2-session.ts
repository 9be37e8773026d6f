/**
 * One HTTP/2 connection to an endpoint. No stream is opened before the endpoint has said its settings: what is no HTTP/2
 * has been sent no request then, and how many streams it takes is known. It ends when the endpoint wants no more streams,
 * or nobody has wanted one for a while.
 */
import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Waiting } from './deadlines.ts';
import { CONNECTION_WINDOW, SESSION_MEMORY_MIB, STREAM_WINDOW } from './http2-limits.ts';
import type { Thread } from './thread.ts';

/** Streams of one connection, should the endpoint take as many. */
const MAX_STREAMS = 1024;
/** Until the endpoint has said how many: what RFC 9113, 6.5.2, asks it to take at least. */
const ASSUMED_STREAMS = 100;
/** Of 2^30 numbers that streams of one connection can have. */
const MAX_NUMBERS = 2 ** 29;
/** Without a stream for so long it is closed. */
const FREE_MS = 30_000;

export interface SessionWaiter {
  /** Streams may be opened now. */
  onOpen(session: ClientHttp2Session): void;
  /** The endpoint takes fewer streams than was thought: another connection is needed. */
  onFull(): void;
  /** Nothing was sent. */
  onFailure(why: SessionFailure): void;
}

/** The endpoint accepted nothing, or spoke no HTTP/2; did not answer in time; takes no streams at all. */
export type SessionFailure = 'unreachable' | 'late' | 'full';

/** Room for one stream. */
export interface Lease {
  /** undefined: the waiter will be told. */
  readonly session: ClientHttp2Session | undefined;
  /** Its stream is closed, or is wanted no more. */
  release(): void;
}

export class EndpointSession implements Waiting {
  deadlineMs: number;
  readonly #thread: Thread;
  readonly #socket: Socket;
  readonly #session: ClientHttp2Session;
  readonly #onGone: () => void;
  readonly #waiting = new Set<SessionWaiter>();
  #open = false;
  #gone = false;
  #late = false;
  #limit = ASSUMED_STREAMS;
  #leases = 0;
  #numbers = 0;

  /** @param onGone it takes no more streams; those it has go on. Once. */
  constructor(thread: Thread, host: string, port: number, connectTimeoutMs: number, onGone: () => void) {
    this.#thread = thread;
    this.#onGone = onGone;
    this.#socket = connectTcp({ host, port, noDelay: true, autoSelectFamily: false });
    const session = connect(`http://${host.includes(':') ? `[${host}]` : host}:${port}`, {
      createConnection: () => this.#socket,
      peerMaxConcurrentStreams: MAX_STREAMS,
      maxSessionMemory: SESSION_MEMORY_MIB,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
    });
    this.#session = session;
    session.on('connect', () => {
      thread.counters.add('connected');
      session.setLocalWindowSize(CONNECTION_WINDOW);
    });
    session.on('remoteSettings', ({ maxConcurrentStreams = MAX_STREAMS }) => {
      this.#limit = Math.min(MAX_STREAMS, maxConcurrentStreams);
      if (!this.#open) this.#onOpen();
    });
    session.on('goaway', () => this.#leave());
    session.on('error', () => {}); // 'close' follows, and tells.
    session.on('close', () => this.#onClose());
    this.deadlineMs = thread.nowMs + connectTimeoutMs;
    thread.near.add(this);
  }

  get hasRoom(): boolean {
    const { closed, destroyed } = this.#session;
    return !this.#gone && !closed && !destroyed && this.#leases < this.#limit;
  }

  /** There must be room. */
  take(waiter: SessionWaiter): Lease {
    this.#leases++;
    if (this.#open) {
      this.#thread.far.delete(this);
      if (++this.#numbers >= MAX_NUMBERS) this.#leave();
    } else this.#waiting.add(waiter);
    let leased = true;
    return {
      session: this.#open ? this.#session : undefined,
      release: () => {
        if (!leased) return;
        leased = false;
        this.#waiting.delete(waiter);
        this.#leases--;
        this.#rest();
      },
    };
  }

  /** It did not answer in time, or nobody has wanted it for long. */
  onLate(): void {
    this.#late = !this.#open;
    if (this.#open) this.#leave();
    else this.#socket.destroy(); // The session itself would wait until it is connected.
  }

  #onOpen(): void {
    this.#open = true;
    this.#thread.near.delete(this);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    waiting.forEach((waiter, i) => {
      if (i < this.#limit && !this.#session.destroyed) {
        this.#numbers++;
        waiter.onOpen(this.#session);
      } else if (this.#limit > 0) waiter.onFull();
      else waiter.onFailure('full');
    });
    this.#rest();
  }

  /** Nobody needs it now. */
  #rest(): void {
    if (this.#leases > 0 || !this.#open || this.#gone) return;
    this.deadlineMs = this.#thread.nowMs + FREE_MS;
    this.#thread.far.add(this);
  }

  /** Takes no more streams, and is closed once those it has are. */
  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#thread.near.delete(this);
    this.#thread.far.delete(this);
    this.#onGone();
    if (this.#open && !this.#session.destroyed) setImmediate(() => this.#session.close());
  }

  #onClose(): void {
    this.#leave();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const waiter of waiting) waiter.onFailure(this.#late ? 'late' : 'unreachable');
  }
}
