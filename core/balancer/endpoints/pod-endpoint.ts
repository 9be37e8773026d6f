/** One pod as an endpoint: its address, ports and conditions. Source: Kubernetes v1.36, endpointslice/utils.go. */
import { canonicalIp } from '../../objects/ip.ts';
import {
  type Endpoint,
  type EndpointPort,
  type IPFamily,
  isFinished,
  isTerminating,
  type Node,
  namespaceOf,
  type Pod,
  type Service,
  type ServicePort,
} from '../../objects/types.ts';

export const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** A pod that is over, or has no address yet, is behind no Service. A terminating one still is. */
export function hasEndpoint(pod: Pod): boolean {
  return !isFinished(pod) && podIps(pod).length > 0;
}

/** status.podIPs, or status.podIP where an old kubelet wrote only that. */
function podIps(pod: Pod): string[] {
  const { podIPs, podIP } = pod.status ?? {};
  if (Array.isArray(podIPs) && podIPs.length > 0) {
    return podIPs.flatMap((entry: { ip?: unknown }) => (typeof entry?.ip === 'string' ? [entry.ip] : []));
  }
  return typeof podIP === 'string' && podIP !== '' ? [podIP] : [];
}

/** undefined when the pod has no address of this family. `node` is the pod's node, where it is known. */
export function endpointOf(pod: Pod, node: Node | undefined, service: Service, family: IPFamily): Endpoint | undefined {
  const addresses: string[] = [];
  for (const ip of podIps(pod)) {
    const address = canonicalIp(ip);
    if (address !== undefined && address.includes(':') === (family === 'IPv6')) addresses.push(address);
  }
  addresses.sort();
  if (addresses.length === 0) return undefined;
  const serving = isReady(pod);
  const terminating = isTerminating(pod);
  const { name, uid } = pod.metadata;
  const zone = node?.metadata.labels?.[ZONE_LABEL];
  const { nodeName, hostname, subdomain } = pod.spec;
  const named = typeof hostname === 'string' && hostname !== '' && subdomain === service.metadata.name;
  return {
    addresses,
    conditions: {
      // A terminating pod is never ready, lest clients that know only this condition send to it.
      ready: Boolean(service.spec?.publishNotReadyAddresses) || (serving && !terminating),
      serving,
      terminating,
    },
    ...(named && { hostname }),
    targetRef: { kind: 'Pod', namespace: namespaceOf(pod), name, ...(uid !== undefined && { uid }) },
    ...(nodeName && { nodeName }),
    ...(zone && { zone }),
  };
}

/** The condition of type Ready is True. */
export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

/** The Service's ports as numbers of this pod. A named port that the pod lacks is left out. */
export function endpointPorts(service: Service, pod: Pod): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const servicePort of service.spec?.ports ?? []) {
    const port = targetPort(servicePort, pod);
    if (port === undefined) continue;
    const { name = '', protocol, appProtocol } = servicePort;
    ports.push({ name, port, protocol: protocol || 'TCP', ...(appProtocol !== undefined && { appProtocol }) });
  }
  return ports;
}

function targetPort({ targetPort, port, protocol }: ServicePort, pod: Pod): number | undefined {
  if (typeof targetPort !== 'string' || targetPort === '') return targetPort || port;
  const sidecars = pod.spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? [];
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const found = container.ports?.find(
      (declared) => declared.name === targetPort && (declared.protocol || 'TCP') === (protocol || 'TCP'),
    );
    if (found) return found.containerPort;
  }
  return undefined;
}

/** Equal for ports that one slice can hold: slices are grouped by it. */
export function portGroup(ports: readonly EndpointPort[] | undefined): string {
  const keys = (ports ?? []).map(({ name = '', protocol, port, appProtocol }) =>
    JSON.stringify([name, protocol || 'TCP', port, appProtocol]),
  );
  return keys.sort().join();
}

/** What makes it the same endpoint, whatever has become of its conditions and its place. */
export function identityOf({ addresses, hostname, targetRef }: Endpoint): string {
  return JSON.stringify([[...addresses].sort(), hostname ?? '', targetRef?.namespace ?? '', targetRef?.name ?? '']);
}

/** Whether two endpoints of one identity say the same; hints are not looked at. */
export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return (
    a.nodeName === b.nodeName &&
    a.zone === b.zone &&
    a.conditions?.ready === b.conditions?.ready &&
    a.conditions?.serving === b.conditions?.serving &&
    a.conditions?.terminating === b.conditions?.terminating &&
    a.targetRef?.kind === b.targetRef?.kind &&
    a.targetRef?.uid === b.targetRef?.uid
  );
}
