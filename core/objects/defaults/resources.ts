/**
 * What the API server fills into resource lists: requests from limits, pod-level requests from containers, rounding.
 * Source: Kubernetes v1.36, pkg/apis/core/v1/defaults.go.
 */
import { isPodLevelResource, podRequests, type Requests } from '../pod-requests.ts';
import { formatQuantity, parseQuantity } from '../quantity.ts';
import type { Container, Pod, PodSpec, ResourceList, ResourceRequirements } from '../types.ts';

const MICRO = 1_000_000n;

/** Every quantity rounded up to thousandths; a quantity that is exact already keeps its spelling. */
export function roundedUp(list: ResourceList): ResourceList {
  let rounded: ResourceList | undefined;
  for (const [name, quantity] of Object.entries(list)) {
    const nano = parseQuantity(quantity);
    if (nano === undefined || nano % MICRO === 0n) continue;
    rounded ??= { ...list };
    const floor = nano - (((nano % MICRO) + MICRO) % MICRO);
    rounded[name] = formatQuantity(nano > 0n ? floor + MICRO : floor);
  }
  return rounded ?? list;
}

function roundedResources(resources: ResourceRequirements): ResourceRequirements {
  const { requests, limits } = resources;
  return {
    ...resources,
    ...(requests && { requests: roundedUp(requests) }),
    ...(limits && { limits: roundedUp(limits) }),
  };
}

/** A limit without a request is also the request; containers first, then the pod as a whole, then rounding. */
export function defaultPodResources(pod: Pod): PodSpec {
  const { spec } = pod;
  const { containers = [], initContainers } = spec;
  const withRequests: PodSpec = {
    ...spec,
    containers: containers.map(requestFromLimit),
    ...(initContainers && { initContainers: initContainers.map(requestFromLimit) }),
  };
  const leveled = defaultPodLevel({ ...pod, spec: withRequests });
  const round = (container: Container): Container =>
    container.resources ? { ...container, resources: roundedResources(container.resources) } : container;
  return {
    ...leveled,
    containers: leveled.containers.map(round),
    ...(leveled.initContainers && { initContainers: leveled.initContainers.map(round) }),
    ...(leveled.resources && { resources: roundedResources(leveled.resources) }),
    ...(leveled.overhead && { overhead: roundedUp(leveled.overhead) }),
  };
}

function requestFromLimit(container: Container): Container {
  const { resources } = container;
  if (!resources?.limits) return container;
  return { ...container, resources: { ...resources, requests: { ...resources.limits, ...resources.requests } } };
}

/** Once a pod names resources for itself, what it leaves out follows from its containers, then from its own limits. */
function defaultPodLevel(pod: Pod): PodSpec {
  const { spec } = pod;
  const own = spec.resources;
  if (!own || (isEmpty(own.limits) && isEmpty(own.requests))) return spec;
  const limits: ResourceList = { ...own.limits };
  for (const [name, nano] of ofContainers(pod, 'limits')) {
    if (name.startsWith('hugepages-') && !Object.hasOwn(limits, name)) limits[name] = formatQuantity(nano);
  }
  const requests: ResourceList = { ...own.requests };
  if (!isEmpty(limits)) {
    for (const [name, nano] of ofContainers(pod, 'requests')) {
      const overcommits = isPodLevelResource(name) && !name.startsWith('hugepages-');
      if (overcommits && !Object.hasOwn(requests, name)) requests[name] = formatQuantity(nano);
    }
    for (const [name, limit] of Object.entries(limits)) {
      if (isPodLevelResource(name) && !Object.hasOwn(requests, name)) requests[name] = limit;
    }
  }
  return {
    ...spec,
    resources: {
      ...own,
      ...(!isEmpty(limits) && { limits }),
      ...(!isEmpty(requests) && { requests }),
    },
  };
}

function isEmpty(list: ResourceList | undefined): boolean {
  return Object.keys(list ?? {}).length === 0;
}

/** What all containers come to, init peak included; the formula is the same for limits. */
function ofContainers(pod: Pod, which: 'requests' | 'limits'): Requests {
  const only = (container: Container): Container => ({
    ...container,
    resources: { requests: container.resources?.[which] },
  });
  const { containers, initContainers } = pod.spec;
  return podRequests({
    ...pod,
    spec: {
      ...pod.spec,
      containers: containers.map(only),
      initContainers: initContainers?.map(only),
      resources: undefined,
      overhead: undefined,
    },
  });
}
