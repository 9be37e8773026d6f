/**
 * What a pod asks for, exactly: init containers, sidecars, pod-level resources, overhead.
 * Source: Kubernetes v1.36, component-helpers/resource/helpers.go, pkg/scheduler/util/pod_resources.go.
 */
import { nanoOf } from './quantity.ts';
import { isQualifiedName } from './selectors.ts';
import type { Container, ContainerStatus, Pod, ResourceList } from './types.ts';

/** Resource name → nano-units. Absent means nobody asked. */
export type Requests = Map<string, bigint>;

export interface RequestOptions {
  /** Stand-ins for containers that do not name cpu or memory (section 2.3); none by default. */
  nonMissing?: Requests;
  /** For pods that sit on a node: in-place resize counts what the status says (section 2.2). */
  useStatus?: boolean;
  /** The scorer of NodeResourcesFit ignores pod-level requests (a quirk of 1.34 to 1.36). */
  ignorePodLevel?: boolean;
}

/** Non-zero stand-ins: 100 millicores and 200 MiB. */
export const DEFAULT_MILLI_CPU = 100n;
export const DEFAULT_MEMORY = 209_715_200n;
export const NON_ZERO_DEFAULTS: Requests = new Map([
  ['cpu', DEFAULT_MILLI_CPU * 1_000_000n],
  ['memory', DEFAULT_MEMORY * 1_000_000_000n],
]);

/** PodRequests(pod): the larger of all containers at once and the init peak, then pod level, then overhead. */
export function podRequests(pod: Pod, options: RequestOptions = {}): Requests {
  const { spec } = pod;
  const infeasible = resizeIsInfeasible(pod);
  const sum: Requests = new Map();
  const sidecars: Requests = new Map();
  const peak: Requests = new Map();
  const ask = (container: Container, status: ContainerStatus[] | undefined): Requests =>
    containerRequests(container, options, options.useStatus ? find(status, container.name) : undefined, infeasible);

  for (const container of spec.containers ?? []) add(sum, ask(container, pod.status?.containerStatuses));
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      const asked = ask(container, pod.status?.initContainerStatuses);
      add(sum, asked);
      add(sidecars, asked);
      raise(peak, sidecars);
    } else {
      const candidate = ask(container, undefined);
      add(candidate, sidecars);
      raise(peak, candidate);
    }
  }
  raise(sum, peak);
  if (!options.ignorePodLevel) applyPodLevel(sum, pod, options, infeasible);
  for (const [name, quantity] of Object.entries(spec.overhead ?? {})) {
    sum.set(name, (sum.get(name) ?? 0n) + nanoOf(quantity));
  }
  return sum;
}

function find(statuses: ContainerStatus[] | undefined, name: string): ContainerStatus | undefined {
  return statuses?.find((status) => status.name === name);
}

function resizeIsInfeasible(pod: Pod): boolean {
  return Boolean(pod.status?.conditions?.some((c) => c.type === 'PodResizePending' && c.reason === 'Infeasible'));
}

function containerRequests(
  container: Container,
  { nonMissing }: RequestOptions,
  status: ContainerStatus | undefined,
  infeasible: boolean,
): Requests {
  const requests = toRequests(container.resources?.requests);
  if (status?.resources) {
    if (infeasible) requests.clear();
    raise(requests, toRequests(status.resources.requests));
    raise(requests, toRequests(status.allocatedResources));
  }
  for (const [name, amount] of nonMissing ?? []) if (!requests.has(name)) requests.set(name, amount);
  return requests;
}

function applyPodLevel(sum: Requests, pod: Pod, { useStatus }: RequestOptions, infeasible: boolean): void {
  const level = toRequests(pod.spec.resources?.requests);
  if (![...level.keys()].some(isPodLevelResource)) return;
  if (useStatus && pod.status?.resources) {
    if (infeasible) level.clear();
    raise(level, toRequests(pod.status.resources.requests));
    raise(level, toRequests(pod.status.allocatedResources));
  }
  for (const [name, amount] of level) if (isPodLevelResource(name)) sum.set(name, amount);
}

export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

/** Has a pod-level request that replaces the containers' sum. */
export function hasPodLevelRequests(pod: Pod): boolean {
  return Object.keys(pod.spec.resources?.requests ?? {}).some(isPodLevelResource);
}

function toRequests(list: ResourceList | undefined): Requests {
  const requests: Requests = new Map();
  for (const name in list) requests.set(name, nanoOf(list[name]));
  return requests;
}

function add(into: Requests, more: Requests): void {
  for (const [name, amount] of more) into.set(name, (into.get(name) ?? 0n) + amount);
}

function raise(into: Requests, floor: Requests): void {
  for (const [name, amount] of floor) {
    const has = into.get(name);
    if (has === undefined || amount > has) into.set(name, amount);
  }
}

/** Resources the scheduler counts besides cpu, memory, ephemeral-storage and pods; any other name is ignored. */
export function isScalarResource(name: string): boolean {
  return (
    isExtendedResource(name) ||
    name.startsWith('hugepages-') ||
    name.includes('kubernetes.io/') ||
    name.startsWith('attachable-volumes-')
  );
}

/** Has a domain of its own: 'vendor.com/gpu'. */
export function isExtendedResource(name: string): boolean {
  if (!name.includes('/') || name.includes('kubernetes.io/') || name.startsWith('requests.')) return false;
  return isQualifiedName(`requests.${name}`);
}
