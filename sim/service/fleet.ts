/**
 * The balancers of a run and what they pick from: the core's tables and one picker for each balancer, as in a proxy, with
 * the numbers of endpoints and those of servers told apart here.
 */
import {
  type BackendEndpoint,
  BalancerTables,
  NO_ENDPOINT,
  Picker,
  type TableLimits,
  type Tried,
} from '../../core/index.ts';
import { stream } from './requests.ts';
import type { Scenario, ServicePolicy } from './scenario.ts';
import type { Timeline } from './timeline.ts';

const SERVICE = 'simulated';
const ARENA_BYTES = 128 * 1024 * 1024;
/** Of the streams of a seed (requests.ts), that of the pickers' own seeds. */
const PICKS = 4;

export class Fleet {
  /** By balancer. */
  readonly pickers: readonly Picker[];
  readonly service: number;
  /** The endpoint of a server, and back. */
  readonly endpointOf: Int32Array;
  readonly serverOf: Int32Array;
  readonly #tables: BalancerTables;
  readonly #policy: ServicePolicy;
  readonly #endpoints: BackendEndpoint[];

  constructor(scenario: Scenario, policy: ServicePolicy, { speeds }: Timeline, seed: number) {
    const limits: TableLimits = {
      services: 1,
      endpoints: speeds.length,
      arenaBytes: ARENA_BYTES,
      workers: scenario.balancers,
      clients: 8,
    };
    this.#policy = policy;
    this.#tables = new BalancerTables({ limits });
    this.#endpoints = Array.from(speeds, (speed, server) => ({
      address: `10.${server >> 16}.${(server >> 8) & 255}.${server & 255}`,
      port: 80,
      ready: true,
      serving: true,
      terminating: false,
      weight: scenario.weighted ? speed : 1,
    }));
    this.endpointOf = new Int32Array(speeds.length).fill(NO_ENDPOINT);
    this.serverOf = new Int32Array(limits.endpoints).fill(NO_ENDPOINT);
    const seeds = stream(seed, PICKS);
    this.pickers = Array.from(
      { length: scenario.balancers },
      () => new Picker(this.#tables.shared, this.#tables.join(), seeds.next()),
    );
    this.change(
      Array.from({ length: scenario.servers }, (_, server) => server),
      0,
    );
    this.service = this.#tables.serviceId(SERVICE) as number;
  }

  /** Only these servers are picked from now on; at the others work goes on to its end. */
  change(live: readonly number[], nowUs: number): void {
    const endpoints = live.map((server) => this.#endpoints[server]);
    const { name, parameters } = this.#policy;
    this.#tables.apply(SERVICE, { policy: name, parameters, endpoints }, nowUs);
    for (const picker of this.pickers) picker.pass();
    this.#tables.collect(nowUs);
    for (const server of live) {
      const endpoint = this.#tables.endpointId(SERVICE, this.#endpoints[server]) as number;
      this.endpointOf[server] = endpoint;
      this.serverOf[endpoint] = server;
    }
  }

  /** A server; NO_ENDPOINT where there is none, or all were tried. */
  pick(balancer: number, client: number, nowUs: number, tried?: Tried): number {
    const endpoint = this.pickers[balancer].pick(this.service, client, nowUs, tried);
    return endpoint < 0 ? NO_ENDPOINT : this.serverOf[endpoint];
  }
}
