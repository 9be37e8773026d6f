/**
 * Service + slices + node → per port: who may get traffic from inside and from outside, or how it is turned away.
 * Source: Kubernetes v1.36, pkg/proxy/{iptables,nftables}/proxier.go, pkg/proxy/nftables/README.md.
 */
import type { EndpointSlice, Service } from '../../objects/types.ts';
import type { BackendEndpoint } from '../endpoint.ts';
import { type Categories, categorizeEndpoints } from './categorize.ts';
import { isExternallyAccessible, type ProxiedPort, proxiedPorts } from './service-ports.ts';
import { endpointsOfPort, type NodePlace } from './slice-endpoints.ts';

/**
 * What happens to a connection. `reject`: nobody can serve it anywhere, and the client is told (connection refused).
 * `drop`: others could, but policy Local keeps it here, and the client waits in vain.
 */
export type Route =
  | {
      readonly verdict: 'forward';
      /** Which of the port's lists the endpoints are. */
      readonly policy: 'Cluster' | 'Local';
      readonly endpoints: readonly BackendEndpoint[];
    }
  | { readonly verdict: 'reject' | 'drop' };

export interface EligiblePort extends Categories {
  readonly port: ProxiedPort;
  /** To the cluster address. */
  readonly internal: Route;
  /** To a node port, an external address or a load balancer's, from outside; undefined when there is none. */
  readonly external?: Route;
  /** The same from this node's own pods and processes, which policy Local does not hold back. */
  readonly externalFromNode?: Route;
}

/** Nothing for a Service that is not proxied: headless, ExternalName, or another proxy's. */
export function eligiblePorts(service: Service, slices: Iterable<EndpointSlice>, place: NodePlace): EligiblePort[] {
  const all = [...slices];
  return proxiedPorts(service).map((port) => {
    const categories = categorizeEndpoints(port, endpointsOfPort(service, port, all, place), place);
    return { port, ...categories, ...routes(port, categories) };
  });
}

function routes(
  port: ProxiedPort,
  categories: Categories,
): Pick<EligiblePort, 'internal' | 'external' | 'externalFromNode'> {
  const internal = routeTo(port.internalLocal ? 'Local' : 'Cluster', categories);
  if (!isExternallyAccessible(port)) return { internal };
  return {
    internal,
    external: routeTo(port.externalLocal ? 'Local' : 'Cluster', categories),
    externalFromNode: routeTo('Cluster', categories),
  };
}

function routeTo(policy: 'Cluster' | 'Local', { cluster = [], local = [], hasAny }: Categories): Route {
  const endpoints = policy === 'Local' ? local : cluster;
  if (endpoints.length > 0) return { verdict: 'forward', policy, endpoints };
  return { verdict: hasAny ? 'drop' : 'reject' };
}
