/** One stream of a client and its response: headers, bodies, trailers and resets, both ways. */
import { type ClientHttp2Stream, constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Waiting } from './deadlines.ts';
import type { HttpClient } from './http-client.ts';
import { type Asker, answer, letGo, unavailable } from './http2-answer.ts';
import { Http2Attempt, type Http2Shared, type ResponseHeaders } from './http2-attempt.ts';
import { RequestBody } from './http2-body.ts';
import { isGrpc, isServerError, passedOn, requestHeaders, sizeOf } from './http2-headers.ts';
import { MAX_HEADER_BYTES } from './http2-limits.ts';
import type { Thread } from './thread.ts';

/** RFC 9110, 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants;
const BAD_GATEWAY = 502;
const HEAD_TOO_LARGE = 431;
const NOT_IMPLEMENTED = 501;

export class Http2Exchange implements Waiting {
  deadlineMs = 0;
  readonly #thread: Thread;
  readonly #client: HttpClient;
  readonly #stream: ServerHttp2Stream;
  readonly #asker: Asker;
  readonly #body: RequestBody;
  readonly #attempt: Http2Attempt;
  #upstream: ClientHttp2Stream | undefined;
  #trailers: IncomingHttpHeaders = {};
  #failed = false;
  /** The endpoint has said all. */
  #ended = false;

  constructor(shared: Http2Shared, client: HttpClient, stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    const { thread } = shared;
    const { ':method': method = 'GET' } = headers;
    const hasBody = !stream.endAfterHeaders;
    this.#thread = thread;
    this.#client = client;
    this.#stream = stream;
    this.#asker = { grpc: isGrpc(headers), method };
    thread.counters.add('requests');
    this.#body = new RequestBody(stream, (bytes) => {
      thread.counters.add('bytesIn', bytes);
      this.#touch();
    });
    const options = {
      headers: requestHeaders(headers, client.addresses.source),
      hasBody,
      idempotent: !hasBody && IDEMPOTENT.has(method),
    };
    this.#attempt = new Http2Attempt(shared, client, options, {
      onStream: (upstream) => {
        if (hasBody) this.#body.sendTo(upstream);
      },
      isRepeatable: () => this.#body.repeatable,
      onInformation: (information) => {
        if (this.#isOpen()) stream.additionalHeaders(passedOn(information));
      },
      onResponse: (upstream, response, ended) => this.#onResponse(upstream, response, ended),
      onFailure: (status, reason) => this.#answer(status, reason),
    });
    stream.on('error', () => thread.counters.add('clientErrors'));
    stream.on('aborted', () => this.#onClientClose()); // What was not read yet holds 'close' back.
    stream.on('close', () => this.#onClientClose());
    if (sizeOf(headers) > MAX_HEADER_BYTES)
      this.#answer(HEAD_TOO_LARGE, `the head is of more than ${MAX_HEADER_BYTES} bytes`);
    else if (method === 'CONNECT') this.#answer(NOT_IMPLEMENTED, 'there is no CONNECT here');
    else this.#attempt.send();
  }

  /** Nothing moved for the idle timeout. */
  onLate(): void {
    this.#thread.counters.add('idleTimeouts');
    this.#finish(false);
    this.#upstream?.close(NGHTTP2_CANCEL);
    this.#breakOff('nothing moved for too long', NGHTTP2_CANCEL);
  }

  #onResponse(upstream: ClientHttp2Stream, headers: ResponseHeaders, ended: boolean): void {
    const stream = this.#stream;
    this.#upstream = upstream;
    this.#body.settle();
    this.#failed = isServerError(headers);
    upstream.on('close', () => this.#onUpstreamClose(upstream));
    if (!this.#respond(headers, ended)) return;
    this.#touch();
    this.#thread.far.add(this);
    upstream.on('data', (chunk: Buffer) => {
      this.#thread.counters.add('bytesOut', chunk.length);
      this.#touch();
      if (stream.writable && !stream.write(chunk)) upstream.pause();
    });
    stream.on('drain', () => upstream.resume());
    upstream.on('trailers', (trailers) => {
      this.#trailers = trailers;
      this.#failed ||= isServerError(trailers);
    });
    upstream.on('end', () => this.#onUpstreamEnd(upstream));
  }

  /** @returns false where what came is no response. */
  #respond(headers: ResponseHeaders, ended: boolean): boolean {
    const stream = this.#stream;
    stream.on('wantTrailers', () => {
      stream.sendTrailers(passedOn(this.#trailers));
      setImmediate(() => letGo(stream)); // A reset of this turn would come before them.
    });
    let wrong = `its head is of more than ${MAX_HEADER_BYTES} bytes`;
    if (sizeOf(headers) <= MAX_HEADER_BYTES) {
      try {
        stream.respond(passedOn(headers), ended ? { endStream: true } : { waitForTrailers: true });
        return true;
      } catch (error) {
        wrong = (error as Error).message;
      }
    }
    this.#thread.counters.add('upstreamErrors');
    this.#finish(true);
    this.#upstream?.close(NGHTTP2_CANCEL);
    this.#answer(BAD_GATEWAY, `the endpoint's response cannot be passed on: ${wrong}`);
    return false;
  }

  /** A reset ends what can be read, too: it is told by 'close'. */
  #onUpstreamEnd(upstream: ClientHttp2Stream): void {
    if (upstream.rstCode !== NGHTTP2_NO_ERROR) return;
    const stream = this.#stream;
    this.#ended = true;
    this.#finish(this.#failed);
    if (stream.writable) stream.end();
    else letGo(stream);
    if (!upstream.writableEnded) upstream.close(NGHTTP2_CANCEL);
  }

  /** Without an end: the endpoint, or the connection to it, broke off. */
  #onUpstreamClose(upstream: ClientHttp2Stream): void {
    if (this.#ended) return;
    const lost = upstream.session === undefined || upstream.session.destroyed;
    this.#thread.counters.add('upstreamErrors');
    this.#finish(true);
    if (lost || upstream.rstCode === 0) this.#breakOff('the endpoint broke off', NGHTTP2_INTERNAL_ERROR);
    else this.#stream.close(upstream.rstCode);
  }

  #touch(): void {
    this.#attempt.touch();
    this.deadlineMs = this.#thread.nowMs + this.#client.settings.idleTimeoutMs;
  }

  #finish(failed: boolean): void {
    this.#ended = true;
    this.#thread.far.delete(this);
    this.#attempt.end(failed);
  }

  #isOpen(): boolean {
    return !this.#stream.closed && !this.#stream.destroyed && !this.#stream.headersSent;
  }

  #answer(status: number, reason: string): void {
    this.#ended = true;
    this.#body.settle();
    if (this.#isOpen()) answer(this.#stream, this.#asker, status, reason);
  }

  /** Half a response must not look like a whole one: gRPC hears a status, and the others a reset. */
  #breakOff(reason: string, code: number): void {
    const stream = this.#stream;
    if (this.#asker.grpc && stream.writable) {
      this.#trailers = passedOn(unavailable(reason) as IncomingHttpHeaders) as IncomingHttpHeaders;
      stream.end();
    } else stream.close(code);
  }

  #onClientClose(): void {
    this.#thread.far.delete(this);
    if (!this.#ended) this.#attempt.abort(this.#stream.rstCode || NGHTTP2_CANCEL);
  }
}
