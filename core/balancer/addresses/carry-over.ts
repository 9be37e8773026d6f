/**
 * What an update leaves out and means to keep, and what it names and no longer needs: done before validation.
 * Source: Kubernetes v1.36, pkg/registry/core/service/storage/storage.go (patchAllocatedValues), strategy.go
 * (dropTypeDependentFields).
 */
import { isExposed } from '../../objects/defaults/service.ts';
import type { Service, ServicePort, ServiceSpec } from '../../objects/types.ts';

export function carryOver(service: Service, previous: Service): Service {
  const before = previous.spec ?? {};
  const spec: ServiceSpec = { ...service.spec };
  if (hasAddress(spec) && hasAddress(before)) {
    spec.clusterIP ||= before.clusterIP;
    if (!spec.clusterIPs?.length && spec.clusterIP === before.clusterIP) spec.clusterIPs = before.clusterIPs;
  }
  for (const [has, fields] of OF_TYPES) if (has(before) && !has(spec)) dropUnchanged(spec, before, fields);
  if (hasNodePorts(before)) {
    const { ports = [] } = spec;
    const move = hasNodePorts(spec) ? keepNodePort : dropNodePort;
    if (spec.ports) spec.ports = ports.map((port) => move(port, before, ports));
  }
  if (needsHealthCheck(before)) {
    if (needsHealthCheck(spec)) spec.healthCheckNodePort ||= before.healthCheckNodePort;
    else if (spec.healthCheckNodePort === before.healthCheckNodePort) delete spec.healthCheckNodePort;
  }
  return { ...service, spec };
}

/** ExternalName alone has none; a headless Service has 'None'. */
export function hasAddress({ type }: ServiceSpec): boolean {
  return type !== 'ExternalName';
}

export function hasNodePorts({ type }: ServiceSpec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer';
}

export function needsHealthCheck({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}

const isBalanced = ({ type }: ServiceSpec): boolean => type === 'LoadBalancer';

/** What only Services of some types have, and which these are. */
const OF_TYPES: readonly [(spec: ServiceSpec) => boolean, readonly (keyof ServiceSpec)[]][] = [
  [hasAddress, ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy']],
  [isExposed, ['externalTrafficPolicy']],
  [isBalanced, ['allocateLoadBalancerNodePorts', 'loadBalancerClass']],
];

function dropUnchanged(spec: ServiceSpec, before: ServiceSpec, fields: readonly (keyof ServiceSpec)[]): void {
  for (const field of fields) {
    if (JSON.stringify(spec[field]) === JSON.stringify(before[field])) delete spec[field];
  }
}

function portBefore({ port, protocol }: ServicePort, { ports }: ServiceSpec): ServicePort | undefined {
  return ports?.find((old) => old.port === port && protocolOf(old) === (protocol || 'TCP'));
}

/** Unless another port of the Service asks for that number now. */
function keepNodePort(port: ServicePort, before: ServiceSpec, ports: readonly ServicePort[]): ServicePort {
  const nodePort = port.nodePort || portBefore(port, before)?.nodePort;
  return nodePort && !isAsked(nodePort, port, ports) ? { ...port, nodePort } : port;
}

/** Whether another port of the same protocol has the node port. */
export function isAsked(nodePort: number, port: ServicePort, ports: readonly ServicePort[]): boolean {
  return ports.some((other) => other !== port && other.nodePort === nodePort && protocolOf(other) === protocolOf(port));
}

function protocolOf({ protocol }: ServicePort): string {
  return protocol || 'TCP';
}

function dropNodePort(port: ServicePort, before: ServiceSpec): ServicePort {
  if (port.nodePort !== portBefore(port, before)?.nodePort) return port;
  const { nodePort, ...rest } = port;
  return rest;
}
