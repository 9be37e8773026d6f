/**
 * Connections to endpoints that carry one HTTP/1.1 request after the other, and the free ones of a worker. A client on bare
 * sockets, as the proxy needs nothing else of one: a third of what Node's `http.request` costs (bench/README.md).
 */
import { connect, type Socket } from 'node:net';
import type { Waiting } from './deadlines.ts';
import type { Call, CallListener } from './http-call.ts';
import { ResponseError, type ResponseHead } from './http-head.ts';
import type { RawHeaders } from './http-headers.ts';
import { ResponseParser, type ResponseSink } from './http-response.ts';
import type { Thread } from './thread.ts';

/** Unused for so long it is closed, unless the endpoint says less. */
const FREE_MS = 30_000;
/** Less than the endpoint says, as its own clock began earlier. */
const MARGIN_MS = 1000;
/** To one endpoint. */
const MAX_FREE = 256;
/** What all connections of a worker read into: what is read is handed on, or copied, before the next read. */
const READ_BYTES = 65_536;

/** What becomes of a request: in this order, and nothing after `onEnd` or `onBroken`. */
export interface ResponseListener extends ResponseSink {
  /** The connection may be another's already. */
  onEnd(trailers: RawHeaders): void;
  /** Half a response. */
  onBroken(): void;
  /** More of the request's body may be written. */
  onDrain(): void;
}

export interface HttpRequest {
  /** With the empty line that ends it; latin1. */
  readonly head: string;
  /** It is HEAD, and so its response has no body. */
  readonly bodiless: boolean;
  readonly body: 'none' | 'length' | 'chunked';
}

/** Those of a worker that are free, by endpoint. */
export class HttpConnections {
  readonly thread: Thread;
  readonly memory = Buffer.allocUnsafeSlow(READ_BYTES);
  readonly #free = new Map<string, HttpConnection[]>();

  constructor(thread: Thread) {
    this.thread = thread;
  }

  /** Sends the request by the connection that was used last, or by a new one. */
  call(
    host: string,
    port: number,
    request: HttpRequest,
    listener: CallListener,
    response: ResponseListener,
  ): HttpConnection {
    const key = `${host} ${port}`;
    const connection = this.#free.get(key)?.pop() ?? new HttpConnection(this, key, host, port);
    connection.begin(request, listener, response);
    return connection;
  }

  /** False where there are enough. */
  keep(connection: HttpConnection): boolean {
    if (this.thread.stopping) return false;
    const free = this.#free.get(connection.key);
    if (free === undefined) this.#free.set(connection.key, [connection]);
    else if (free.length >= MAX_FREE) return false;
    else free.push(connection);
    return true;
  }

  forget(connection: HttpConnection): void {
    const free = this.#free.get(connection.key);
    if (free === undefined) return;
    const place = free.indexOf(connection);
    if (place >= 0) free.splice(place, 1);
    if (free.length === 0) this.#free.delete(connection.key);
  }

  closeFree(): void {
    for (const free of this.#free.values()) for (const connection of [...free]) connection.destroy();
  }
}

/** Whoever called drops it when it is told of the end. */
export class HttpConnection implements Call, Waiting {
  readonly key: string;
  /** While it is free. */
  deadlineMs = Number.POSITIVE_INFINITY;
  connected = false;
  reused = false;
  heard = false;
  readonly #all: HttpConnections;
  readonly #socket: Socket;
  readonly #parser = new ResponseParser(this);
  #request: HttpRequest | undefined;
  #listener: CallListener | undefined;
  #response: ResponseListener | undefined;
  /** The response has begun. */
  #begun = false;
  /** The request's body is whole. */
  #sent = false;
  #paused = false;

  constructor(all: HttpConnections, key: string, host: string, port: number) {
    this.#all = all;
    this.key = key;
    const callback = (bytes: number): boolean => {
      this.#onRead(all.memory.subarray(0, bytes));
      return true;
    };
    this.#socket = connect({ host, port, noDelay: true, onread: { buffer: all.memory, callback } });
    this.#socket.on('connect', () => this.#onConnect());
    this.#socket.on('drain', () => this.#response?.onDrain());
    this.#socket.on('end', () => this.#onEnd());
    // What went wrong is all the same: it is closed then.
    this.#socket.on('error', () => this.#lose());
    this.#socket.on('close', () => this.#lose());
    all.thread.far.add(this);
  }

  begin(request: HttpRequest, listener: CallListener, response: ResponseListener): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#request = request;
    this.#listener = listener;
    this.#response = response;
    this.#begun = false;
    this.#sent = request.body === 'none';
    this.reused = this.connected;
    this.heard = false;
    this.#parser.begin(request.bodiless);
    if (this.connected) this.#socket.write(request.head, 'latin1');
  }

  /** A part of the request's body. False: no more until `onDrain`. */
  write(chunk: Buffer): boolean {
    const socket = this.#socket;
    if (this.#request?.body !== 'chunked') return socket.write(chunk);
    socket.cork();
    socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    socket.write(chunk);
    const more = socket.write('\r\n', 'latin1');
    socket.uncork();
    return more;
  }

  /** The request's body is whole. */
  end(trailers: readonly (readonly [string, string])[]): void {
    this.#sent = true;
    if (this.#request?.body !== 'chunked') return;
    const lines = trailers.map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`0\r\n${lines.join('')}\r\n`, 'latin1');
  }

  /** Reads no more; at most what one read has brought comes yet. False if it was so before. */
  pause(): boolean {
    if (this.#paused) return false;
    this.#paused = true;
    this.#socket.pause();
    return true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** Nobody is told. */
  destroy(): void {
    this.#detach();
    this.#all.thread.far.delete(this);
    this.#all.forget(this);
    this.#socket.destroy();
  }

  /** Nobody needed it for too long. */
  onLate(): void {
    this.destroy();
  }

  /** Of the parser. */
  onHead(head: ResponseHead): void {
    this.#begun = true;
    this.#listener?.onBegin();
    this.#response?.onHead(head);
  }

  onBody(chunk: Buffer): void {
    this.#response?.onBody(chunk);
  }

  #onConnect(): void {
    if (this.#request === undefined) return;
    this.connected = true;
    this.#socket.write(this.#request.head, 'latin1');
    this.#listener?.onConnect();
  }

  #onRead(bytes: Buffer): void {
    if (this.#request === undefined) {
      this.destroy();
      return;
    }
    this.heard = true;
    try {
      if (this.#parser.feed(bytes)) this.#complete();
    } catch (error) {
      if (!(error instanceof ResponseError)) throw error;
      this.#lose();
    }
  }

  #onEnd(): void {
    if (this.#begun && this.#parser.finish()) this.#complete();
    else this.#lose();
  }

  #complete(): void {
    const response = this.#response;
    const { keptSeconds, trailers } = this.#parser;
    const keptMs = Math.min(FREE_MS, 1000 * keptSeconds - MARGIN_MS);
    const sent = this.#sent;
    this.#detach();
    this.resume();
    if (sent && keptMs > 0 && this.#all.keep(this)) this.deadlineMs = this.#all.thread.nowMs + keptMs;
    else this.destroy();
    response?.onEnd(trailers);
  }

  #lose(): void {
    const [listener, response, begun] = [this.#listener, this.#response, this.#begun];
    this.destroy();
    if (begun) response?.onBroken();
    else listener?.onError();
  }

  #detach(): void {
    this.#request = undefined;
    this.#listener = undefined;
    this.#response = undefined;
    this.#begun = false;
  }
}
