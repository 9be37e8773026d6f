/** Services, pods with addresses and slices in one line each, for the balancer's tests. */
import { applyDefaults } from '../../core/objects/defaults.ts';
import type {
  Endpoint,
  EndpointSlice,
  Node,
  ObjectMeta,
  Pod,
  PodSpec,
  Service,
  ServiceSpec,
} from '../../core/objects/types.ts';
import { node, pod } from './builders.ts';

/** With defaults filled in; one port 80 and a cluster address unless said otherwise. */
export function serviceOf(name: string, spec: ServiceSpec = {}, metadata: Partial<ObjectMeta> = {}): Service {
  const usual: ServiceSpec = {
    selector: { app: name },
    ports: [{ port: 80 }],
    ...(spec.type !== 'ExternalName' && { clusterIP: '10.96.0.10' }),
  };
  return applyDefaults<Service>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', uid: `uid-of-${name}`, ...metadata },
    spec: { ...usual, ...spec },
  });
}

export interface BackendParts {
  ips?: string[];
  on?: string;
  app?: string;
  namespace?: string;
  ready?: boolean;
  terminating?: boolean;
  phase?: string;
  spec?: Partial<PodSpec>;
}

/** A pod behind Service `app` ('web'), ready, with the address 10.0.0.N of its number. */
export function backend(n: number, parts: BackendParts = {}): Pod {
  const { ips = [numbered(n)], on = 'n1', app = 'web', namespace, ready = true, terminating, phase, spec } = parts;
  return pod(`${app}-${n}`, {
    on,
    namespace,
    labels: { app },
    metadata: terminating ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {},
    spec,
    status: {
      phase: phase ?? 'Running',
      podIP: ips[0],
      podIPs: ips.map((ip) => ({ ip })),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  });
}

export function numbered(n: number): string {
  return `10.0.${Math.floor(n / 250)}.${(n % 250) + 1}`;
}

/** n1 and n2 in zone a, n3 in zone b, n4 in none. */
const NODES = new Map<string, Node>(
  Object.entries({ n1: 'a', n2: 'a', n3: 'b', n4: undefined }).map(([name, zone]) => [
    name,
    node(name, { labels: zone ? { 'topology.kubernetes.io/zone': zone } : {} }),
  ]),
);

export function nodeOf(name: string): Node | undefined {
  return NODES.get(name);
}

/** A slice that a user wrote for Service `of`. */
export function sliceOf(
  of: string,
  name: string,
  endpoints: Endpoint[],
  more: Partial<EndpointSlice> = {},
): EndpointSlice {
  const { metadata, ...rest } = more;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': of }, ...metadata },
    addressType: 'IPv4',
    endpoints,
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    ...rest,
  };
}
