/** One request and its response. */
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Waiting } from './deadlines.ts';
import { HttpAttempt } from './http-attempt.ts';
import type { HttpClient, HttpShared } from './http-client.ts';
import { requestHeaders, responseHeaders, trailers } from './http-headers.ts';
import type { Thread } from './thread.ts';

/** RFC 9110, 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
const SERVER_ERRORS = 500;
/** Bytes; a longer body goes through as it comes. */
const SHORT_BODY = 16_384;

export class HttpExchange implements Waiting {
  deadlineMs = 0;
  readonly #thread: Thread;
  readonly #client: HttpClient;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #attempt: HttpAttempt;
  readonly #hasBody: boolean;
  #upstream: IncomingMessage | undefined;
  #over = false;

  constructor(shared: HttpShared, client: HttpClient, request: IncomingMessage, response: ServerResponse) {
    this.#thread = shared.thread;
    this.#client = client;
    this.#request = request;
    this.#response = response;
    const { method = 'GET', url = '/', headers, rawHeaders } = request;
    const chunked = headers['transfer-encoding'] !== undefined;
    this.#hasBody = chunked || Number(headers['content-length'] ?? 0) > 0;
    this.#thread.counters.add('requests');
    response.sendDate = false;
    response.on('close', () => this.#onClientClose());
    this.#attempt = new HttpAttempt(
      shared,
      client,
      {
        method,
        path: url,
        headers: requestHeaders(rawHeaders, { client: client.addresses.source, chunked }),
        hasBody: this.#hasBody,
        idempotent: !this.#hasBody && IDEMPOTENT.has(method),
      },
      {
        onConnect: (upstream) => this.#sendBody(upstream),
        onResponse: (upstream) => this.#onResponse(upstream),
        onFailure: (status, reason) => this.#answer(status, reason),
      },
    );
    this.#attempt.send();
  }

  /** Nothing moved for the idle timeout. */
  onLate(): void {
    this.#thread.counters.add('idleTimeouts');
    this.#breakOff();
  }

  #sendBody(upstream: ClientRequest): void {
    if (!this.#hasBody) return;
    const request = this.#request;
    request.on('data', (chunk: Buffer) => {
      this.#thread.counters.add('bytesIn', chunk.length);
      this.#touch();
      if (!upstream.write(chunk)) request.pause();
    });
    upstream.on('drain', () => request.resume());
    request.on('end', () => {
      if (request.rawTrailers.length > 0) upstream.addTrailers(trailers(request.rawTrailers));
      upstream.end();
    });
  }

  #onResponse(upstream: IncomingMessage): void {
    const { counters, far } = this.#thread;
    const response = this.#response;
    this.#upstream = upstream;
    const status = upstream.statusCode ?? 502;
    response.writeHead(status, upstream.statusMessage, responseHeaders(upstream.rawHeaders, this.#mayTrail(upstream)));
    this.#touch();
    far.add(this);
    const whole = Number(upstream.headers['content-length'] ?? 0);
    upstream.on('data', (chunk: Buffer) => {
      counters.add('bytesOut', chunk.length);
      this.#touch();
      if (chunk.length === whole && whole <= SHORT_BODY) {
        this.#finish(status >= SERVER_ERRORS);
        // With its head in one string, and so in one write: a quarter of the time of a short response.
        response.end(chunk.toString('latin1'), 'latin1');
      } else if (!response.write(chunk)) upstream.pause();
    });
    response.on('drain', () => upstream.resume());
    upstream.on('end', () => {
      if (response.writableEnded) return;
      this.#finish(status >= SERVER_ERRORS);
      if (upstream.rawTrailers.length > 0) response.addTrailers(trailers(upstream.rawTrailers));
      response.end();
    });
    upstream.on('error', () => {
      counters.add('upstreamErrors');
      this.#finish(true);
      this.#breakOff();
    });
  }

  /** Trailers can follow a chunked body only, which old clients do not know. */
  #mayTrail({ headers }: IncomingMessage): boolean {
    const { method, httpVersion } = this.#request;
    return headers['transfer-encoding'] !== undefined && method !== 'HEAD' && httpVersion === '1.1';
  }

  #touch(): void {
    this.#attempt.touch();
    this.deadlineMs = this.#thread.nowMs + this.#client.settings.idleTimeoutMs;
  }

  #finish(failed: boolean): void {
    this.#thread.far.delete(this);
    this.#attempt.end(failed);
  }

  /** An answer of the proxy's own. The connection is closed where a body may still come. */
  #answer(status: number, reason: string): void {
    const response = this.#response;
    if (this.#over || response.headersSent) return;
    if (this.#hasBody) response.shouldKeepAlive = false;
    const body = `${reason}\n`;
    response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  }

  /** Half a response must not look like a whole one. */
  #breakOff(): void {
    this.#response.destroy();
    this.#upstream?.destroy();
  }

  #onClientClose(): void {
    this.#over = true;
    this.#thread.far.delete(this);
    if (!this.#response.writableFinished) this.#attempt.abort();
    else this.#attempt.end(false);
  }
}
