/**
 * One request on its way to an endpoint: connect, another endpoint where that fails, until a response begins. What becomes
 * of the response is for exchange and upgrade, which differ in nothing before it.
 */
import { Tried } from '../../../core/index.ts';
import type { Waiting } from './deadlines.ts';
import type { Call, CallListener } from './http-call.ts';
import type { HttpClient, HttpShared } from './http-client.ts';
import { nowUs } from './thread.ts';

export interface AttemptOptions {
  /** May be sent twice, should an idle connection turn out to be closed. */
  readonly idempotent: boolean;
  /** Sends it; `listener` hears of it later. */
  call(host: string, port: number, listener: CallListener): Call;
}

export interface AttemptEvents {
  /** Connected: the body may be sent. From now on no other endpoint is tried, unless the request is idempotent. */
  onConnect?(): void;
  /** 502, 503 or 504, and why. */
  onFailure(status: number, reason: string): void;
}

const NO_ENDPOINT_STATUS = 503;
const BAD_GATEWAY = 502;
const GATEWAY_TIMEOUT = 504;

export class HttpAttempt implements CallListener, Waiting {
  deadlineMs = 0;
  readonly #shared: HttpShared;
  readonly #client: HttpClient;
  readonly #options: AttemptOptions;
  readonly #events: AttemptEvents;
  #tried: Tried | undefined;
  #call: Call | undefined;
  #endpoint = -1;
  #startedUs = 0;
  #attempts = 0;
  /** Retries in the budget. */
  #retries = 0;

  constructor(shared: HttpShared, client: HttpClient, options: AttemptOptions, events: AttemptEvents) {
    this.#shared = shared;
    this.#client = client;
    this.#options = options;
    this.#events = events;
  }

  send(): void {
    const { thread } = this.#shared;
    const { service, client, settings } = this.#client;
    const endpoint = thread.start(service, client, this.#tried);
    if (endpoint < 0) {
      if (this.#tried !== undefined) {
        this.#fail(BAD_GATEWAY, 'no endpoint accepted the connection');
        return;
      }
      thread.counters.add('noEndpoint');
      this.#fail(NO_ENDPOINT_STATUS, 'no endpoint is available');
      return;
    }
    this.#attempts++;
    this.#endpoint = endpoint;
    this.#startedUs = nowUs();
    this.deadlineMs = thread.nowMs + settings.connectTimeoutMs;
    thread.near.add(this);
    const call = this.#options.call(thread.picker.addressOf(endpoint), thread.picker.portOf(endpoint), this);
    this.#call = call;
    if (call.connected) this.onConnect();
  }

  /** The body moves: the response is waited for from now on. */
  touch(): void {
    this.deadlineMs = this.#shared.thread.nowMs + this.#client.settings.responseTimeoutMs;
  }

  /** The work at the endpoint is over. Once; later calls change nothing. */
  end(failed: boolean): void {
    const { thread, budget } = this.#shared;
    this.#call = undefined;
    thread.near.delete(this);
    this.#settle(failed);
    for (; this.#retries > 0; this.#retries--) budget.give(this.#client.service);
  }

  /** Nobody waits for it any more. */
  abort(): void {
    this.#call?.destroy();
    this.end(false);
  }

  onLate(): void {
    const { counters } = this.#shared.thread;
    const call = this.#call;
    this.#call = undefined;
    call?.destroy();
    if (call?.connected) {
      counters.add('responseTimeouts');
      this.#fail(GATEWAY_TIMEOUT, 'the endpoint did not answer in time');
      return;
    }
    counters.add('connectTimeouts');
    this.#retryOr(GATEWAY_TIMEOUT, 'no endpoint accepted in time');
  }

  onConnect(): void {
    if (!this.#call?.reused) this.#shared.thread.counters.add('connected');
    this.touch();
    this.#events.onConnect?.();
  }

  onBegin(): void {
    this.#shared.thread.near.delete(this);
  }

  onError(): void {
    const call = this.#call;
    if (call === undefined) return;
    this.#call = undefined;
    const closedIdle = call.reused && !call.heard && this.#options.idempotent;
    if (!call.connected || closedIdle) this.#retryOr(BAD_GATEWAY, 'no endpoint accepted the connection', closedIdle);
    else {
      this.#shared.thread.counters.add('upstreamErrors');
      this.#fail(BAD_GATEWAY, 'the endpoint broke off, or answered what is no HTTP');
    }
  }

  /** @param closedIdle the endpoint is not to blame, and may be asked again. */
  #retryOr(status: number, reason: string, closedIdle = false): void {
    const { thread, budget } = this.#shared;
    const { service, settings } = this.#client;
    thread.near.delete(this);
    if (!closedIdle) {
      thread.counters.add('connectFailures');
      this.#tried ??= new Tried();
      this.#tried.add(this.#endpoint);
    }
    this.#settle(!closedIdle);
    if (this.#attempts >= settings.maxAttempts) {
      this.#fail(status, reason);
    } else if (!budget.take(service, thread.picker.reader.serviceInFlight(service))) {
      thread.counters.add('retriesOverBudget');
      this.#fail(status, reason);
    } else {
      this.#retries++;
      thread.counters.add('retries');
      this.send();
    }
  }

  #fail(status: number, reason: string): void {
    this.end(true);
    this.#events.onFailure(status, reason);
  }

  #settle(failed: boolean): void {
    if (this.#endpoint < 0) return;
    if (failed) this.#shared.thread.failed(this.#endpoint, this.#startedUs);
    else this.#shared.thread.ended(this.#endpoint, this.#startedUs);
    this.#endpoint = -1;
  }
}
