/**
 * A file of Services with EndpointSlices or Pods → all that a node serves. What the API server and the controllers would
 * have done to them is done here: defaults, addresses where none are given, slices of a Service's pods.
 */
import {
  ApiError,
  applyDefaults,
  carryOver,
  type EndpointSlice,
  errorsOf,
  isSliceOf,
  type KubeObject,
  type Loaded,
  loadBytes,
  type Node,
  type NodePlace,
  namespaceOf,
  type Pod,
  type Problem,
  placeOf,
  planEndpoints,
  Random,
  type Service,
  ServiceAllocator,
} from '../../core/index.ts';
import type { ServedTable } from './changes.ts';
import { servedTable } from './served-table.ts';

export interface FeedOptions {
  /** The node that is served for: policy Local and hints look at it. None by default: nothing is local. */
  nodeName?: string;
  /** For Services whose annotations name none. */
  policy?: string;
  /** What was read before: addresses that were given then are kept. */
  before?: Feed;
}

export interface Feed extends ServedTable {
  /** With their addresses. */
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly place: NodePlace;
  readonly warnings: readonly Problem[];
}

/** @param source names the file in problems. @throws ApiError with every problem, by line and field path. */
export function readFeed(bytes: Uint8Array, source: string, options: FeedOptions = {}): Feed {
  const loaded = loadBytes(bytes, source, { tolerateForeign: true });
  const written = new Map<string, KubeObject>();
  for (const object of loaded.objects) written.set(nameOf(object), object);
  const problems: Problem[] = [...loaded.problems];
  const objects = loaded.objects.map((object) => applyDefaults(object));
  const services = withAddresses(ofKind<Service>(objects, 'v1', 'Service'), options.before, problems);
  const nodes = ofKind<Node>(objects, 'v1', 'Node');
  const own = ofKind<EndpointSlice>(objects, 'discovery.k8s.io/v1', 'EndpointSlice');
  const slices = [...own, ...slicesOfPods(services, own, ofKind<Pod>(objects, 'v1', 'Pod'), nodes)];
  const place = placeFor(options.nodeName, nodes);
  const { served, problems: unserved } = servedTable(services, slices, { place, nodes }, options.policy);
  problems.push(...unserved);
  const placed = problems.map((problem) => locate(problem, loaded, written));
  const errors = errorsOf(placed);
  if (errors.length > 0) throw new ApiError('Invalid', errors);
  return { ...served, services, slices, place, warnings: placed };
}

function ofKind<T extends KubeObject>(objects: readonly KubeObject[], apiVersion: string, kind: string): T[] {
  return objects.filter((object): object is T => object.apiVersion === apiVersion && object.kind === kind);
}

/** 'service default/web', as problems name objects. */
function nameOf(object: KubeObject): string {
  return `${object.kind.toLowerCase()} ${namespaceOf(object)}/${object.metadata.name}`;
}

function placeFor(name: string | undefined, nodes: readonly Node[]): NodePlace {
  const node = nodes.find(({ metadata }) => metadata.name === name);
  return node ? placeOf(node) : { name: name ?? '' };
}

/** Addresses and node ports for Services that lack some; those that are given may be of any range. */
function withAddresses(services: readonly Service[], before: Feed | undefined, problems: Problem[]): Service[] {
  const known = new Map(before?.services.map((service) => [nameOf(service), service]));
  const carried = services.map((service) => {
    const previous = known.get(nameOf(service));
    return previous ? carryOver(service, previous) : service;
  });
  const allocator = new ServiceAllocator({ random: new Random(1) });
  allocator.restore(carried); // Ranges of other clusters are no mistake here, and two owners are found as frontends.
  return carried.map((service) => {
    if (!lacksNumbers(service)) return service;
    try {
      return allocator.assign(service);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problems.push(...error.problems);
      return service;
    }
  });
}

function lacksNumbers({ spec = {} }: Service): boolean {
  const { type, clusterIP, ports = [], externalTrafficPolicy, healthCheckNodePort } = spec;
  if (type === 'ExternalName' || clusterIP === 'None') return false;
  if (type === 'LoadBalancer' && externalTrafficPolicy === 'Local' && !healthCheckNodePort) return true;
  return !clusterIP || ((type === 'NodePort' || type === 'LoadBalancer') && ports.some(({ nodePort }) => !nodePort));
}

/** A Service with slices in the file is served from them, any other from the pods that it selects. */
function slicesOfPods(
  services: readonly Service[],
  own: readonly EndpointSlice[],
  pods: readonly Pod[],
  nodes: readonly Node[],
): EndpointSlice[] {
  const byName = new Map(nodes.map((node) => [node.metadata.name, node]));
  // A file need not hold the nodes: one that is not there has no zone, and is there all the same.
  const nodeOf = (name: string): Node =>
    byName.get(name) ?? { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {}, status: {} };
  const podsOf = Map.groupBy(pods, namespaceOf);
  return services.flatMap((service) => {
    if (own.some((slice) => isSliceOf(slice, service))) return [];
    return planEndpoints(service, podsOf.get(namespaceOf(service)) ?? [], nodeOf, []).slices;
  });
}

function locate(problem: Problem, loaded: Loaded, written: ReadonlyMap<string, KubeObject>): Problem {
  const object = written.get(problem.object ?? '');
  if (problem.line !== undefined || object === undefined) return problem;
  return { ...problem, ...loaded.locate(object, segmentsOf(problem.path)) };
}

/** 'spec.ports[0].nodePort', 'metadata.annotations[example.com/x]' */
function segmentsOf(path: string): (string | number)[] {
  return Array.from(
    path.matchAll(/([^.[\]]+)|\[([^\]]+)\]/g),
    ([, word, index]) => word ?? (/^\d+$/.test(index) ? Number(index) : index),
  );
}
