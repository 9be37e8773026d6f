/** What a run of a service is made of, as plain data: who asks, who answers, and what happens to them meanwhile. */
import type { Zones } from './zones.ts';

export interface Scenario {
  arrivals: SyntheticArrivals | TracedArrivals;
  /** Servers at the start; 1 to MAX_SERVERS. */
  servers: number;
  /** Requests that a server works on at a time; others wait in the order of their arrival, as many as come. */
  concurrency: number;
  /** By server, over and over: work of 10 ms takes 20 ms at a speed of 0.5. */
  speeds: readonly number[];
  /** Endpoints carry their server's speed as weight. */
  weighted: boolean;
  /** Proxies that pick, in every zone, each knowing only its own requests; a client always comes through the same one. */
  balancers: number;
  /** How many clients ask, each as often as the others. */
  clients: number;
  /** Endpoints that a request may be sent to, one after the other. */
  attempts: number;
  /** ClientIP affinity: a client keeps its server until it was away for so long. 1 to 86,400. */
  affinitySeconds?: number;
  /** A server that comes has part of its weight at first and all of it after so long. */
  slowStartSeconds?: number;
  /** Outlier ejection: a server that fails five times in a row gets nothing for so long, the n-th time n times as long. */
  ejectSeconds?: number;
  /** Where servers and clients stand; without, all in one zone. */
  zones?: Zones;
  events: readonly ServiceEvent[];
}

/** Poisson arrivals: open loop, nobody waits for an answer before the next one asks. */
export interface SyntheticArrivals {
  kind: 'synthetic';
  requests: number;
  /** Requests a second. */
  rate: number;
  work: ServiceTime;
}

/** As recorded. Of equal length; times rise from 0. */
export interface TracedArrivals {
  kind: 'trace';
  name: string;
  atUs: Float64Array;
  workUs: Float64Array;
}

/** How long a request takes at a server of speed 1; what `shape` means is up to the kind (service-times.ts). */
export interface ServiceTime {
  kind: 'fixed' | 'exp' | 'lognormal' | 'pareto' | 'hyper';
  meanUs: number;
  shape: number;
}

export type ServiceEvent =
  /** The server refuses connections, and what it worked on is reset; whoever balances is not told. */
  | { kind: 'fail'; server: number; fromUs: number; toUs: number }
  /** From then on so many servers: new ones come last, and the newest go first. */
  | { kind: 'scale'; servers: number; atUs: number }
  /**
   * Every server is replaced by a new one of the same speed, one after the other (of more than 100, several at a time),
   * evenly spread over the time.
   */
  | { kind: 'rollout'; fromUs: number; toUs: number };

/** One of the balancer's policies, with parameters. */
export interface ServicePolicy {
  /** As the user wrote it: `least-request:choices=3`. */
  label: string;
  name: string;
  parameters: Readonly<Record<string, number>>;
}

export const MAX_SERVERS = 10_000;
export const MAX_SLOTS = 1_000_000;
export const MAX_REQUESTS = 10_000_000;
export const MAX_CLIENTS = 1_000_000;
export const MAX_BALANCERS = 64;
export const MAX_ATTEMPTS = 16;
/** A service's endpoints over a whole run, rollouts included. */
export const MAX_SERVERS_EVER = 60_000;

/** The time of the last arrival; of synthetic ones the expected time, as it depends on the seed. */
export function durationUs({ arrivals }: Scenario): number {
  if (arrivals.kind === 'trace') return arrivals.atUs[arrivals.atUs.length - 1];
  return (1e6 * arrivals.requests) / arrivals.rate;
}

/** Work that arrives over work that the first servers can do. */
export function offeredLoad(scenario: Scenario): number {
  const { arrivals } = scenario;
  const perSecond =
    arrivals.kind === 'synthetic'
      ? arrivals.rate * arrivals.work.meanUs
      : (1e6 * arrivals.workUs.reduce((sum, work) => sum + work, 0)) / Math.max(1, durationUs(scenario));
  return perSecond / (1e6 * capacityOf(scenario));
}

/** Seconds of work that the first servers do in a second. */
export function capacityOf({
  servers,
  concurrency,
  speeds,
}: Pick<Scenario, 'servers' | 'concurrency' | 'speeds'>): number {
  let sum = 0;
  for (let server = 0; server < servers; server++) sum += concurrency * speedOf(speeds, server);
  return sum;
}

export function speedOf(speeds: readonly number[], server: number): number {
  return speeds[server % speeds.length];
}
