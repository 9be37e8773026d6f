/**
 * All Services of a cluster as one node answers for them: address, port and protocol → who gets the connection.
 * Of two Services with one address and port, the older keeps it and the other is told.
 */
import type { Problem } from '../errors.ts';
import { type Cidr, inCidr, parseIp } from '../objects/ip.ts';
import { type EndpointSlice, type IPFamily, type KubeObject, namespaceOf, type Service } from '../objects/types.ts';
import { type EligiblePort, eligiblePorts, type Route } from './eligibility/eligible.ts';
import { healthCheckPort } from './eligibility/service-ports.ts';
import type { NodePlace } from './eligibility/slice-endpoints.ts';
import type { BackendEndpoint } from './endpoint.ts';
import { SERVICE_NAME_LABEL } from './endpoints/slice-labels.ts';

export type FrontendKind = 'ClusterIP' | 'NodePort' | 'ExternalIP' | 'LoadBalancer';

/** One place where a Service port is reached. */
export interface Frontend {
  readonly kind: FrontendKind;
  readonly family: IPFamily;
  /** '0.0.0.0' or '::' for a node port: any of the node's own. */
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
  /** 'ns/name' */
  readonly service: string;
  readonly portName: string;
  readonly appProtocol?: string;
  /** For connections from other machines, and for those from this node's own pods and processes. */
  readonly fromOutside: Route;
  readonly fromNode: Route;
  /** Seconds a client stays with its endpoint; 0: not at all. */
  readonly affinitySeconds: number;
  /** Clients outside all of them are turned away; none: all may come. */
  readonly sourceRanges: readonly Cidr[];
}

/** One list of endpoints of a Service port. */
export interface Backends {
  readonly endpoints: readonly BackendEndpoint[];
  readonly affinitySeconds: number;
}

export interface FrontendTable {
  /** By frontendKey. */
  readonly frontends: ReadonlyMap<string, Frontend>;
  /** By backendsName: what pickers choose from. Frontends of a port share it, so that loads are counted together. */
  readonly backends: ReadonlyMap<string, Backends>;
  /** Node port → the Service whose health is asked there; what to answer: healthAnswer. */
  readonly healthChecks: ReadonlyMap<number, Service>;
  /** What two objects cannot both have; the second of them is left out. */
  readonly problems: readonly Problem[];
}

