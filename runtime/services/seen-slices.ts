/** EndpointSlices as this machine sees them: without those it cannot reach, and with pods that leave called so at once. */
import type { Endpoint, EndpointSlice } from '../../core/index.ts';
import type { EndpointAddress } from '../proxy/data-plane.ts';

export interface Seen {
  /** Uids of pods that leave. */
  readonly withdrawn: ReadonlySet<string>;
  reaches(nodeName: string): boolean;
  /** The Service publishes what is not ready. */
  readonly alwaysReady: boolean;
}

/** The slice itself where there is nothing to change. */
export function seenSlice(slice: EndpointSlice, seen: Seen): EndpointSlice {
  let changed = false;
  const endpoints = slice.endpoints.flatMap((endpoint) => {
    const one = seenEndpoint(endpoint, seen);
    changed ||= one !== endpoint;
    return one ?? [];
  });
  return changed ? { ...slice, endpoints } : slice;
}

function seenEndpoint(endpoint: Endpoint, { withdrawn, reaches, alwaysReady }: Seen): Endpoint | undefined {
  const { nodeName, targetRef, conditions } = endpoint;
  if (nodeName !== undefined && !reaches(nodeName)) return undefined;
  if (withdrawn.size === 0 || !withdrawn.has(targetRef?.uid ?? '')) return endpoint;
  const serving = conditions?.serving ?? conditions?.ready ?? true;
  return { ...endpoint, conditions: { ready: alwaysReady, serving, terminating: true } };
}

/** Whether a slice has the pod and does not say that it leaves. */
export function isNamedStaying(slices: Iterable<EndpointSlice>, uid: string): boolean {
  for (const { endpoints } of slices)
    if (endpoints.some(({ targetRef, conditions }) => targetRef?.uid === uid && conditions?.terminating !== true))
      return true;
  return false;
}

/** Where the pod is reached: each of its addresses with each port of its slice. */
export function endpointsOfPod(slices: Iterable<EndpointSlice>, uid: string): EndpointAddress[] {
  const found: EndpointAddress[] = [];
  for (const { endpoints, ports = [] } of slices) {
    for (const { addresses, targetRef } of endpoints) {
      if (targetRef?.uid !== uid) continue;
      for (const { port } of ports) if (port !== undefined) found.push({ address: addresses[0], port });
    }
  }
  return found;
}
