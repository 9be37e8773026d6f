/**
 * What a data plane counts, in Prometheus' words. Workers count in shared memory; it is read when somebody asks, so that
 * nothing is done for metrics on the way of a connection. Labels are few: of Services at most a stated number has its own.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DataPlane, PlaneStats } from './data-plane.ts';

const PREFIX = 'keelson_proxy_';
/** Services beyond are summed up under one label. */
const MAX_SERVICES = 1_000;
export const OTHERS = '(others)';
const PROGRAMMING_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

interface Series {
  readonly name: string;
  readonly help: string;
  readonly gauge?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}

const failures = (reason: string): Series => ({
  name: 'failures_total',
  help: 'What went wrong, by reason; one that was tried again counts too',
  labels: { reason },
});
const turnedAway = (reason: string): Series => ({
  name: 'turned_away_total',
  help: 'Connections, requests and UDP clients that were turned away, by reason',
  labels: { reason },
});
const bytes = (direction: string): Series => ({
  name: 'bytes_total',
  help: 'Bytes of clients (in) and of endpoints (out)',
  labels: { direction },
});
const datagrams = (direction: string): Series => ({
  name: 'datagrams_total',
  help: 'Datagrams of clients (in), of endpoints (out), and dropped',
  labels: { direction },
});

/** By counter of PlaneStats; any other is `keelson_proxy_NAME_total`. */
const SERIES: Readonly<Record<string, Series>> = {
  activeConnections: { name: 'active_connections', help: 'Connections of clients now', gauge: true },
  activeSessions: { name: 'active_udp_sessions', help: 'UDP sessions now', gauge: true },
  accepted: { name: 'connections_total', help: 'Connections of clients that were accepted' },
  connected: { name: 'endpoint_connections_total', help: 'Connections to endpoints that were made' },
  requests: { name: 'requests_total', help: 'HTTP requests' },
  picks: { name: 'picks_total', help: 'Endpoints that were picked' },
  retries: { name: 'retries_total', help: 'Other endpoints that were tried' },
  retriesOverBudget: { name: 'retries_over_budget_total', help: 'Retries that were not made, as there were too many' },
  failures: {
    name: 'endpoint_failures_total',
    help: 'Work at an endpoint that failed by it: refused, reset, late, 5xx',
  },
  overLimit: turnedAway('over_limit'),
  noEndpoint: turnedAway('no_endpoint'),
  notAdmitted: turnedAway('not_admitted'),
  connectFailures: failures('connect'),
  connectTimeouts: failures('connect_timeout'),
  responseTimeouts: failures('response_timeout'),
  idleTimeouts: failures('idle_timeout'),
  upstreamErrors: failures('endpoint_broke_off'),
  clientErrors: failures('client_broke_off'),
  protocolErrors: failures('protocol'),
  bytesIn: bytes('in'),
  bytesOut: bytes('out'),
  upgrades: { name: 'upgrades_total', help: 'Connections that became another protocol' },
  streamsRefused: { name: 'streams_refused_total', help: 'HTTP/2 streams that an endpoint refused' },
  goaways: { name: 'goaways_total', help: 'HTTP/2 connections of clients that were told to open no more streams' },
  sessions: { name: 'udp_sessions_total', help: 'UDP sessions that were begun' },
  sessionsCut: { name: 'udp_sessions_cut_total', help: 'UDP sessions that ended with their endpoint' },
  datagramsIn: datagrams('in'),
  datagramsOut: datagrams('out'),
  datagramsDropped: datagrams('dropped'),
  ejections: { name: 'ejections_total', help: 'Endpoints that were kept out, each time' },
  ejected: { name: 'ejected_endpoints', help: 'Endpoints that are kept out now', gauge: true },
  probes: { name: 'probes_total', help: 'Active probes of endpoints' },
  probeFailures: { name: 'probe_failures_total', help: 'Active probes that failed' },
  workersLost: { name: 'worker_restarts_total', help: 'Workers that were lost and replaced' },
  workersStalled: { name: 'worker_stalls_total', help: 'Workers that did not answer and were ended' },
  transactions: { name: 'nft_transactions_total', help: 'Changes of the kernel’s table' },
  fullLoads: { name: 'nft_full_loads_total', help: 'Times that the whole table was loaded' },
  udpFlowsCut: { name: 'nft_udp_flows_cut_total', help: 'UDP flows that were cut, as their endpoint was gone' },
};
/** The kernel's table counts refused transactions by this name. */
const NFT_FAILURES: Series = { name: 'nft_failures_total', help: 'Changes that the kernel refused' };

