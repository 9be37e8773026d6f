/** A connection that is to become another protocol (WebSocket): asked for as a request, then bytes go both ways. */
import { request as ask, type ClientRequest, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Waiting } from './deadlines.ts';
import { forward } from './forward.ts';
import { HttpAttempt } from './http-attempt.ts';
import type { Call, CallListener } from './http-call.ts';
import type { HttpClient, HttpShared } from './http-client.ts';
import { type RawHeaders, requestHeaders, responseHeaders } from './http-headers.ts';
import type { Thread } from './thread.ts';

export class HttpUpgrade implements Waiting {
  deadlineMs = 0;
  readonly #thread: Thread;
  readonly #idleTimeoutMs: number;
  readonly #socket: Socket;
  readonly #head: Buffer;
  readonly #attempt: HttpAttempt;
  #upstream: Socket | undefined;

  constructor(shared: HttpShared, client: HttpClient, request: IncomingMessage, socket: Socket, head: Buffer) {
    this.#thread = shared.thread;
    this.#idleTimeoutMs = client.settings.idleTimeoutMs;
    this.#socket = socket;
    this.#head = head;
    this.#thread.counters.add('requests');
    const { method = 'GET', url = '/', headers, rawHeaders } = request;
    const asked = { client: client.addresses.source, chunked: false, upgrade: headers.upgrade ?? '' };
    const sent = requestHeaders(rawHeaders, asked);
    const options = { method, path: url, headers: sent, agent: shared.agent, setHost: false };
    const call = (host: string, port: number, listener: CallListener): Call => {
      const upstream = ask({ ...options, host, port }).end();
      return callOf(upstream, listener, {
        onResponse: (response) => this.#refused(response),
        onUpgrade: (response, socket, first) => this.#join(response, socket, first),
      });
    };
    const onFailure = (status: number, reason: string): void => {
      socket.end(headText(status, '', ['Content-Length', `${reason.length + 1}`]) + `${reason}\n`);
    };
    this.#attempt = new HttpAttempt(shared, client, { idempotent: true, call }, { onFailure });
    socket.on('error', () => this.#thread.counters.add('clientErrors'));
    socket.on('close', () => {
      this.#thread.far.delete(this);
      if (this.#upstream) this.#upstream.destroySoon();
      else this.#attempt.abort();
    });
    this.#attempt.send();
  }

  onLate(): void {
    this.#thread.counters.add('idleTimeouts');
    this.#socket.destroy();
    this.#upstream?.destroy();
  }

  #join(response: IncomingMessage, upstream: Socket, first: Buffer): void {
    const socket = this.#socket;
    this.#thread.counters.add('upgrades');
    this.#upstream = upstream;
    upstream.on('error', () => {
      this.#thread.counters.add('upstreamErrors');
      socket.resetAndDestroy();
    });
    upstream.on('close', () => {
      this.#attempt.end(false);
      socket.destroySoon();
    });
    const headers = [...responseHeaders(response.rawHeaders), 'Connection', 'Upgrade', 'Upgrade'];
    socket.write(
      headText(response.statusCode ?? 101, response.statusMessage, [...headers, response.headers.upgrade ?? '']),
    );
    if (first.length > 0) socket.write(first);
    if (this.#head.length > 0) upstream.write(this.#head);
    this.#touch();
    this.#thread.far.add(this);
    socket.setTimeout(0);
    upstream.setTimeout(0);
    forward(this.#thread, socket, upstream, () => this.#touch());
  }

  /** The endpoint answers as to any request; the connection ends after it. */
  #refused(response: IncomingMessage): void {
    const socket = this.#socket;
    const headers = [...responseHeaders(response.rawHeaders), 'Connection', 'close'];
    socket.write(headText(response.statusCode ?? 502, response.statusMessage, headers));
    response.on('data', (chunk: Buffer) => {
      if (!socket.write(chunk)) response.pause();
    });
    socket.on('drain', () => response.resume());
    response.on('end', () => {
      this.#attempt.end(false);
      socket.end();
    });
    response.on('error', () => {
      this.#attempt.end(true);
      socket.destroy();
    });
  }

  #touch(): void {
    this.deadlineMs = this.#thread.nowMs + this.#idleTimeoutMs;
  }
}

interface Answer {
  onResponse(response: IncomingMessage): void;
  onUpgrade(response: IncomingMessage, socket: Socket, first: Buffer): void;
}

/** By Node's own client: it hands the socket over with what came behind the head. */
function callOf(upstream: ClientRequest, listener: CallListener, answer: Answer): Call {
  let gone = false;
  const call = {
    connected: false,
    reused: false,
    heard: false,
    destroy(): void {
      gone = true;
      upstream.destroy();
    },
  };
  const begin = (): void => {
    call.heard = true;
    listener.onBegin();
  };
  upstream.on('socket', (socket) => {
    socket.once('connect', () => {
      call.connected = true;
      if (!gone) listener.onConnect();
    });
  });
  upstream.on('response', (response) => {
    if (gone) return;
    begin();
    answer.onResponse(response);
  });
  upstream.on('upgrade', (response, socket, first) => {
    if (gone) return;
    begin();
    answer.onUpgrade(response, socket as Socket, first);
  });
  upstream.on('error', () => {
    // Once a response has begun, its own end tells.
    if (!gone && !call.heard) listener.onError();
  });
  return call;
}

function headText(status: number, message: string | undefined, headers: RawHeaders): string {
  let text = `HTTP/1.1 ${status} ${message || STATUS_CODES[status]}\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${text}\r\n`;
}
