/** What every connection of one worker shares: its picker, its counters, the coarse time, and who waits for what until when. */
import { clientHash, inCidr, NO_ENDPOINT, Picker, parseIp, type Tried } from '../../../core/index.ts';
import { WorkerCounters } from './counters.ts';
import { Deadlines } from './deadlines.ts';
import type { ListenerSpec, WorkerStart } from './messages.ts';

/** Of connect and response timeouts, and of the coarse time. */
const NEAR_MS = 50;
/** Of idle timeouts: there may be very many of them. */
const FAR_MS = 250;

export class Thread {
  readonly picker: Picker;
  readonly counters: WorkerCounters;
  readonly near = new Deadlines();
  readonly far = new Deadlines();
  readonly maxConnections: number;
  readonly maxSessions: number;
  /** Coarse: as of the last sweep. */
  nowMs = nowUs() / 1000;
  stopping = false;
  readonly #timers: NodeJS.Timeout[];

  constructor({ shared, place, seed, counters, maxConnections, maxSessions }: WorkerStart) {
    this.picker = new Picker(shared, place, seed);
    this.counters = new WorkerCounters(counters, place);
    this.maxConnections = maxConnections;
    this.maxSessions = maxSessions;
    const sweepNear = (): void => {
      this.nowMs = nowUs() / 1000;
      this.near.sweep(this.nowMs);
    };
    this.#timers = [setInterval(sweepNear, NEAR_MS), setInterval(() => this.far.sweep(this.nowMs), FAR_MS)];
  }

  /** The number of an endpoint whose work has begun, or NO_ENDPOINT. Ends by `ended` or `failed`. */
  start(service: number, client: number, tried?: Tried): number {
    if (service < 0) return NO_ENDPOINT;
    const endpoint = this.picker.pick(service, client, nowUs(), tried);
    if (endpoint >= 0) {
      this.picker.onStart(endpoint);
      this.counters.add('picks');
    }
    return endpoint;
  }

  /** @param sinceUs when its work began. */
  ended(endpoint: number, sinceUs: number): void {
    const now = nowUs();
    this.picker.onEnd(endpoint, now, now - sinceUs);
  }

  failed(endpoint: number, sinceUs: number): void {
    const now = nowUs();
    this.picker.onError(endpoint, now, now - sinceUs);
    this.counters.add('failures');
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}

/** µs of a clock that only rises, the same for all threads of the process. */
export function nowUs(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1e6 + nanos / 1e3;
}

/** What a pick takes for the client: its address, whatever its port. */
export function hashOfClient(address: string): number {
  return clientHash(plain(address));
}

/** IPv4 clients of a socket that listens for both families. */
export function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

/**
 * The service for a client of the listener; undefined where it may not come.
 * @param local the address that it connected to: the node's own clients come from there, or from loopback.
 */
export function serviceFor(listener: ListenerSpec, client: string, local: string): number | undefined {
  const { fromNode, fromOutside, sourceRanges } = listener;
  if (sourceRanges.length > 0) {
    const address = parseIp(plain(client));
    if (!address || !sourceRanges.some((range) => inCidr(address, range))) return undefined;
  }
  if (fromNode === fromOutside) return fromNode;
  return client === local || isLoopback(client) ? fromNode : fromOutside;
}

function isLoopback(address: string): boolean {
  return plain(address).startsWith('127.') || address === '::1';
}
