/**
 * Service + pods + nodes → the EndpointSlices there should be, as few writes away from those there are.
 * Source: Kubernetes v1.36, pkg/controller/endpointslice, staging/src/k8s.io/endpointslice/reconciler.go.
 */
import { assert } from '../../assert.ts';
import { parseIp } from '../../objects/ip.ts';
import { compilePairs, selectorMatches } from '../../objects/selectors.ts';
import {
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
  type IPFamily,
  type Node,
  namespaceOf,
  type Pod,
  type Service,
} from '../../objects/types.ts';
import { hintingOf, withHints } from './hints.ts';
import { newSlice, takeOver, withName } from './new-slice.ts';
import { packGroup } from './pack-group.ts';
import { endpointOf, endpointPorts, hasEndpoint, identityOf, portGroup } from './pod-endpoint.ts';
import { isManaged, isOwned, sameLabels } from './slice-labels.ts';

export interface SliceAction {
  type: 'create' | 'update' | 'delete';
  slice: EndpointSlice;
}

export interface EndpointPlan {
  /** What to write, nothing when all is well. */
  actions: readonly SliceAction[];
  /** The controller's slices once that is written; the user's own are not among them. */
  slices: readonly EndpointSlice[];
  /** Pods left out since their node is unknown, and not published unready: look again once it is. */
  waiting: readonly Pod[];
}

export interface EndpointOptions {
  /** 1 to 1,000; 100 by default. */
  maxEndpointsPerSlice?: number;
}

const DEFAULT_MAX_ENDPOINTS = 100;
const MOST_ENDPOINTS = 1000;

/**
 * Nothing is made for a Service without a selector (its slices are the user's) nor for an ExternalName.
 * @param pods any; those that the Service does not select are passed over.
 * @param nodeOf the node of that name, if there is one.
 * @param existing any slices; those of others are left alone.
 */
export function planEndpoints(
  service: Service,
  pods: Iterable<Pod>,
  nodeOf: (name: string) => Node | undefined,
  existing: Iterable<EndpointSlice>,
  { maxEndpointsPerSlice = DEFAULT_MAX_ENDPOINTS }: EndpointOptions = {},
): EndpointPlan {
  assert(
    Number.isInteger(maxEndpointsPerSlice) && maxEndpointsPerSlice >= 1 && maxEndpointsPerSlice <= MOST_ENDPOINTS,
    () => `${maxEndpointsPerSlice} endpoints in a slice; 1 to ${MOST_ENDPOINTS} are allowed`,
  );
  const all = [...existing];
  const managed = all.filter((slice) => isManaged(slice, service));
  const { type, selector } = service.spec ?? {};
  if (type === 'ExternalName' || Object.keys(selector ?? {}).length === 0) {
    return { actions: [], slices: managed, waiting: [] };
  }
  const families = familiesOf(service);
  const { known, waiting } = selectPods(service, pods, nodeOf);
  const names = new Set(all.map(({ metadata }) => metadata.name));
  const changes: Changes = { create: [], update: [], delete: [], unchanged: [] };
  for (const family of families) {
    const ofFamily = managed.filter(({ addressType }) => addressType === family);
    addTo(changes, planFamily(service, known, family, ofFamily, maxEndpointsPerSlice, names));
  }
  const strays = managed.filter(({ addressType }) => !families.includes(addressType as IPFamily));
  changes.delete.push(...strays);
  return { ...asPlan(changes), waiting };
}

interface Changes {
  create: EndpointSlice[];
  update: EndpointSlice[];
  delete: EndpointSlice[];
  unchanged: EndpointSlice[];
}

function addTo(sum: Changes, more: Changes): void {
  sum.create.push(...more.create);
  sum.update.push(...more.update);
  sum.delete.push(...more.delete);
  sum.unchanged.push(...more.unchanged);
}

function asPlan({ create, update, delete: gone, unchanged }: Changes): Pick<EndpointPlan, 'actions' | 'slices'> {
  const actions: SliceAction[] = [
    ...create.map((slice): SliceAction => ({ type: 'create', slice })),
    ...update.map((slice): SliceAction => ({ type: 'update', slice })),
    ...gone.map((slice): SliceAction => ({ type: 'delete', slice })),
  ];
  return { actions, slices: [...unchanged, ...update, ...create] };
}

/** As the API server filled them in; else what the address tells; else both, as for a headless Service of old. */
function familiesOf({ spec }: Service): IPFamily[] {
  const families = (spec?.ipFamilies ?? []).filter((family) => family === 'IPv4' || family === 'IPv6');
  if (families.length > 0) return families;
  const { clusterIP } = spec ?? {};
  const address = clusterIP && clusterIP !== 'None' ? parseIp(clusterIP) : undefined;
  return address ? [address.family] : ['IPv4', 'IPv6'];
}

interface PlacedPod {
  pod: Pod;
  node: Node | undefined;
}

