/**
 * A Service's ports as a proxy sees them: where they are reached, and by which policies.
 * Source: Kubernetes v1.36, pkg/proxy/serviceport.go, pkg/proxy/util, pkg/api/v1/service.
 */
import { type Cidr, canonicalIp, formatIp, parseCidr, parseIp } from '../../objects/ip.ts';
import type { IPFamily, Service, ServicePort } from '../../objects/types.ts';
import { HEADLESS_LABEL } from '../endpoints/slice-labels.ts';

/** One port in one address family. */
export interface ProxiedPort {
  readonly family: IPFamily;
  readonly name: string;
  /** TCP, UDP or SCTP. */
  readonly protocol: string;
  readonly port: number;
  readonly appProtocol?: string;
  readonly clusterIP: string;
  /** 0: none. */
  readonly nodePort: number;
  readonly externalIPs: readonly string[];
  /** Addresses of load balancers that keep their address up to the node. */
  readonly loadBalancerIPs: readonly string[];
  /** Only clients in one of these may come through a load balancer's address; none: all may. */
  readonly sourceRanges: readonly Cidr[];
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  /** Seconds a client stays with its endpoint; 0: every connection is on its own. */
  readonly affinitySeconds: number;
}

const PROXY_NAME_LABEL = 'service.kubernetes.io/service-proxy-name';
const DEFAULT_AFFINITY_SECONDS = 10_800;

/** Whether this proxy has nothing to do with the Service: it has no address, or another proxy does it. */
export function isUnproxied({ metadata, spec }: Service): boolean {
  const labels = metadata.labels ?? {};
  if (Object.hasOwn(labels, PROXY_NAME_LABEL) || Object.hasOwn(labels, HEADLESS_LABEL)) return true;
  return !spec?.clusterIP || spec.clusterIP === 'None' || spec.type === 'ExternalName';
}

/** Every port of the Service in every family it has an address of, the primary family first. */
export function proxiedPorts(service: Service): ProxiedPort[] {
  if (isUnproxied(service)) return [];
  const { spec = {} } = service;
  const addresses = (spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP ?? '']).map(parseIp);
  return addresses.flatMap((address) => {
    if (!address) return [];
    const shared = sharedOf(service, address.family, formatIp(address));
    return (spec.ports ?? []).map((port) => ({ ...shared, ...ownOf(port) }));
  });
}

type Shared = Omit<ProxiedPort, keyof Own>;
type Own = Pick<ProxiedPort, 'name' | 'protocol' | 'port' | 'appProtocol' | 'nodePort'>;

function ownOf({ name = '', protocol, port, appProtocol, nodePort = 0 }: ServicePort): Own {
  return { name, protocol: protocol || 'TCP', port, ...(appProtocol !== undefined && { appProtocol }), nodePort };
}

function sharedOf(service: Service, family: IPFamily, clusterIP: string): Shared {
  const { spec = {}, status } = service;
  const ingress = status?.loadBalancer?.ingress ?? [];
  return {
    family,
    clusterIP,
    externalIPs: ofFamily(spec.externalIPs ?? [], family),
    loadBalancerIPs: ofFamily(
      ingress.flatMap(({ ip, ipMode = 'VIP' }) => (ip && ipMode === 'VIP' ? [ip] : [])),
      family,
    ),
    sourceRanges: (spec.loadBalancerSourceRanges ?? [])
      .map(parseCidr)
      .filter((range) => range !== undefined)
      .filter((range) => range.family === family),
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal: isExternalLocal(service),
    affinitySeconds:
      spec.sessionAffinity === 'ClientIP'
        ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS)
        : 0,
  };
}

function ofFamily(addresses: readonly string[], family: IPFamily): string[] {
  return addresses.flatMap((text) => (parseIp(text)?.family === family ? [canonicalIp(text) ?? text] : []));
}

/** The policy counts only for a Service that can be reached from outside. */
function isExternalLocal({ spec }: Service): boolean {
  if (spec?.externalTrafficPolicy !== 'Local') return false;
  const { type = 'ClusterIP', externalIPs = [] } = spec;
  return type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && externalIPs.length > 0);
}

/** The port where a load balancer asks this node for endpoints of its own; undefined when nobody asks. */
export function healthCheckPort(service: Service): number | undefined {
  const { type, healthCheckNodePort } = service.spec ?? {};
  return type === 'LoadBalancer' && isExternalLocal(service) && healthCheckNodePort ? healthCheckNodePort : undefined;
}

/** Reached through something other than its cluster address. */
export function isExternallyAccessible({ nodePort, externalIPs, loadBalancerIPs }: ProxiedPort): boolean {
  return nodePort !== 0 || externalIPs.length > 0 || loadBalancerIPs.length > 0;
}
