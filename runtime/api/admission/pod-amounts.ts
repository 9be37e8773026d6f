/**
 * What a pod requests and is limited to, with the spelling of each resource kept.
 * Source: Kubernetes v1.36, component-helpers/resource/helpers.go (PodRequests, PodLimits).
 */
import { type Container, type Pod, podRequests, type ResourceList } from '../../../core/index.ts';
import { type Amount, type AmountFormat, amountOf } from './amount.ts';

export function requestsOf(pod: Pod): Map<string, Amount> {
  return spelled(podRequests(pod), [...listsOf(pod, 'requests'), pod.spec.overhead ?? {}]);
}

/** Overhead adds to limits that are there; it makes none. */
export function limitsOf(pod: Pod): Map<string, Amount> {
  const { containers, initContainers, resources, overhead } = pod.spec;
  const only = (container: Container): Container => ({
    ...container,
    resources: { requests: container.resources?.limits },
  });
  const limits = podRequests({
    ...pod,
    spec: {
      ...pod.spec,
      containers: containers.map(only),
      initContainers: initContainers?.map(only),
      resources: resources && { requests: resources.limits },
      overhead: undefined,
    },
  });
  for (const [name, quantity] of Object.entries(overhead ?? {})) {
    const limit = limits.get(name);
    if (limit !== undefined && limit !== 0n) limits.set(name, limit + amountOf(quantity).nano);
  }
  return spelled(limits, listsOf(pod, 'limits'));
}

function listsOf({ spec }: Pod, which: 'requests' | 'limits'): ResourceList[] {
  const own = [spec.resources, ...spec.containers.map(({ resources }) => resources)];
  const init = (spec.initContainers ?? []).map(({ resources }) => resources);
  return [...own, ...init].map((resources) => resources?.[which] ?? {});
}

/** The first container that names a resource gives the format of its sum. */
function spelled(nanos: ReadonlyMap<string, bigint>, lists: readonly ResourceList[]): Map<string, Amount> {
  const formats = new Map<string, AmountFormat>();
  for (const list of lists) {
    for (const [name, quantity] of Object.entries(list)) {
      if (!formats.has(name)) formats.set(name, amountOf(quantity).format);
    }
  }
  return new Map([...nanos].map(([name, nano]) => [name, { nano, format: formats.get(name) ?? 'DecimalSI' }]));
}
