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
import { clientZones, seenFrom } from './zones.ts';

const SERVICE = 'simulated';
const ARENA_BYTES = 128 * 1024 * 1024;
/** Of the streams of a seed (requests.ts), that of the pickers' own seeds. */
const PICKS = 4;
/** Between two looks at servers that start slowly or fail. */
const TEND_US = 100_000;

export class Fleet {
  /** By balancer: those of the first zone, then those of the next. */
  readonly pickers: readonly Picker[];
  /** By endpoint. */
  readonly serverOf: Int32Array;
  /** By client. */
  readonly zoneOf: Uint8Array;
  /** `tend` is to be called so often. */
  readonly tendEveryUs: number;
  readonly #tables: BalancerTables;
  readonly #policy: ServicePolicy;
  readonly #scenario: Scenario;
  /** By zone, each of which has a service of its own. */
  readonly #names: readonly string[];
  readonly #services: readonly number[];
  readonly #zoneOfBalancer: Uint8Array;
  /** By zone, where servers are ejected. */
  readonly #detectors: readonly OutlierDetector[];
  /** By zone, then by server. */
  readonly #endpointOf: readonly Int32Array[];
  /** Who has endpoints. */
  #live: readonly number[] = [];
  readonly #endpoints: BackendEndpoint[];

  constructor(scenario: Scenario, policy: ServicePolicy, { speeds, zones }: Timeline, seed: number) {
    this.#names = scenario.zones?.names.map((zone) => `${SERVICE} from ${zone}`) ?? [SERVICE];
    const places = this.#names.length;
    const limits: TableLimits = {
      services: places,
      endpoints: places * speeds.length,
      arenaBytes: ARENA_BYTES,
      workers: places * scenario.balancers,
      clients: scenario.affinitySeconds === undefined ? 8 : 2 ** Math.ceil(Math.log2(4 * scenario.clients)),
    };
    this.#policy = policy;
    this.#scenario = scenario;
    const { slowStartSeconds, ejectSeconds } = scenario;
    const eject = { baseEjectionSeconds: ejectSeconds, intervalSeconds: TEND_US / 1e6 };
    this.#detectors = ejectSeconds === undefined ? [] : this.#names.map(() => new OutlierDetector(eject, 0));
    const tended = slowStartSeconds !== undefined || ejectSeconds !== undefined;
    this.tendEveryUs = tended ? TEND_US : Number.POSITIVE_INFINITY;
    this.#tables = new BalancerTables({ limits });
    this.#endpoints = Array.from(speeds, (speed, server) => ({
      address: `10.${server >> 16}.${(server >> 8) & 255}.${server & 255}`,
      port: 80,
      ready: true,
      serving: true,
      terminating: false,
      weight: scenario.weighted ? speed : 1,
      ...(scenario.zones && { zone: scenario.zones.names[zones[server]] }),
    }));
    this.zoneOf = clientZones(scenario.zones, scenario.clients);
    this.#zoneOfBalancer = Uint8Array.from(
      this.#names.flatMap((_, zone) => new Array<number>(scenario.balancers).fill(zone)),
    );
    this.#endpointOf = this.#names.map(() => new Int32Array(speeds.length).fill(NO_ENDPOINT));
    this.serverOf = new Int32Array(limits.endpoints).fill(NO_ENDPOINT);
    const seeds = stream(seed, PICKS);
    this.pickers = Array.from(
      { length: places * scenario.balancers },
      () => new Picker(this.#tables.shared, this.#tables.join(), seeds.next()),
    );
    this.change(
      Array.from({ length: scenario.servers }, (_, server) => server),
      0,
    );
    this.#services = this.#names.map((name) => this.#tables.serviceId(name) as number);
  }

  /** Only these servers are picked from now on; at the others work goes on to its end. */
  change(live: readonly number[], nowUs: number): void {
    const endpoints = live.map((server) => this.#endpoints[server]);
    const { name, parameters } = this.#policy;
    const { affinitySeconds, slowStartSeconds, zones } = this.#scenario;
    const slowStart = slowStartSeconds === undefined ? undefined : { windowSeconds: slowStartSeconds };
    const table = { policy: name, parameters, affinitySeconds, slowStart };
    this.#live = live;
    this.#names.forEach((service, zone) => {
      this.#tables.apply(service, { ...table, ...seenFrom(zones, zone, endpoints) }, nowUs);
    });
    this.#passed(nowUs);
    this.#names.forEach((service, zone) => {
      for (const server of live) {
        const endpoint = this.#tables.endpointId(service, this.#endpoints[server]);
        if (endpoint === undefined) continue;
        this.#endpointOf[zone][server] = endpoint;
        this.serverOf[endpoint] = server;
      }
      this.#detectors[zone]?.setEndpoints(this.#seen(zone));
    });
  }

  /** Servers that start slowly have more weight by now; those that fail are ejected, and come back. */
  tend(nowUs: number): void {
    this.#tables.refresh(nowUs);
    this.#detectors.forEach((detector, zone) => {
      for (const endpoint of this.#seen(zone)) detector.observe(endpoint, this.#tables.takeOutcome(endpoint), nowUs);
      detector.sweep(nowUs);
      this.#tables.eject(this.#names[zone], detector.ejected(), nowUs);
    });
    this.#passed(nowUs);
  }

  #passed(nowUs: number): void {
    for (const picker of this.pickers) picker.pass();
    this.#tables.collect(nowUs);
  }

  /** Of a client. */
  balancerOf(client: number): number {
    const { balancers } = this.#scenario;
    return balancers * this.zoneOf[client] + (client % balancers);
  }

  /** What the balancer's picker knows the service as. */
  serviceOf(balancer: number): number {
    return this.#services[this.#zoneOfBalancer[balancer]];
  }

  /** The server's, as the balancer's picker knows it. */
  endpointOf(balancer: number, server: number): number {
    return this.#endpointOf[this.#zoneOfBalancer[balancer]][server];
  }

  /** A server; NO_ENDPOINT where there is none, or all were tried. */
  pick(balancer: number, client: number, nowUs: number, tried?: Tried): number {
    const endpoint = this.pickers[balancer].pick(this.serviceOf(balancer), client, nowUs, tried);
    return endpoint < 0 ? NO_ENDPOINT : this.serverOf[endpoint];
  }

  /** The endpoints that a zone chooses from now. */
  #seen(zone: number): number[] {
    const service = this.#names[zone];
    const found = this.#live.map((server) => this.#tables.endpointId(service, this.#endpoints[server]));
    return found.filter((endpoint) => endpoint !== undefined);
  }
}
