/**
 * One client's HTTP/2 connection: its streams are exchanges of their own. Past its age, or idle for too long, it is told
 * to open no more streams (GOAWAY), and is closed once those it has are.
 */
import {
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Waiting } from './deadlines.ts';
import type { HttpClient } from './http-client.ts';
import type { Http2Shared } from './http2-attempt.ts';
import { Http2Exchange } from './http2-exchange.ts';
import { CONNECTION_WINDOW, MAX_CLIENT_STREAMS, SESSION_MEMORY_MIB, STREAM_WINDOW } from './http2-limits.ts';
import type { Thread } from './thread.ts';

const SERVER = {
  maxSessionMemory: SESSION_MEMORY_MIB,
  settings: {
    initialWindowSize: STREAM_WINDOW,
    maxConcurrentStreams: MAX_CLIENT_STREAMS,
  },
};

/** For a client that was told to go, and has no streams, to close its side. */
const LINGER_MS = 5_000;

export interface ConnectionOptions {
  /** For the client to say that it speaks HTTP/2. */
  readonly greetingMs: number;
  /** On the thread's clock. */
  readonly oldMs: number;
  onClose(): void;
}

export class Http2Connection implements Waiting {
  deadlineMs: number;
  readonly #thread: Thread;
  readonly #idleTimeoutMs: number;
  readonly #oldMs: number;
  readonly #socket: Socket;
  readonly #session: ServerHttp2Session;
  #streams = 0;
  #greeted = false;
  #leaving = false;

  constructor(shared: Http2Shared, socket: Socket, client: HttpClient, options: ConnectionOptions) {
    const { thread } = shared;
    this.#thread = thread;
    this.#idleTimeoutMs = client.settings.idleTimeoutMs;
    this.#oldMs = options.oldMs;
    this.deadlineMs = thread.nowMs + options.greetingMs;
    socket.allowHalfOpen = false; // An end of one direction is one of both here.
    const session = performServerHandshake(socket, SERVER);
    this.#socket = socket;
    this.#session = session;
    session.setLocalWindowSize(CONNECTION_WINDOW);
    session.on('remoteSettings', () => {
      this.#greeted = true;
      this.#rest();
    });
    session.on('stream', (stream, headers) => this.#onStream(shared, client, stream, headers));
    session.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
      thread.counters.add(code.startsWith('ERR_HTTP2') ? 'protocolErrors' : 'clientErrors');
    });
    session.on('close', () => {
      thread.far.delete(this);
      options.onClose();
    });
    thread.far.add(this);
  }

  onLate(): void {
    if (!this.#greeted || this.#leaving) {
      if (!this.#greeted) this.#thread.counters.add('protocolErrors');
      this.#socket.destroy();
      return;
    }
    if (this.#thread.nowMs < this.#oldMs) this.#thread.counters.add('idleTimeouts');
    this.leave();
  }

  /** No more streams. What the client sent before it heard that is refused, which it may send again elsewhere. */
  leave(): void {
    if (this.#leaving || this.#session.destroyed) return;
    this.#leaving = true;
    this.#rest();
    this.#thread.far.add(this);
    this.#thread.counters.add('goaways');
    this.#session.close();
  }

  #onStream(shared: Http2Shared, client: HttpClient, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    this.#streams++;
    this.#rest();
    stream.on('close', () => {
      this.#streams--;
      this.#rest();
    });
    new Http2Exchange(shared, client, stream, headers);
  }

  /** What it waits for now: its age, streams or, on its way out, that the client closes its side. */
  #rest(): void {
    const patienceMs = this.#leaving ? LINGER_MS : this.#idleTimeoutMs;
    const idleMs = this.#streams > 0 ? Infinity : this.#thread.nowMs + patienceMs;
    this.deadlineMs = this.#leaving ? idleMs : Math.min(this.#oldMs, idleMs);
  }
}