function selectPods(
  service: Service,
  pods: Iterable<Pod>,
  nodeOf: (name: string) => Node | undefined,
): { known: PlacedPod[]; waiting: Pod[] } {
  const namespace = namespaceOf(service);
  const selector = compilePairs(service.spec?.selector ?? {});
  const known: PlacedPod[] = [];
  const waiting: Pod[] = [];
  for (const pod of pods) {
    if (namespaceOf(pod) !== namespace || !selectorMatches(selector, pod.metadata.labels)) continue;
    if (!hasEndpoint(pod)) continue;
    const node = nodeOf(pod.spec.nodeName ?? '');
    if (node || service.spec?.publishNotReadyAddresses) known.push({ pod, node });
    else waiting.push(pod);
  }
  return { known, waiting };
}

// --- one address family ------------------------------------------------------------------------------------------

interface Group {
  ports: EndpointPort[];
  wanted: Map<string, Endpoint>;
}

function planFamily(
  service: Service,
  pods: readonly PlacedPod[],
  family: IPFamily,
  existing: readonly EndpointSlice[],
  maxEndpoints: number,
  names: Set<string>,
): Changes {
  const groups = groupPods(service, pods, family);
  const owned = existing.filter((slice) => isOwned(slice, service));
  const changes: Changes = { create: [], update: [], delete: [], unchanged: [] };
  // Slices of an earlier Service of this name are for the garbage collector, and in nobody's way.
  changes.delete.push(...existing.filter((slice) => !isOwned(slice, service)));
  const byPorts = Map.groupBy(owned, ({ ports }) => portGroup(ports));
  for (const [key, { ports, wanted }] of groups) {
    const packed = packGroup(service, byPorts.get(key) ?? [], wanted, maxEndpoints);
    const create = packed.create.map((endpoints) => newSlice(service, family, ports, endpoints));
    addTo(changes, { ...packed, create });
  }
  for (const [key, slices] of byPorts) if (!groups.has(key)) changes.delete.push(...slices);
  keepPlaceholder(service, family, existing, changes);
  const reused = reuse(service, hint(service, changes));
  return { ...reused, create: reused.create.map((slice) => withName(service, slice, names)) };
}

function groupPods(service: Service, pods: readonly PlacedPod[], family: IPFamily): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const { pod, node } of pods) {
    const ports = endpointPorts(service, pod);
    const key = portGroup(ports);
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { ports, wanted: new Map() }));
    const endpoint = endpointOf(pod, node, service, family);
    if (endpoint) group.wanted.set(identityOf(endpoint), endpoint);
  }
  return groups;
}

/** A Service without endpoints has one empty slice, so that its readers can tell it from one not looked at yet. */
function keepPlaceholder(
  service: Service,
  family: IPFamily,
  existing: readonly EndpointSlice[],
  changes: Changes,
): void {
  if (changes.create.length > 0 || changes.delete.length !== existing.length) return;
  const placeholder = newSlice(service, family, [], []);
  const [first] = changes.delete;
  if (changes.delete.length === 1 && isPlaceholder(first, placeholder)) {
    changes.delete = [];
    changes.unchanged.push(first);
  } else {
    changes.create.push(placeholder);
  }
}

function isPlaceholder(slice: EndpointSlice, placeholder: EndpointSlice): boolean {
  const { endpoints, ports = [], metadata } = slice;
  return endpoints.length === 0 && ports.length === 0 && sameLabels(metadata.labels, placeholder.metadata.labels);
}

/** Sets hints on all that is written, and writes what is not but has the wrong ones. */
function hint(service: Service, changes: Changes): Changes {
  const hinting = hintingOf(service);
  const hinted = (slice: EndpointSlice): EndpointSlice => {
    const endpoints = slice.endpoints.map((endpoint) => withHints(endpoint, hinting));
    return endpoints.every((endpoint, i) => endpoint === slice.endpoints[i]) ? slice : { ...slice, endpoints };
  };
  const update = changes.update.map(hinted);
  const unchanged: EndpointSlice[] = [];
  for (const slice of changes.unchanged) {
    const now = hinted(slice);
    (now === slice ? unchanged : update).push(now);
  }
  return { create: changes.create.map(hinted), update, delete: changes.delete, unchanged };
}

/** A slice to be deleted is overwritten by one to be created: one write for two. */
function reuse(service: Service, changes: Changes): Changes {
  const create = [...changes.create];
  const update = [...changes.update];
  const gone: EndpointSlice[] = [];
  for (const slice of changes.delete) {
    const fresh = isOwned(slice, service) ? create.pop() : undefined;
    if (fresh) update.push(takeOver(slice, fresh));
    else gone.push(slice);
  }
  // A Service on its way out gets nothing new, lest the garbage collector and we write in turns.
  return { ...changes, create: service.metadata.deletionTimestamp ? [] : create, update, delete: gone };
}
