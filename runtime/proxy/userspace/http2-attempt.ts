/**
 * One stream on its way to an endpoint: a connection with room for it, another endpoint where there is none or the stream
 * is refused, until a response begins. What becomes of the response is the exchange's.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Counter } from './counters.ts';
import type { Waiting } from './deadlines.ts';
import { EndpointTurns, type TurnEnd } from './endpoint-turns.ts';
import type { HttpClient } from './http-client.ts';
import type { Lease, SessionFailure } from './http2-session.ts';
import type { EndpointSessions } from './http2-sessions.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { Thread } from './thread.ts';

/** What all streams of a worker share. */
export interface Http2Shared {
  readonly thread: Thread;
  readonly sessions: EndpointSessions;
  readonly budget: RetryBudget;
}

export interface Http2AttemptOptions {
  readonly headers: OutgoingHttpHeaders;
  readonly hasBody: boolean;
  /** May be sent twice, should the connection break. */
  readonly idempotent: boolean;
}

export type ResponseHeaders = IncomingHttpHeaders & IncomingHttpStatusHeader;

export interface Http2AttemptEvents {
  /** The stream is open: its body may be sent, from the beginning. Again for each endpoint. */
  onStream(upstream: ClientHttp2Stream): void;
  /** All that was sent of the body can be sent again. */
  isRepeatable(): boolean;
  /** Before the response: 1xx. */
  onInformation(headers: ResponseHeaders): void;
  onResponse(upstream: ClientHttp2Stream, headers: ResponseHeaders, ended: boolean): void;
  /** 502, 503 or 504, and why. */
  onFailure(status: number, reason: string): void;
}

const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM, NGHTTP2_FLAG_END_STREAM } = constants;
const BAD_GATEWAY = 502;
const UNAVAILABLE = 503;
const GATEWAY_TIMEOUT = 504;
const UNREACHED: Readonly<Record<SessionFailure, [counter: Counter, status: number, reason: string]>> = {
  unreachable: ['connectFailures', BAD_GATEWAY, 'no endpoint accepted the connection, or spoke HTTP/2'],
  late: ['connectTimeouts', GATEWAY_TIMEOUT, 'no endpoint accepted in time'],
  full: ['streamsRefused', UNAVAILABLE, 'the endpoints take no more streams'],
};

export class Http2Attempt implements Waiting {
  deadlineMs = 0;
  readonly #shared: Http2Shared;
  readonly #client: HttpClient;
  readonly #options: Http2AttemptOptions;
  readonly #events: Http2AttemptEvents;
  readonly #turns: EndpointTurns;
  #at: { readonly host: string; readonly port: number } | undefined;
  #lease: Lease | undefined;
  #upstream: ClientHttp2Stream | undefined;
  #over = false;
  /** Of the last endpoint. */
  #refusal: [status: number, reason: string] = [BAD_GATEWAY, ''];

  constructor(shared: Http2Shared, client: HttpClient, options: Http2AttemptOptions, events: Http2AttemptEvents) {
    const { service, settings } = client;
    this.#shared = shared;
    this.#client = client;
    this.#options = options;
    this.#events = events;
    const { maxAttempts } = settings;
    this.#turns = new EndpointTurns(shared.thread, shared.budget, { service, client: client.client, maxAttempts });
  }

  send(): void {
    this.#at = this.#turns.next();
    if (this.#at !== undefined) this.#join();
    else if (this.#turns.someFailed) this.#fail(...this.#refusal);
    else {
      this.#shared.thread.counters.add('noEndpoint');
      this.#fail(UNAVAILABLE, 'no endpoint is available');
    }
  }

  /** The body moves: the response is waited for from now on. */
  touch(): void {
    this.deadlineMs = this.#shared.thread.nowMs + this.#client.settings.responseTimeoutMs;
  }

  /** The work at the endpoint is over. Once; later calls change nothing. */
  end(failed: boolean): void {
    this.#over = true;
    this.#shared.thread.near.delete(this);
    this.#turns.end(failed);
  }

  /** Nobody waits for it any more. @param code told to the endpoint. */
  abort(code: number): void {
    this.end(false);
    if (this.#upstream) this.#upstream.close(code);
    else this.#lease?.release();
  }

  onLate(): void {
    this.#shared.thread.counters.add('responseTimeouts');
    this.#fail(GATEWAY_TIMEOUT, 'the endpoint did not answer in time');
    this.#upstream?.close(NGHTTP2_CANCEL);
  }

  /** Waits for a connection to the endpoint that has room. */
  #join(): void {
    const { connectTimeoutMs } = this.#client.settings;
    const wanted = { ...(this.#at as { host: string; port: number }), connectTimeoutMs };
    const lease = this.#shared.sessions.take(wanted, {
      onOpen: (session) => this.#open(session, false),
      onFull: () => {
        this.#lease?.release();
        this.#join();
      },
      onFailure: (why) => {
        this.#lease?.release();
        this.#onUnreached(why);
      },
    });
    this.#lease = lease;
    if (lease === undefined) this.#onUnreached('full');
    else if (lease.session) this.#open(lease.session, true);
  }

  #onUnreached(why: SessionFailure): void {
    const { counters } = this.#shared.thread;
    const [counter, status, reason] = UNREACHED[why];
    counters.add(counter);
    if (why === 'late') counters.add('connectFailures');
    this.#retryOr(status, reason);
  }

  /** @param reused the connection was there before. */
  #open(session: ClientHttp2Session, reused: boolean): void {
    const { headers, hasBody } = this.#options;
    const upstream = session.request(headers, { endStream: !hasBody, waitForTrailers: hasBody });
    const lease = this.#lease;
    this.#upstream = upstream;
    this.touch();
    this.#shared.thread.near.add(this);
    let responded = false;
    upstream.on('headers', (information: ResponseHeaders) => {
      if (!this.#over && !responded) this.#events.onInformation(information);
    });
    upstream.on('response', (response, flags) => {
      if (this.#over) return;
      responded = true;
      this.#shared.thread.near.delete(this);
      this.#events.onResponse(upstream, response, (flags & NGHTTP2_FLAG_END_STREAM) !== 0);
    });
    upstream.on('error', () => {}); // 'close' follows, and tells.
    upstream.on('close', () => {
      lease?.release();
      if (!responded && !this.#over) this.#onRefused(upstream.rstCode, session, reused);
    });
    this.#events.onStream(upstream);
  }

  /** The stream was closed without a response. */
  #onRefused(code: number, session: ClientHttp2Session, reused: boolean): void {
    const { counters } = this.#shared.thread;
    this.#upstream = undefined;
    this.#shared.thread.near.delete(this);
    if (code === NGHTTP2_REFUSED_STREAM && this.#events.isRepeatable()) {
      counters.add('streamsRefused');
      this.#retryOr(UNAVAILABLE, 'the endpoint refused the stream', session.closed ? 'left' : 'failed');
    } else if (reused && session.destroyed && this.#options.idempotent) {
      this.#retryOr(BAD_GATEWAY, 'the endpoint broke off', 'broke');
    } else {
      counters.add('upstreamErrors');
      this.#fail(BAD_GATEWAY, 'the endpoint broke off');
    }
  }

  #retryOr(status: number, reason: string, why: TurnEnd = 'failed'): void {
    this.#refusal = [status, reason];
    if (this.#turns.again(why)) this.send();
    else this.#fail(status, reason);
  }

  #fail(status: number, reason: string): void {
    this.end(true);
    this.#events.onFailure(status, reason);
  }
}
