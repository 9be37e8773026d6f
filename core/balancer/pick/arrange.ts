/**
 * From the endpoints of a service to the groups that a pick chooses from: deterministic subset, priorities and panic,
 * ejected endpoints, zones, slow start. All of it happens when a table is written; a pick draws a group and is done.
 */
import type { BackendEndpoint } from '../endpoint.ts';
import { type PriorityOptions, priorityLoads } from './priorities.ts';
import { type SlowStart, slowStartFactor } from './slow-start.ts';
import { subsetOf } from './subset.ts';
import { zoneShares } from './zone-aware.ts';

/** How a service is balanced. `P` is a policy's name. */
export interface ServiceTable {
  policy: string;
  /** By name; what is absent has the policy's default. */
  parameters?: Readonly<Record<string, number>>;
  /** Those that eligibility lets through; their order means nothing. */
  endpoints: readonly BackendEndpoint[];
  /** ClientIP affinity: a client keeps its endpoint until it was away for so long. 1 to 86,400. */
  affinitySeconds?: number;
  /** Spill over between zones. */
  zones?: { local: string; clients: Readonly<Record<string, number>>; minEndpoints?: number };
  /** Levels from 0, the first to be used; every endpoint is of level 0 where this is absent. */
  priorityOf?: (endpoint: BackendEndpoint) => number;
  priorities?: PriorityOptions;
  slowStart?: SlowStart;
  /** This balancer is number `client` of a fleet, and talks to `size` endpoints. */
  subset?: { client: number; size: number; seed?: number };
}

/** What is known of the endpoints beyond their objects. */
export interface Known {
  /** 'address:port' and number of each, in the table's order. */
  keys: readonly string[];
  slots: ArrayLike<number>;
  /** By number: since when the service has the endpoint, µs; -Infinity for those it began with. */
  sinceUs: ArrayLike<number>;
  ejected: ReadonlySet<number>;
}

export interface Member {
  endpoint: BackendEndpoint;
  key: string;
  /** The endpoint's number. */
  slot: number;
  /** Greater than 0; lowered during slow start. */
  weight: number;
  priority: number;
  ejected: boolean;
}

export interface Group {
  /** Of the service's picks; the groups' shares sum up to 1. */
  share: number;
  members: Member[];
  priority: number;
  panic: boolean;
  /** Of the client's own zone, where zones are looked at. */
  local: boolean;
}

/** Empty where nothing may be picked. */
export function arrange(table: ServiceTable, known: Known, nowUs: number): Group[] {
  const able = membersOf(table, known, nowUs);
  const levels = Map.groupBy(able, ({ priority }) => priority);
  const numbers = [...levels.keys()].sort((a, b) => a - b);
  const { loads, panic } = priorityLoads(
    numbers.map((number) => {
      const level = levels.get(number) ?? [];
      return { healthy: level.filter(({ ejected }) => !ejected).length, total: level.length };
    }),
    table.priorities,
  );
  return numbers.flatMap((priority, i) => {
    if (loads[i] === 0) return [];
    const chosen = (levels.get(priority) ?? []).filter(({ ejected }) => panic[i] || !ejected);
    return splitByZone(table, chosen).map(({ share, members, local }) => {
      return { share: (share * loads[i]) / 100, members, priority, panic: panic[i], local };
    });
  });
}

/** Those of this balancer's subset that may get anything. */
function membersOf(
  { endpoints, subset, slowStart, priorityOf }: ServiceTable,
  { keys, slots, sinceUs, ejected }: Known,
  nowUs: number,
): Member[] {
  const all = Array.from(endpoints, (_, i) => i);
  const chosen = subset ? subsetOf(all, (i) => keys[i], subset.client, subset.size, subset.seed) : all;
  const members: Member[] = [];
  for (const i of chosen) {
    const endpoint = endpoints[i];
    if (endpoint.weight === 0) continue;
    const slot = slots[i];
    members.push({
      endpoint,
      key: keys[i],
      slot,
      weight: (endpoint.weight ?? 1) * (slowStart ? slowStartFactor(nowUs - sinceUs[slot], slowStart) : 1),
      priority: priorityOf?.(endpoint) ?? 0,
      ejected: ejected.has(slot),
    });
  }
  return members;
}

/** 'address:port', what hashing policies hash; IPv6 in brackets. */
export function keyOf({ address, port }: BackendEndpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function splitByZone(
  { zones }: ServiceTable,
  members: Member[],
): { share: number; members: Member[]; local: boolean }[] {
  if (zones === undefined) return [{ share: 1, members, local: false }];
  const byZone = Map.groupBy(members, ({ endpoint }) => endpoint.zone ?? '');
  const counts = new Map(Array.from(byZone, ([zone, inZone]) => [zone, inZone.length]));
  const shares = zoneShares(counts, zones.clients, zones.local, zones.minEndpoints);
  if (shares === undefined) return [{ share: 1, members, local: false }];
  return Array.from(byZone, ([zone, inZone]) => ({
    share: shares.get(zone) ?? 0,
    members: inZone,
    local: zone === zones.local,
  })).filter(({ share }) => share > 0);
}
