/**
 * Services and EndpointSlices as they are now → what a data plane must be told of what changed. Each Service is looked at
 * alone, so that a change costs what it changes; only addresses that several want are settled between them.
 */
import {
  backendsName,
  type EndpointSlice,
  type Frontend,
  formatProblem,
  isUnproxied,
  keyOf,
  namespaceOf,
  type Problem,
  SERVICE_NAME_LABEL,
  type Service,
} from '../../core/index.ts';
import type { Fleet } from '../proxy/balance.ts';
import { type ServedTable, tableChanges } from '../proxy/changes.ts';
import type { EndpointAddress, TableChanges } from '../proxy/data-plane.ts';
import { servedTable } from '../proxy/served-table.ts';
import { ANNOTATION_PREFIX } from '../proxy/settings.ts';
import { Claims } from './claims.ts';
import { endpointsOfPod, isNamedStaying, type Seen, seenSlice } from './seen-slices.ts';

export interface TableOptions {
  /** Where it is served; read anew after `fleetChanged`. */
  fleet(): Fleet;
  /** Whether pods of that node can be reached at all; others are left out. */
  reaches(nodeName: string): boolean;
  /** By Service, 'ns/name': slices that count instead of those of the API. */
  own?: ReadonlyMap<string, EndpointSlice>;
}

interface Entry {
  service?: Service;
  /** By namespaced name. */
  readonly slices: Map<string, EndpointSlice>;
  /** Uids of pods that are to get nothing new, and that slices do not call terminating yet. */
  readonly withdrawn: Set<string>;
  /** What it would be, had it no rivals for its addresses. */
  wanted?: ServedTable;
  /** What the data plane was told. */
  told?: ServedTable;
}

