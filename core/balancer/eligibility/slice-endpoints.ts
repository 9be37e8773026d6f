/**
 * Slices → the endpoints of one Service port, each once. An endpoint stands in two slices while it moves.
 * Source: Kubernetes v1.36, pkg/proxy/endpointslicecache.go.
 */
import { canonicalIp } from '../../objects/ip.ts';
import type { Endpoint, EndpointSlice, IPFamily, Node, Service } from '../../objects/types.ts';
import type { BackendEndpoint } from '../endpoint.ts';
import { ZONE_LABEL } from '../endpoints/pod-endpoint.ts';
import { isSliceOf } from '../endpoints/slice-labels.ts';

/** Where a proxy runs. */
export interface NodePlace {
  readonly name: string;
  readonly zone?: string;
}

export function placeOf(node: Node): NodePlace {
  const zone = node.metadata.labels?.[ZONE_LABEL];
  return { name: node.metadata.name, ...(zone && { zone }) };
}

/** An endpoint as seen from one node. */
export interface SeenEndpoint extends BackendEndpoint {
  /** On the node itself. */
  readonly local: boolean;
  /** Which zones, and which nodes, it would like its traffic from; empty: none are named. */
  readonly forZones: readonly string[];
  readonly forNodes: readonly string[];
}

/** By address and port as texts, so that equal slices give equal lists. */
export function endpointsOfPort(
  service: Service,
  { name, protocol, family }: { name: string; protocol: string; family: IPFamily },
  slices: Iterable<EndpointSlice>,
  { name: nodeName }: NodePlace,
): SeenEndpoint[] {
  const seen = new Map<string, SeenEndpoint>();
  for (const slice of slices) {
    if (slice.addressType !== family || !isSliceOf(slice, service)) continue;
    for (const port of slice.ports ?? []) {
      if ((port.name ?? '') !== name || (port.protocol || 'TCP') !== protocol || !port.port) continue;
      for (const endpoint of slice.endpoints) add(seen, endpoint, port.port, nodeName);
    }
  }
  return [...seen].sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([, endpoint]) => endpoint);
}

/** Of two with one address and port, the one on this node counts, else the first. */
function add(seen: Map<string, SeenEndpoint>, endpoint: Endpoint, port: number, here: string): void {
  const address = canonicalIp(endpoint.addresses?.[0] ?? '');
  if (address === undefined) return;
  const { conditions, nodeName, zone, hints } = endpoint;
  const local = here !== '' && nodeName === here;
  const key = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  if (seen.has(key) && !local) return;
  seen.set(key, {
    address,
    port,
    ...(nodeName !== undefined && { nodeName }),
    ...(zone !== undefined && { zone }),
    // What a slice leaves open counts as ready, serving and staying.
    ready: conditions?.ready ?? true,
    serving: conditions?.serving ?? true,
    terminating: conditions?.terminating ?? false,
    local,
    forZones: hints?.forZones?.map(({ name }) => name) ?? [],
    forNodes: hints?.forNodes?.map(({ name }) => name) ?? [],
  });
}
