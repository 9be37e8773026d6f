/**
 * Zone-aware routing: a client's own zone carries as much as its share of the endpoints allows, the rest spills over to the
 * zones that have more endpoints than clients, in proportion to that surplus.
 * Source: Envoy's documentation, arch_overview/upstream/load_balancing/zone_aware.
 */

/** Below this many endpoints zones are ignored. */
export const MIN_ZONE_ENDPOINTS = 6;

/**
 * The share of this zone's traffic that each zone gets, in the order of `endpoints`; undefined where zones are ignored: too few
 * endpoints, none in the local zone, or no clients known there.
 * @param endpoints by zone. @param clients by zone: who sends, in any unit; zones without any may be absent.
 */
export function zoneShares(
  endpoints: ReadonlyMap<string, number>,
  clients: Readonly<Record<string, number>>,
  localZone: string,
  minEndpoints = MIN_ZONE_ENDPOINTS,
): Map<string, number> | undefined {
  const total = sum(endpoints.values());
  const senders = sum(Object.values(clients));
  const localShare = (clients[localZone] ?? 0) / senders;
  if (total < minEndpoints || !((endpoints.get(localZone) ?? 0) > 0) || !(localShare > 0)) return undefined;
  const surplus = new Map<string, number>();
  for (const [zone, count] of endpoints) {
    surplus.set(zone, zone === localZone ? 0 : Math.max(0, count / total - (clients[zone] ?? 0) / senders));
  }
  const local = Math.min(1, (endpoints.get(localZone) as number) / total / localShare);
  const spare = sum(surplus.values());
  // Without a surplus anywhere, rounding aside, there is nothing to spill either.
  const spilt = spare > 0 ? 1 - local : 0;
  return new Map(
    Array.from(endpoints.keys(), (zone) => [
      zone,
      zone === localZone ? 1 - spilt : spilt === 0 ? 0 : (spilt * (surplus.get(zone) as number)) / spare,
    ]),
  );
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
