/**
 * The endpoints that one request is sent to, in turn: whose work goes on now, who was tried, and whether the budget of
 * retries has room for one more.
 */
import { Tried } from '../../../core/index.ts';
import type { RetryBudget } from './retry-budget.ts';
import { nowUs, type Thread } from './thread.ts';

export interface TurnsOptions {
  readonly service: number;
  /** What picks take for the client. */
  readonly client: number;
  readonly maxAttempts: number;
}

/**
 * The endpoint failed, and is not asked again; its connection broke, and a new one may do; or it was about to leave in good
 * order, and has done nothing of the request: that is no work twice, and outside the budget.
 */
export type TurnEnd = 'failed' | 'broke' | 'left';

export class EndpointTurns {
  readonly #thread: Thread;
  readonly #budget: RetryBudget;
  readonly #options: TurnsOptions;
  readonly #tried = new Tried();
  #endpoint = -1;
  #startedUs = 0;
  #attempts = 0;
  /** In the budget. */
  #retries = 0;

  constructor(thread: Thread, budget: RetryBudget, options: TurnsOptions) {
    this.#thread = thread;
    this.#budget = budget;
    this.#options = options;
  }

  /** An endpoint was tried, and is to blame. */
  get someFailed(): boolean {
    return this.#tried.count > 0;
  }

  /** Whose work has begun; undefined where there is none, or none that was not tried. */
  next(): { readonly host: string; readonly port: number } | undefined {
    const { service, client } = this.#options;
    const endpoint = this.#thread.start(service, client, this.someFailed ? this.#tried : undefined);
    if (endpoint < 0) return undefined;
    this.#attempts++;
    this.#endpoint = endpoint;
    this.#startedUs = nowUs();
    const { picker } = this.#thread;
    return { host: picker.addressOf(endpoint), port: picker.portOf(endpoint) };
  }

  /** The turn is over and another one is wanted. @returns whether there may be one. */
  again(why: TurnEnd): boolean {
    const { service, maxAttempts } = this.#options;
    const { counters, picker } = this.#thread;
    if (why === 'failed') this.#tried.add(this.#endpoint);
    this.#settle(why === 'failed');
    if (this.#attempts >= maxAttempts) return false;
    if (why === 'left') {
      counters.add('retries');
      return true;
    }
    if (!this.#budget.take(service, picker.reader.serviceInFlight(service))) {
      counters.add('retriesOverBudget');
      return false;
    }
    this.#retries++;
    counters.add('retries');
    return true;
  }

  /** The request is over. Once; later calls change nothing. */
  end(failed: boolean): void {
    this.#settle(failed);
    for (; this.#retries > 0; this.#retries--) this.#budget.give(this.#options.service);
  }

  #settle(failed: boolean): void {
    if (this.#endpoint < 0) return;
    if (failed) this.#thread.failed(this.#endpoint, this.#startedUs);
    else this.#thread.ended(this.#endpoint, this.#startedUs);
    this.#endpoint = -1;
  }
}
