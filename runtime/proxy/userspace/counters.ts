/** What each worker counts, in shared memory: one row a worker, written by it alone, read at any time without asking it. */

/** Places in a row. `active…` go up and down, the others only up. */
export const COUNTERS = [
  'activeConnections',
  'activeSessions',
  'accepted',
  'overLimit',
  'noEndpoint',
  'notAdmitted',
  'picks',
  'connected',
  'connectFailures',
  'connectTimeouts',
  'retries',
  'failures',
  'idleTimeouts',
  'upstreamErrors',
  'clientErrors',
  'protocolErrors',
  'bytesIn',
  'bytesOut',
  'requests',
  'responseTimeouts',
  'retriesOverBudget',
  'upgrades',
  'streamsRefused',
  'goaways',
  'sessions',
  'sessionsCut',
  'datagramsIn',
  'datagramsOut',
  'datagramsDropped',
] as const;

export type Counter = (typeof COUNTERS)[number];

const AT: Readonly<Record<Counter, number>> = Object.fromEntries(COUNTERS.map((name, i) => [name, i])) as Record<
  Counter,
  number
>;

/** Counts that end with their worker. */
const GAUGES: readonly Counter[] = ['activeConnections', 'activeSessions'];

export function sharedCounters(workers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(8 * COUNTERS.length * workers);
}

/** One worker's row. */
export class WorkerCounters {
  readonly #row: Float64Array;
  readonly #all: Float64Array;

  constructor(shared: SharedArrayBuffer, worker: number) {
    this.#row = new Float64Array(shared, 8 * COUNTERS.length * worker, COUNTERS.length);
    this.#all = new Float64Array(shared);
  }

  add(counter: Counter, count = 1): void {
    this.#row[AT[counter]] += count;
  }

  /** Over all workers, now. */
  total(counter: Counter): number {
    return totalOf(this.#all, counter);
  }
}

/** All rows, for who started the workers. */
export class AllCounters {
  readonly #all: Float64Array;
  /** What lost workers had counted. */
  readonly #lost = new Float64Array(COUNTERS.length);

  constructor(shared: SharedArrayBuffer) {
    this.#all = new Float64Array(shared);
  }

  /** The worker has ended; its row is the next one's. */
  retire(worker: number): void {
    const from = worker * COUNTERS.length;
    COUNTERS.forEach((name, i) => {
      if (!GAUGES.includes(name)) this.#lost[i] += this.#all[from + i];
      this.#all[from + i] = 0;
    });
  }

  read(): Record<Counter, number> {
    return Object.fromEntries(COUNTERS.map((name, i) => [name, this.#lost[i] + totalOf(this.#all, name)])) as Record<
      Counter,
      number
    >;
  }
}

function totalOf(all: Float64Array, counter: Counter): number {
  let sum = 0;
  for (let at = AT[counter]; at < all.length; at += COUNTERS.length) sum += all[at];
  return sum;
}
