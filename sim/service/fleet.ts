/**
 * The balancers of a run and what they pick from: the core's tables and one picker for each balancer, as in a proxy, with
 * the numbers of endpoints and those of servers told apart here.
 */
import {
  type BackendEndpoint,
  BalancerTables,
  NO_ENDPOINT,
  OutlierDetector,
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
/** Between two looks at servers that start slowly or fail. */
const TEND_US = 100_000;

export class Fleet {
  /** By balancer. */
  readonly pickers: readonly Picker[];
  readonly service: number;
  /** The endpoint of a server, and back. */
  readonly endpointOf: Int32Array;
  readonly serverOf: Int32Array;
  /** `tend` is to be called so often. */
  readonly tendEveryUs: number;
  readonly #tables: BalancerTables;
  readonly #policy: ServicePolicy;
  readonly #scenario: Scenario;
  readonly #detector: OutlierDetector | undefined;
  /** Who has endpoints. */
  #live: readonly number[] = [];
  readonly #endpoints: BackendEndpoint[];

  constructor(scenario: Scenario, policy: ServicePolicy, { speeds }: Timeline, seed: number) {
    const limits: TableLimits = {
      services: 1,
      endpoints: speeds.length,
      arenaBytes: ARENA_BYTES,
      workers: scenario.balancers,
      clients: scenario.affinitySeconds === undefined ? 8 : 2 ** Math.ceil(Math.log2(4 * scenario.clients)),
    };
    this.#policy = policy;
    this.#scenario = scenario;
    const { slowStartSeconds, ejectSeconds } = scenario;
    if (ejectSeconds !== undefined) {
      this.#detector = new OutlierDetector({ baseEjectionSeconds: ejectSeconds, intervalSeconds: TEND_US / 1e6 }, 0);
    }
    this.tendEveryUs = slowStartSeconds === undefined && !this.#detector ? Number.POSITIVE_INFINITY : TEND_US;
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
    const { affinitySeconds, slowStartSeconds } = this.#scenario;
    const slowStart = slowStartSeconds === undefined ? undefined : { windowSeconds: slowStartSeconds };
    this.#live = live;
    this.#tables.apply(SERVICE, { policy: name, parameters, endpoints, affinitySeconds, slowStart }, nowUs);
    this.#passed(nowUs);
    for (const server of live) {
      const endpoint = this.#tables.endpointId(SERVICE, this.#endpoints[server]) as number;
      this.endpointOf[server] = endpoint;
      this.serverOf[endpoint] = server;
    }
    this.#detector?.setEndpoints(live.map((server) => this.endpointOf[server]));
  }

  /** Servers that start slowly have more weight by now; those that fail are ejected, and come back. */
  tend(nowUs: number): void {
    this.#tables.refresh(nowUs);
    const detector = this.#detector;
    if (detector !== undefined) {
      for (const server of this.#live) {
        const endpoint = this.endpointOf[server];
        detector.observe(endpoint, this.#tables.takeOutcome(endpoint), nowUs);
      }
      detector.sweep(nowUs);
      this.#tables.eject(SERVICE, detector.ejected(), nowUs);
    }
    this.#passed(nowUs);
  }

  #passed(nowUs: number): void {
    for (const picker of this.pickers) picker.pass();
    this.#tables.collect(nowUs);
  }

  /** A server; NO_ENDPOINT where there is none, or all were tried. */
  pick(balancer: number, client: number, nowUs: number, tried?: Tried): number {
    const endpoint = this.pickers[balancer].pick(this.service, client, nowUs, tried);
    return endpoint < 0 ? NO_ENDPOINT : this.serverOf[endpoint];
  }
}
