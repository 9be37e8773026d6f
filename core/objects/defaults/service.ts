/** What an API server fills into Services and EndpointSlices. Source: Kubernetes v1.36, pkg/apis/{core,discovery}/v1/defaults.go. */
import type { EndpointSlice, Service, ServiceSpec } from '../service.ts';

/** Seconds a client stays with its endpoint: three hours. */
export const CLIENT_IP_TIMEOUT_SECONDS = 10_800;

/** Addresses, families and node ports are allocated, not defaulted: core/balancer/addresses. */
export function defaultService(service: Service): Service {
  const { spec = {}, status } = service;
  const { type = '', sessionAffinityConfig, sessionAffinity, ...rest } = spec;
  const filled: ServiceSpec = {
    ...rest,
    type: type || 'ClusterIP',
    ...affinity(sessionAffinity || 'None', sessionAffinityConfig),
  };
  if (spec.ports) filled.ports = spec.ports.map(defaultPort);
  if (filled.type !== 'ExternalName') filled.internalTrafficPolicy = spec.internalTrafficPolicy || 'Cluster';
  if (isExposed(filled)) filled.externalTrafficPolicy = spec.externalTrafficPolicy || 'Cluster';
  if (filled.type === 'LoadBalancer') {
    filled.allocateLoadBalancerNodePorts = spec.allocateLoadBalancerNodePorts ?? true;
  }
  if (spec.clusterIP && !spec.clusterIPs?.length) filled.clusterIPs = [spec.clusterIP];
  return { ...service, spec: filled, ...(status && { status: defaultStatus(status) }) };
}

function affinity(
  sessionAffinity: string,
  config: ServiceSpec['sessionAffinityConfig'],
): Pick<ServiceSpec, 'sessionAffinity' | 'sessionAffinityConfig'> {
  if (sessionAffinity !== 'ClientIP') return { sessionAffinity };
  const timeoutSeconds = config?.clientIP?.timeoutSeconds ?? CLIENT_IP_TIMEOUT_SECONDS;
  return { sessionAffinity, sessionAffinityConfig: { clientIP: { timeoutSeconds } } };
}

function defaultPort(port: NonNullable<ServiceSpec['ports']>[number]): typeof port {
  return { ...port, protocol: port.protocol || 'TCP', targetPort: port.targetPort || port.port };
}

/** Reached from outside the cluster. */
export function isExposed({ type, externalIPs }: ServiceSpec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && Boolean(externalIPs?.length));
}

function defaultStatus(status: NonNullable<Service['status']>): NonNullable<Service['status']> {
  const { loadBalancer } = status;
  if (!loadBalancer?.ingress) return status;
  const ingress = loadBalancer.ingress.map((point) => (point.ip ? { ...point, ipMode: point.ipMode || 'VIP' } : point));
  return { ...status, loadBalancer: { ...loadBalancer, ingress } };
}

export function defaultEndpointSlice(slice: EndpointSlice): EndpointSlice {
  const { ports, endpoints = [] } = slice;
  const named = ports?.map((port) => ({ ...port, name: port.name ?? '', protocol: port.protocol || 'TCP' }));
  return { ...slice, endpoints, ...(named && { ports: named }) };
}