export class ServicesTable {
  readonly #options: TableOptions;
  /** By Service, 'ns/name'. */
  readonly #entries = new Map<string, Entry>();
  /** By slice: its Service. */
  readonly #serviceOf = new Map<string, string>();
  readonly #claims = new Claims();
  readonly #dirty = new Set<string>();
  #fleetChanged = false;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  setService(service: Service): void {
    const name = keyOf(service);
    this.#entry(name).service = service;
    this.#dirty.add(name);
  }

  removeService(service: Service): void {
    const name = keyOf(service);
    const entry = this.#entry(name);
    entry.service = undefined;
    this.#dirty.add(name);
  }

  setSlice(slice: EndpointSlice): void {
    const key = keyOf(slice);
    const label = slice.metadata.labels?.[SERVICE_NAME_LABEL];
    const name = label ? `${namespaceOf(slice)}/${label}` : undefined;
    if (this.#serviceOf.get(key) !== name) this.removeSlice(slice);
    if (name === undefined) return;
    this.#serviceOf.set(key, name);
    const entry = this.#entry(name);
    // Some clients leave an empty list out.
    entry.slices.set(key, slice.endpoints ? slice : { ...slice, endpoints: [] });
    this.#slicesChanged(name, entry);
  }

  removeSlice(slice: EndpointSlice): void {
    const key = keyOf(slice);
    const name = this.#serviceOf.get(key);
    if (name === undefined) return;
    this.#serviceOf.delete(key);
    const entry = this.#entry(name);
    entry.slices.delete(key);
    this.#slicesChanged(name, entry);
  }

  /** The node that is served has other labels, or there are other nodes. @param here the former. */
  fleetChanged(here: boolean): void {
    this.#fleetChanged = true;
    if (here) for (const name of this.#entries.keys()) this.#dirty.add(name);
  }

  /** Counts the pod as leaving from now on, ahead of its Services' slices. @returns all that it may have been reached at. */
  withdraw(namespace: string, uid: string): EndpointAddress[] {
    const found: EndpointAddress[] = [];
    for (const [name, entry] of this.#entriesOf(namespace)) {
      const endpoints = endpointsOfPod(entry.slices.values(), uid);
      found.push(...endpoints);
      if (!isNamedStaying(entry.slices.values(), uid)) continue;
      entry.withdrawn.add(uid);
      this.#dirty.add(name);
    }
    return found;
  }

  /** Whether one of the namespace's Services may send something there, as far as it was told. */
  isServed(namespace: string, { address, port }: EndpointAddress): boolean {
    for (const [, { told }] of this.#entriesOf(namespace)) {
      for (const { endpoints } of told?.table.backends.values() ?? [])
        if (endpoints.some((one) => one.address === address && one.port === port)) return true;
    }
    return false;
  }

  /** All of these Services will be told again. @param services 'ns/name'. */
  retell(services: Iterable<string>): void {
    for (const name of services) {
      const entry = this.#entries.get(name);
      if (!entry) continue;
      entry.told = undefined;
      this.#dirty.add(name);
    }
  }

  /** Node ports at which health is asked, and the slices of their Services. */
  healthChecks(): { healthChecks: Map<number, Service>; slices: EndpointSlice[] } {
    const healthChecks = new Map<number, Service>();
    const slices: EndpointSlice[] = [];
    for (const [name, entry] of this.#entries) {
      if (!entry.told || entry.told.table.healthChecks.size === 0) continue;
      for (const [port, service] of entry.told.table.healthChecks) healthChecks.set(port, service);
      slices.push(...this.#seen(name, entry));
    }
    return { healthChecks, slices };
  }

  /** From what was taken before to now. @returns also what is wrong with what changed, in words. */
  take(): { changes: TableChanges; problems: string[] } {
    const problems: Problem[] = [];
    if (this.#fleetChanged) this.#markBalanced();
    for (const name of this.#dirty) this.#want(name, problems);
    const all = [...this.#dirty].map((name) => this.#tell(name, problems));
    this.#dirty.clear();
    return {
      changes: {
        frontends: all.flatMap(({ frontends }) => frontends),
        frontendsGone: all.flatMap(({ frontendsGone }) => frontendsGone),
        backends: all.flatMap(({ backends }) => backends),
        backendsGone: all.flatMap(({ backendsGone }) => backendsGone),
      },
      problems: problems.map(formatProblem),
    };
  }

  #entry(name: string): Entry {
    let entry = this.#entries.get(name);
    if (!entry) this.#entries.set(name, (entry = { slices: new Map(), withdrawn: new Set() }));
    return entry;
  }

  *#entriesOf(namespace: string): Generator<[string, Entry]> {
    for (const pair of this.#entries) if (pair[0].startsWith(`${namespace}/`)) yield pair;
  }

  #slicesChanged(name: string, entry: Entry): void {
    for (const uid of entry.withdrawn) if (!isNamedStaying(entry.slices.values(), uid)) entry.withdrawn.delete(uid);
    this.#dirty.add(name);
  }

  #markBalanced(): void {
    this.#fleetChanged = false;
    for (const [name, { service }] of this.#entries) {
      const annotations = Object.keys(service?.metadata.annotations ?? {});
      if (annotations.some((key) => key.startsWith(ANNOTATION_PREFIX))) this.#dirty.add(name);
    }
  }

  #want(name: string, problems: Problem[]): void {
    const entry = this.#entry(name);
    const { service } = entry;
    entry.wanted = undefined;
    if (service && !isUnproxied(service)) {
      const made = servedTable([service], this.#seen(name, entry), this.#options.fleet());
      entry.wanted = made.served;
      problems.push(...made.problems);
    }
    const age = `${service?.metadata.creationTimestamp ?? '9'} ${name}`;
    const affected = this.#claims.set(name, age, new Set(entry.wanted?.table.frontends.keys()));
    for (const other of affected) this.#dirty.add(other);
  }

  #tell(name: string, problems: Problem[]): TableChanges {
    const entry = this.#entry(name);
    const now = entry.wanted && this.#held(name, entry.wanted, problems);
    const changes = tableChanges(entry.told, now ?? NOTHING);
    entry.told = now;
    if (!entry.service && entry.slices.size === 0) this.#entries.delete(name);
    return changes;
  }

  /** Without the addresses that another Service has. */
  #held(name: string, wanted: ServedTable, problems: Problem[]): ServedTable {
    const { table } = wanted;
    const frontends = new Map<string, Frontend>();
    for (const [key, frontend] of table.frontends) {
      const holder = this.#claims.holder(key);
      if (holder === name) frontends.set(key, frontend);
      else {
        const message = `${key} belongs to service ${holder}`;
        problems.push({ object: `service ${name}`, path: 'spec', message, severity: 'error' });
      }
    }
    if (frontends.size === table.frontends.size) return wanted;
    const led = new Set([...frontends.values()].flatMap(leadsTo));
    const backends = new Map([...table.backends].filter(([backend]) => led.has(backend)));
    return { ...wanted, table: { ...table, frontends, backends } };
  }

  #seen(name: string, entry: Entry): EndpointSlice[] {
    const own = this.#options.own?.get(name);
    if (own) return [own];
    const seen: Seen = {
      withdrawn: entry.withdrawn,
      reaches: this.#options.reaches,
      alwaysReady: entry.service?.spec?.publishNotReadyAddresses === true,
    };
    return [...entry.slices.values()].map((slice) => seenSlice(slice, seen));
  }
}

const NOTHING: ServedTable = {
  table: { frontends: new Map(), backends: new Map(), healthChecks: new Map(), problems: [] },
  settings: new Map(),
  balances: new Map(),
};

function leadsTo(frontend: Frontend): string[] {
  const { fromNode, fromOutside } = frontend;
  return [fromNode, fromOutside].flatMap((route) => backendsName(frontend, route) ?? []);
}