/** '10.96.0.1:80/TCP', '[fd00::1]:80/TCP', '0.0.0.0:30080/TCP'; the address in its canonical spelling. */
export function frontendKey({ address, port, protocol }: Pick<Frontend, 'address' | 'port' | 'protocol'>): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}/${protocol}`;
}

/** 'default/web:http/TCP/IPv4/Cluster'; undefined for a route that leads nowhere. */
export function backendsName({ service, portName, protocol, family }: Frontend, route: Route): string | undefined {
  return route.verdict === 'forward' ? `${service}:${portName}/${protocol}/${family}/${route.policy}` : undefined;
}

export function frontendTable(
  services: Iterable<Service>,
  slices: Iterable<EndpointSlice>,
  place: NodePlace,
): FrontendTable {
  const problems: Problem[] = [];
  const frontends = new Map<string, Frontend>();
  const healthChecks = new Map<number, Service>();
  const slicesOf = Map.groupBy(distinct(slices, problems), serviceOfSlice);
  for (const service of distinct(services, problems)) {
    const own = slicesOf.get(namespacedName(service)) ?? [];
    for (const port of eligiblePorts(service, own, place)) addPort(frontends, service, port, problems);
    addHealthCheck(healthChecks, service, problems);
  }
  return { frontends, backends: backendsOf(frontends.values()), healthChecks, problems };
}

export interface BackendChanges {
  readonly changed: readonly (readonly [name: string, backends: Backends])[];
  readonly gone: readonly string[];
}

/** What pickers must be told, from one table to the next. */
export function backendChanges(before: FrontendTable | undefined, now: FrontendTable): BackendChanges {
  const old = before?.backends ?? new Map<string, Backends>();
  return {
    changed: [...now.backends].filter(([name, backends]) => !isSame(old.get(name), backends)),
    gone: [...old.keys()].filter((name) => !now.backends.has(name)),
  };
}

function isSame(a: Backends | undefined, b: Backends): boolean {
  if (a?.affinitySeconds !== b.affinitySeconds || a.endpoints.length !== b.endpoints.length) return false;
  return a.endpoints.every((endpoint, i) => isSameEndpoint(endpoint, b.endpoints[i]));
}

/** Conditions do not count: those who are eligible are eligible. */
function isSameEndpoint(a: BackendEndpoint, b: BackendEndpoint): boolean {
  return (
    a.address === b.address &&
    a.port === b.port &&
    a.nodeName === b.nodeName &&
    a.zone === b.zone &&
    a.weight === b.weight
  );
}

/**
 * Where a connection to this address arrives, if anywhere.
 * @param nodeAddresses the node's own, in their canonical spelling: node ports answer there.
 */
export function frontendAt(
  { frontends }: FrontendTable,
  to: Pick<Frontend, 'address' | 'port' | 'protocol'>,
  nodeAddresses: ReadonlySet<string>,
): Frontend | undefined {
  const exact = frontends.get(frontendKey(to));
  if (exact || !nodeAddresses.has(to.address)) return exact;
  return frontends.get(frontendKey({ ...to, address: to.address.includes(':') ? '::' : '0.0.0.0' }));
}

/** Whether a client may come through this frontend at all. */
export function admits({ sourceRanges, family }: Frontend, client: string): boolean {
  if (sourceRanges.length === 0) return true;
  const address = parseIp(client);
  return address !== undefined && address.family === family && sourceRanges.some((range) => inCidr(address, range));
}

// --- assembling --------------------------------------------------------------------------------------------------

function backendsOf(frontends: Iterable<Frontend>): Map<string, Backends> {
  const backends = new Map<string, Backends>();
  for (const frontend of frontends) {
    for (const route of [frontend.fromOutside, frontend.fromNode]) {
      const name = backendsName(frontend, route);
      if (name === undefined || route.verdict !== 'forward' || backends.has(name)) continue;
      backends.set(name, { endpoints: route.endpoints, affinitySeconds: frontend.affinitySeconds });
    }
  }
  return backends;
}

/** The oldest first, then by name; the second object of a name is a problem. */
function distinct<T extends KubeObject>(objects: Iterable<T>, problems: Problem[]): T[] {
  const seen = new Set<string>();
  const order = (object: T): string => `${object.metadata.creationTimestamp ?? '9'} ${namespacedName(object)}`;
  const sorted = [...objects].map((object) => ({ object, key: order(object) }));
  sorted.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  return sorted.flatMap(({ object }) => {
    const key = namespacedName(object);
    if (!seen.has(key)) {
      seen.add(key);
      return [object];
    }
    problems.push(problem(object, 'metadata.name', 'there is another of this name, which counts'));
    return [];
  });
}

function namespacedName(object: KubeObject): string {
  return `${namespaceOf(object)}/${object.metadata.name}`;
}

function serviceOfSlice(slice: EndpointSlice): string {
  return `${namespaceOf(slice)}/${slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? ''}`;
}

/** The field of the Service that a frontend comes from. */
const FIELD: Readonly<Record<FrontendKind, string>> = {
  ClusterIP: 'spec.clusterIPs',
  NodePort: 'spec.ports',
  LoadBalancer: 'status.loadBalancer.ingress',
  ExternalIP: 'spec.externalIPs',
};

function addPort(
  frontends: Map<string, Frontend>,
  service: Service,
  eligible: EligiblePort,
  problems: Problem[],
): void {
  for (const frontend of frontendsOf(namespacedName(service), eligible)) {
    const key = frontendKey(frontend);
    const other = frontends.get(key);
    if (!other) frontends.set(key, frontend);
    else if (other.service !== frontend.service) {
      problems.push(problem(service, FIELD[frontend.kind], `${key} belongs to service ${other.service}`));
    }
  }
}

/** A load balancer's address comes before an external one that is the same, as it may be closed to some. */
function frontendsOf(service: string, eligible: EligiblePort): Frontend[] {
  const { port, internal, external = internal, externalFromNode = external } = eligible;
  const { family, protocol, name, appProtocol, affinitySeconds, sourceRanges } = port;
  const shared = { family, protocol, service, portName: name, appProtocol, affinitySeconds };
  const open = { ...shared, port: port.port, fromOutside: external, fromNode: externalFromNode };
  const frontends: Frontend[] = [
    {
      ...open,
      kind: 'ClusterIP',
      address: port.clusterIP,
      fromOutside: internal,
      fromNode: internal,
      sourceRanges: [],
    },
    ...port.loadBalancerIPs.map((address): Frontend => ({ ...open, kind: 'LoadBalancer', address, sourceRanges })),
    ...port.externalIPs.map((address): Frontend => ({ ...open, kind: 'ExternalIP', address, sourceRanges: [] })),
  ];
  if (port.nodePort !== 0) {
    const address = family === 'IPv6' ? '::' : '0.0.0.0';
    frontends.push({ ...open, kind: 'NodePort', address, port: port.nodePort, sourceRanges: [] });
  }
  return frontends;
}

function addHealthCheck(healthChecks: Map<number, Service>, service: Service, problems: Problem[]): void {
  const port = healthCheckPort(service);
  if (port === undefined) return;
  const other = healthChecks.get(port);
  if (!other) healthChecks.set(port, service);
  else
    problems.push(problem(service, 'spec.healthCheckNodePort', `${port} belongs to service ${namespacedName(other)}`));
}

function problem(object: KubeObject, path: string, message: string): Problem {
  return { object: `${object.kind.toLowerCase()} ${namespacedName(object)}`, path, message, severity: 'error' };
}
