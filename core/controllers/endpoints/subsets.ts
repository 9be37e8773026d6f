/**
 * The subsets of an Endpoints object: addresses that have the same ports together.
 * Source: Kubernetes v1.36, pkg/controller/endpoint/endpoints_controller.go, pkg/api/v1/endpoints/util.go.
 */
import { endpointOf, endpointPorts, hasEndpoint } from '../../balancer/endpoints/pod-endpoint.ts';
import { type EndpointPort, isTerminating, type Pod, type Service } from '../../objects/types.ts';
import { isReady } from '../pod-state.ts';
import { canonicalJson } from '../same-value.ts';

export interface EndpointAddress {
  ip: string;
  hostname?: string;
  nodeName?: string;
  targetRef?: { kind?: string; namespace?: string; name?: string; uid?: string };
}

export interface EndpointSubset {
  addresses?: EndpointAddress[];
  notReadyAddresses?: EndpointAddress[];
  ports?: EndpointPort[];
}

/** Addresses that one object holds. */
export const ADDRESS_LIMIT = 1000;

/** @param pods those that the Service selects. */
export function subsetsOf(service: Service, pods: Iterable<Pod>): { subsets: EndpointSubset[]; isCut: boolean } {
  const groups = new Map<string, Required<EndpointSubset>>();
  const family = service.spec?.ipFamilies?.[0] === 'IPv6' ? 'IPv6' : 'IPv4';
  const isOpen = service.spec?.publishNotReadyAddresses === true;
  for (const pod of pods) {
    if (!hasEndpoint(pod) || (!isOpen && isTerminating(pod))) continue;
    const endpoint = endpointOf(pod, undefined, service, family);
    if (!endpoint) continue;
    const { addresses, conditions: _, ...rest } = endpoint;
    const ports = endpointPorts(service, pod).map(withoutEmptyName);
    // A Service whose every port the pod lacks is not served by it; one without ports is.
    if (ports.length === 0 && (service.spec?.ports ?? []).length > 0) continue;
    const key = canonicalJson(ports);
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { addresses: [], notReadyAddresses: [], ports }));
    (isOpen || isReady(pod) ? group.addresses : group.notReadyAddresses).push({ ip: addresses[0], ...rest });
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  return cut(sorted);
}

function withoutEmptyName({ name, ...port }: EndpointPort): EndpointPort {
  return name ? { name, ...port } : port;
}

/** In the order of addresses; beyond the limit those that are not ready are left out first. */
function cut(groups: readonly Required<EndpointSubset>[]): { subsets: EndpointSubset[]; isCut: boolean } {
  let room = ADDRESS_LIMIT;
  let isCut = false;
  const take = (addresses: EndpointAddress[]): EndpointAddress[] => {
    const taken = addresses.sort(compareAddresses).slice(0, room);
    isCut ||= taken.length < addresses.length;
    room -= taken.length;
    return taken;
  };
  const ready = groups.map(({ addresses }) => take(addresses));
  const notReady = groups.map(({ notReadyAddresses }) => take(notReadyAddresses));
  const subsets = groups.flatMap(({ ports }, i): EndpointSubset[] => {
    if (ready[i].length + notReady[i].length === 0) return [];
    return [
      {
        ...(ready[i].length > 0 && { addresses: ready[i] }),
        ...(notReady[i].length > 0 && { notReadyAddresses: notReady[i] }),
        ...(ports.length > 0 && { ports }),
      },
    ];
  });
  return { subsets, isCut };
}

function compareAddresses(a: EndpointAddress, b: EndpointAddress): number {
  const [left, right] = [a, b].map(({ ip, targetRef }) => `${ip} ${targetRef?.uid}`);
  return left < right ? -1 : left > right ? 1 : 0;
}
