/** Figures out of a run: latency, load over the servers, retries, and whom changes sent elsewhere. */
import { createHash } from 'node:crypto';
import type { Moves } from './disruption.ts';
import { NONE } from './servers.ts';
import type { Simulation } from './simulation.ts';

export interface ServiceRun {
  policy: string;
  seed: number;
  /** Of every request's end and server. */
  hash: string;
  requests: number;
  /** Requests that no server answered. */
  failed: number;
  /** How often a request was sent once more. */
  retries: number;
  /** From arrival to answer, retries included; null where nothing was answered. */
  latency: Latency | null;
  /** Greatest over mean of the servers' busy share, and of their requests a second. */
  imbalance: { busy: number; requests: number };
  /** The most requests at one server at a time, waiting or not. */
  peak: number;
  servers: ServerLoad[];
  /** Where there are zones. */
  zones: ZoneFigures[];
  moves: Moves[];
}

export interface ZoneFigures {
  zone: string;
  /** Asked by its clients. */
  requests: number;
  /** Of those answered: the share that a server of the zone answered, 0 to 1; null where none was. */
  local: number | null;
  /** Of its clients' requests, ms; null where none was answered. */
  p50: number | null;
  p99: number | null;
  /** Of its servers' places' time, the mean, 0 to 1; null where it has no servers. */
  busy: number | null;
}

/** Milliseconds; quantiles by nearest rank. */
export interface Latency {
  mean: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
  /** For curves: at 1 - 10^(-nines), as far as ten answers are slower. */
  curve: { nines: number; ms: number }[];
}

export interface ServerLoad {
  server: number;
  speed: number;
  answered: number;
  /** Of its places' time while it had an endpoint or work, from 0 to 1. */
  busy: number;
  /** Answers a second in that time. */
  rate: number;
}

const POINTS_PER_NINE = 5;
const SLOWER_AT_LEAST = 10;

export function resultOf(simulation: Simulation): ServiceRun {
  const { policy, seed, requests, failed, retries, servers, disruption, answeredBy, endUs } = simulation;
  const loads = loadsOf(simulation);
  return {
    policy: policy.label,
    seed,
    hash: createHash('sha256').update(answeredBy).update(endUs).digest('hex'),
    requests: requests.count,
    failed,
    retries,
    latency: latencyOf(simulation),
    imbalance: {
      busy: maxOverMean(loads.map(({ busy }) => busy)),
      requests: maxOverMean(loads.map(({ rate }) => rate)),
    },
    peak: servers.peak.reduce((most, one) => Math.max(most, one), 0),
    servers: loads,
    zones: zonesOf(simulation, loads),
    moves: disruption.totals(),
  };
}

function latencyOf({ requests, answeredBy, endUs, failed }: Simulation): Latency | null {
  const count = requests.count - failed;
  if (count === 0) return null;
  const sorted = new Float64Array(count);
  let at = 0;
  let sum = 0;
  for (let i = 0; i < requests.count; i++) {
    if (answeredBy[i] === NONE) continue;
    sum += sorted[at++] = endUs[i] - requests.atUs[i];
  }
  sorted.sort();
  const curve: Latency['curve'] = [];
  for (let point = 0; count * 10 ** (-point / POINTS_PER_NINE) >= SLOWER_AT_LEAST; point++) {
    const nines = point / POINTS_PER_NINE;
    curve.push({ nines, ms: quantile(sorted, 1 - 10 ** -nines) });
  }
  return {
    mean: sum / count / 1000,
    p50: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p99: quantile(sorted, 0.99),
    p999: quantile(sorted, 0.999),
    max: sorted[count - 1] / 1000,
    curve,
  };
}

function zonesOf(simulation: Simulation, loads: readonly ServerLoad[]): ZoneFigures[] {
  const { scenario, requests, answeredBy, endUs, fleet, timeline } = simulation;
  return (scenario.zones?.names ?? []).map((zone, z) => {
    const latencies: number[] = [];
    let [asked, local] = [0, 0];
    for (let i = 0; i < requests.count; i++) {
      if (fleet.zoneOf[requests.client[i]] !== z) continue;
      asked++;
      if (answeredBy[i] === NONE) continue;
      latencies.push(endUs[i] - requests.atUs[i]);
      if (timeline.zones[answeredBy[i]] === z) local++;
    }
    const sorted = Float64Array.from(latencies).sort();
    const some = sorted.length > 0;
    const own = loads.filter(({ server }) => timeline.zones[server] === z);
    return {
      zone,
      requests: asked,
      local: some ? local / sorted.length : null,
      p50: some ? quantile(sorted, 0.5) : null,
      p99: some ? quantile(sorted, 0.99) : null,
      busy: own.length > 0 ? own.reduce((sum, { busy }) => sum + busy, 0) / own.length : null,
    };
  });
}

/** By nearest rank, in ms. @param sorted µs. */
function quantile(sorted: Float64Array, q: number): number {
  // A hair less, so that 0.99 of 100 is the 99th although 0.99 × 100 may be above 99.
  const rank = Math.ceil(q * sorted.length - 1e-6);
  return sorted[Math.max(0, rank - 1)] / 1000;
}

function loadsOf({ servers, timeline, scenario, nowUs }: Simulation): ServerLoad[] {
  const { fromUs, toUs } = presence(timeline.steps, scenario.servers, servers.count, nowUs);
  return Array.from(servers.speeds, (speed, server) => {
    const tookUs = Math.max(toUs[server], servers.lastEndUs[server]) - fromUs[server];
    return {
      server,
      speed,
      answered: servers.served[server],
      busy: tookUs > 0 ? servers.busyUs[server] / (tookUs * scenario.concurrency) : 0,
      rate: tookUs > 0 ? (1e6 * servers.served[server]) / tookUs : 0,
    };
  });
}

/** From when to when each server has an endpoint. */
function presence(
  steps: Simulation['timeline']['steps'],
  first: number,
  count: number,
  nowUs: number,
): { fromUs: Float64Array; toUs: Float64Array } {
  const fromUs = new Float64Array(count).fill(nowUs);
  const toUs = new Float64Array(count).fill(nowUs);
  let live: ReadonlySet<number> = new Set(Array.from({ length: first }, (_, server) => server));
  for (const server of live) fromUs[server] = 0;
  for (const step of steps) {
    if (!('live' in step) || step.atUs > nowUs) continue;
    const after = new Set(step.live);
    for (const server of after.difference(live)) fromUs[server] = step.atUs;
    for (const server of live.difference(after)) toUs[server] = step.atUs;
    live = after;
  }
  return { fromUs, toUs };
}

/** 1 where there is nothing to compare. */
function maxOverMean(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum === 0 ? 1 : (values.reduce((most, value) => Math.max(most, value), 0) * values.length) / sum;
}
