/**
 * Services and the slices of endpoints behind them, as far as the balancer honours them.
 * Source: Kubernetes v1.36, staging/src/k8s.io/api/{core,discovery}/v1/types.go.
 */
import type { KubeObject, Labels } from './meta.ts';

export type IPFamily = 'IPv4' | 'IPv6';

export interface ServicePort {
  /** Required, and unique, where there are several. */
  name?: string;
  /** TCP, UDP or SCTP; TCP when absent. */
  protocol?: string;
  port: number;
  /** A number, or the name of a container's port; `port` when absent. */
  targetPort?: number | string;
  nodePort?: number;
  appProtocol?: string;
}
export interface ServiceSpec {
  /** ClusterIP, NodePort, LoadBalancer or ExternalName. */
  type?: string;
  selector?: Labels;
  ports?: ServicePort[];
  /** 'None' makes the Service headless. */
  clusterIP?: string;
  /** One for each family; the first is `clusterIP`. */
  clusterIPs?: string[];
  ipFamilies?: string[];
  ipFamilyPolicy?: string;
  externalIPs?: string[];
  externalName?: string;
  internalTrafficPolicy?: string;
  externalTrafficPolicy?: string;
  healthCheckNodePort?: number;
  allocateLoadBalancerNodePorts?: boolean;
  loadBalancerSourceRanges?: string[];
  loadBalancerClass?: string;
  publishNotReadyAddresses?: boolean;
  sessionAffinity?: string;
  sessionAffinityConfig?: { clientIP?: { timeoutSeconds?: number } };
  trafficDistribution?: string;
  [field: string]: unknown;
}
export interface LoadBalancerIngress {
  ip?: string;
  hostname?: string;
  /** 'VIP' when absent: the address is captured on the nodes. 'Proxy' addresses are not. */
  ipMode?: string;
  [field: string]: unknown;
}
export interface Service extends KubeObject {
  spec?: ServiceSpec;
  status?: { loadBalancer?: { ingress?: LoadBalancerIngress[] }; [field: string]: unknown };
}

/** One endpoint of a slice. All addresses are of the slice's type, and only the first is ever used. */
export interface Endpoint {
  addresses: string[];
  conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean };
  hostname?: string;
  targetRef?: { kind?: string; namespace?: string; name?: string; uid?: string; [field: string]: unknown };
  nodeName?: string;
  zone?: string;
  hints?: EndpointHints;
  [field: string]: unknown;
}
export interface EndpointHints {
  forZones?: { name: string }[];
  forNodes?: { name: string }[];
}
export interface EndpointPort {
  name?: string;
  protocol?: string;
  port?: number;
  appProtocol?: string;
}
export interface EndpointSlice extends KubeObject {
  /** IPv4, IPv6 or FQDN; the slice keeps it for life. */
  addressType: string;
  endpoints: Endpoint[];
  /** Every endpoint of the slice has all of them. */
  ports?: EndpointPort[];
}
