/**
 * What a node answers a load balancer that asks whether to send it a Service's traffic (externalTrafficPolicy Local).
 * Terminating endpoints do not count, though they still serve: the answer turns before the last of them is gone.
 * Source: Kubernetes v1.36, pkg/proxy/healthcheck/service_health.go.
 */
import { type EndpointSlice, type IPFamily, namespaceOf, type Service } from '../../objects/types.ts';
import { proxiedPorts } from './service-ports.ts';
import { endpointsOfPort, type NodePlace } from './slice-endpoints.ts';

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    readonly service: { readonly namespace: string; readonly name: string };
    readonly localEndpoints: number;
    readonly serviceProxyHealthy: boolean;
  };
}

/** @param family the one that was asked in; the Service's primary one by default. */
export function healthAnswer(
  service: Service,
  slices: Iterable<EndpointSlice>,
  place: NodePlace,
  proxyHealthy: boolean,
  family?: IPFamily,
): HealthAnswer {
  const ports = proxiedPorts(service);
  const asked = family ?? ports[0]?.family;
  const all = [...slices];
  const addresses = new Set<string>();
  for (const port of ports) {
    if (port.family !== asked) continue;
    for (const { address, ready, local } of endpointsOfPort(service, port, all, place)) {
      if (ready && local) addresses.add(address);
    }
  }
  const localEndpoints = addresses.size;
  return {
    status: localEndpoints > 0 && proxyHealthy ? 200 : 503,
    headers: {
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'x-load-balancing-endpoint-weight': String(localEndpoints),
    },
    body: {
      service: { namespace: namespaceOf(service), name: service.metadata.name },
      localEndpoints,
      serviceProxyHealthy: proxyHealthy,
    },
  };
}
