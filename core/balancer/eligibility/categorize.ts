/**
 * Which endpoints of a port may get traffic on one node, under each policy.
 * Source: Kubernetes v1.36, pkg/proxy/topology.go, CategorizeEndpoints; KEP-1669.
 */
import { isExternallyAccessible, type ProxiedPort } from './service-ports.ts';
import type { NodePlace, SeenEndpoint } from './slice-endpoints.ts';

export interface Categories {
  /** For traffic under policy Cluster; undefined when there is no such traffic. */
  readonly cluster?: readonly SeenEndpoint[];
  /** For traffic under policy Local; undefined when there is no such traffic. */
  readonly local?: readonly SeenEndpoint[];
  /** Both, each endpoint once. */
  readonly reachable: readonly SeenEndpoint[];
  /** Some node could serve, be it not this one. */
  readonly hasAny: boolean;
}

export type TopologyMode = 'everywhere' | 'same zone' | 'same node';

export function categorizeEndpoints(
  port: ProxiedPort,
  endpoints: readonly SeenEndpoint[],
  place: NodePlace,
): Categories {
  const exposed = isExternallyAccessible(port);
  // Clients on the node are sent anywhere even where outside traffic must stay local, hence both.
  const usesCluster = !port.internalLocal || exposed;
  const usesLocal = port.internalLocal || (port.externalLocal && exposed);
  const cluster = usesCluster ? clusterEndpoints(endpoints, place) : undefined;
  const local = usesLocal ? readyOrLast(endpoints.filter((endpoint) => endpoint.local)) : undefined;
  return {
    ...(cluster && { cluster }),
    ...(local && { local }),
    reachable: union(cluster ?? [], local ?? []),
    hasAny: endpoints.some((endpoint) => endpoint.ready || isLastResort(endpoint)),
  };
}

function clusterEndpoints(endpoints: readonly SeenEndpoint[], place: NodePlace): SeenEndpoint[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  // No ready endpoint anywhere: hints mean nothing any more.
  if (ready.length === 0) return endpoints.filter(isLastResort);
  const mode = topologyMode(ready, place);
  if (mode === 'everywhere') return ready;
  return ready.filter((endpoint) => wants(endpoint, mode, place));
}

/** Terminating endpoints that still serve stand in when nobody is ready. */
function readyOrLast(endpoints: readonly SeenEndpoint[]): SeenEndpoint[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  return ready.length > 0 ? ready : endpoints.filter(isLastResort);
}

function isLastResort({ serving, terminating }: SeenEndpoint): boolean {
  return serving && terminating;
}

/** Hints count only if every ready endpoint has some, and one names this place; the node before the zone. */
export function topologyMode(ready: readonly SeenEndpoint[], place: NodePlace): TopologyMode {
  for (const mode of ['same node', 'same zone'] as const) {
    const hinted = ready.every(({ forNodes, forZones }) => (mode === 'same node' ? forNodes : forZones).length > 0);
    if (hinted && ready.some((endpoint) => wants(endpoint, mode, place))) return mode;
  }
  return 'everywhere';
}

function wants({ forNodes, forZones }: SeenEndpoint, mode: 'same zone' | 'same node', place: NodePlace): boolean {
  return mode === 'same node' ? forNodes.includes(place.name) : forZones.includes(place.zone ?? '');
}

function union(cluster: readonly SeenEndpoint[], local: readonly SeenEndpoint[]): readonly SeenEndpoint[] {
  if (local.length === 0) return cluster;
  const all = new Set(cluster);
  for (const endpoint of local) all.add(endpoint);
  return [...all];
}