export class ProxyMetrics {
  readonly registry = new Registry();
  readonly #plane: DataPlane;
  readonly #maxServices: number;
  readonly #programming: Histogram;
  readonly #gauges = new Map<string, Gauge>();
  readonly #counters = new Map<string, Counter>();

  constructor(plane: DataPlane, maxServices = MAX_SERVICES) {
    this.#plane = plane;
    this.#maxServices = maxServices;
    this.#programming = new Histogram({
      name: `${PREFIX}programming_seconds`,
      help: 'From a change to its acknowledgement by every worker',
      buckets: PROGRAMMING_SECONDS,
      registers: [this.registry],
    });
  }

  /** A change was acknowledged after so long. */
  programmed(seconds: number): void {
    this.#programming.observe(seconds);
  }

  /** All series as they are now, in Prometheus' text format. */
  async text(): Promise<string> {
    await this.#plane.sample?.();
    const stats = this.#plane.stats();
    const { healthy, workers, wantedWorkers } = this.#plane.health();
    for (const counter of this.#counters.values()) counter.reset();
    const onKernel = 'transactions' in stats.counters;
    const counters: Record<string, number> = {
      ...stats.counters,
      activeConnections: stats.activeConnections,
      activeSessions: stats.activeSessions,
    };
    for (const [key, value] of Object.entries(counters)) {
      this.#set(onKernel && key === 'failures' ? NFT_FAILURES : (SERIES[key] ?? plain(key)), value);
    }
    this.#set({ name: 'table_version', help: 'The last change that every worker has', gauge: true }, stats.version);
    this.#set(
      { name: 'healthy', help: '1: all workers run and all addresses are served', gauge: true },
      Number(healthy),
    );
    this.#set({ name: 'workers', help: 'Workers that run', gauge: true }, workers);
    this.#set({ name: 'wanted_workers', help: 'Workers that should run', gauge: true }, wantedWorkers);
    this.#setServices(stats.services);
    return this.registry.metrics();
  }

  #setServices(services: PlaneStats['services']): void {
    const sums = new Map<string, { inFlight: number; endpoints: number }>();
    const names = new Set(services.map(({ name }) => serviceOf(name)));
    const own = new Set([...names].sort().slice(0, this.#maxServices));
    for (const { name, endpoints } of services) {
      const service = own.has(serviceOf(name)) ? serviceOf(name) : OTHERS;
      const sum = sums.get(service) ?? { inFlight: 0, endpoints: 0 };
      for (const { inFlight } of endpoints) sum.inFlight += inFlight;
      sum.endpoints += endpoints.length;
      sums.set(service, sum);
    }
    const [inFlightHelp, endpointsHelp] = [
      'Connections, requests and sessions at endpoints now',
      'Endpoints, over all ports',
    ];
    // Services that are gone are gone from here, too.
    this.#gauges.get('in_flight')?.reset();
    this.#gauges.get('endpoints')?.reset();
    for (const [service, { inFlight, endpoints }] of sums) {
      this.#set({ name: 'in_flight', help: inFlightHelp, gauge: true, labels: { service } }, inFlight);
      this.#set({ name: 'endpoints', help: endpointsHelp, gauge: true, labels: { service } }, endpoints);
    }
  }

  #set({ name, help, gauge = false, labels = {} }: Series, value: number): void {
    const configuration = { name: PREFIX + name, help, labelNames: Object.keys(labels), registers: [this.registry] };
    if (gauge) {
      const found = this.#gauges.get(name) ?? new Gauge(configuration);
      this.#gauges.set(name, found);
      found.set(labels, value);
    } else {
      const found = this.#counters.get(name) ?? new Counter(configuration);
      this.#counters.set(name, found);
      found.inc(labels, value);
    }
  }
}

/** 'default/web:http/TCP/IPv4/Cluster' → 'default/web' */
function serviceOf(name: string): string {
  return name.slice(0, name.indexOf(':'));
}

function plain(key: string): Series {
  return { name: `${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`, help: `Count of ${key}` };
}
