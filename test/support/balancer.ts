/** Small tables and endpoints for tests of the balancer. */
import type { BackendEndpoint } from '../../core/balancer/endpoint.ts';
import type { ServiceTable } from '../../core/balancer/pick/arrange.ts';
import { Picker } from '../../core/balancer/pick/picker.ts';
import type { TableLimits } from '../../core/balancer/tables/layout.ts';
import { BalancerTables } from '../../core/balancer/tables/tables.ts';

export const SMALL_LIMITS: TableLimits = {
  services: 64,
  endpoints: 4096,
  arenaBytes: 1 << 22,
  workers: 4,
  clients: 1024,
};

export function endpoint(n: number, extra: Partial<BackendEndpoint> = {}): BackendEndpoint {
  const address = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
  return { address, port: 8080, ready: true, serving: true, terminating: false, ...extra };
}

export function endpoints(count: number, weights: readonly number[] = []): BackendEndpoint[] {
  return Array.from({ length: count }, (_, n) =>
    endpoint(n, weights.length > 0 ? { weight: weights[n % weights.length] } : {}),
  );
}

/** One service, 'web', and one who picks from it. */
export function oneService(table: ServiceTable, seed = 1): World {
  const tables = new BalancerTables({ limits: SMALL_LIMITS });
  tables.apply('web', table, 0);
  return new World(tables, new Picker(tables.shared, tables.join(), seed), table);
}

export class World {
  readonly tables: BalancerTables;
  readonly picker: Picker;
  readonly service: number;
  table: ServiceTable;

  constructor(tables: BalancerTables, picker: Picker, table: ServiceTable) {
    this.tables = tables;
    this.picker = picker;
    this.service = tables.serviceId('web') as number;
    this.table = table;
  }

  /** The endpoint's place in the table as it was given; -1 where there is none. */
  pick(client = 0, nowUs = 0): number {
    return this.indexOf(this.picker.pick(this.service, client, nowUs));
  }

  indexOf(id: number): number {
    return this.table.endpoints.findIndex((each) => this.tables.endpointId('web', each) === id);
  }

  idOf(index: number): number {
    return this.tables.endpointId('web', this.table.endpoints[index]) as number;
  }

  apply(change: Partial<ServiceTable>, nowUs = 0): number {
    this.table = { ...this.table, ...change };
    return this.tables.apply('web', this.table, nowUs);
  }

  /** How often each endpoint is picked; clients are spread by `clientOf`. */
  counts(picks: number, clientOf: (i: number) => number = spread): number[] {
    const counts = new Array<number>(this.table.endpoints.length).fill(0);
    for (let i = 0; i < picks; i++) counts[this.pick(clientOf(i), i)]++;
    return counts;
  }
}

/** Clients all over the 32 bits. */
export function spread(i: number): number {
  return Math.imul(i + 1, 0x9e3779b1) | 0;
}

/** Chi-square of counts against expected shares. */
export function chiSquare(counts: readonly number[], shares: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const sum = shares.reduce((all, share) => all + share, 0);
  return counts.reduce((all, count, i) => {
    const expected = (total * shares[i]) / sum;
    return all + (count - expected) ** 2 / expected;
  }, 0);
}
