/** Zones of a simulated service: where servers and clients stand, and who is sent to which zone. */
import type { BackendEndpoint, ServiceTable } from '../../core/index.ts';

/** Of one service. */
export const MAX_ZONES = 16;

/**
 * What becomes of requests from a zone. 'spill-over': its own servers carry as much as their share of all allows, the rest goes
 * where there is more than enough; 'PreferSameZone': its own servers while there are any, as kube-proxy does by their
 * hints; 'none': all servers alike.
 */
export type ZoneRouting = 'spill-over' | 'PreferSameZone' | 'none';
export const ZONE_ROUTINGS: readonly ZoneRouting[] = ['spill-over', 'PreferSameZone', 'none'];

export interface Zones {
  /** Each once. */
  names: readonly string[];
  /** By zone: the first so many servers stand in the first zone, and so on, over and over. */
  servers: readonly number[];
  /** By zone: parts of the clients, in any unit. */
  clients: readonly number[];
  routing: ZoneRouting;
}

/** The zone of the server that has this place among those that are there. */
export function zoneOfServer({ servers }: Zones, place: number): number {
  return turnOf(servers, place % sumOf(servers));
}

/** Of clients 0 to `count` - 1 each zone has its part, to a client. */
export function zoneOfClient({ clients }: Zones, client: number, count: number): number {
  return turnOf(clients, ((client + 0.5) / count) * sumOf(clients));
}

/** By client, of so many. */
export function clientZones(zones: Zones | undefined, clients: number): Uint8Array {
  if (zones === undefined) return new Uint8Array(clients);
  return Uint8Array.from({ length: clients }, (_, client) => zoneOfClient(zones, client, clients));
}

/** What a zone's balancers choose from. @param live with their zones. */
export function seenFrom(
  zones: Zones | undefined,
  zone: number,
  live: readonly BackendEndpoint[],
): Pick<ServiceTable, 'endpoints' | 'zones'> {
  if (zones === undefined || zones.routing === 'none') return { endpoints: live };
  const local = zones.names[zone];
  if (zones.routing === 'PreferSameZone') {
    const own = live.filter((endpoint) => endpoint.zone === local);
    return { endpoints: own.length > 0 ? own : live };
  }
  const clients = Object.fromEntries(zones.names.map((name, i) => [name, zones.clients[i]]));
  return { endpoints: live, zones: { local, clients } };
}

/** Whose turn stands at `at`, of turns that are so long. */
function turnOf(lengths: readonly number[], at: number): number {
  let sum = 0;
  for (let zone = 0; zone < lengths.length; zone++) {
    sum += lengths[zone];
    if (at < sum) return zone;
  }
  return lengths.length - 1;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
