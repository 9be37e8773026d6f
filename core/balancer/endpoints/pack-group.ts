/**
 * Endpoints of one port group into slices, with few writes: what must change anyway is filled up first, then one
 * slice with room, then new ones. Slices that need no change are never repacked.
 * Source: Kubernetes v1.36, endpointslice/reconciler.go, reconcileByPortMapping.
 */
import type { Endpoint, EndpointSlice, Service } from '../../objects/types.ts';
import { identityOf, sameEndpoint } from './pod-endpoint.ts';
import { labelsChanged, sliceLabels } from './slice-labels.ts';

export interface PackedGroup {
  /** Endpoints of each slice that has to be made; none is empty. */
  create: Endpoint[][];
  update: EndpointSlice[];
  delete: EndpointSlice[];
  unchanged: EndpointSlice[];
}

/** A slice on its way to be written. */
interface Draft {
  slice: EndpointSlice;
  endpoints: Endpoint[];
}

/** @param wanted identity → endpoint. Emptied: what is placed is taken out. */
export function packGroup(
  service: Service,
  existing: readonly EndpointSlice[],
  wanted: Map<string, Endpoint>,
  maxEndpoints: number,
): PackedGroup {
  const packed: PackedGroup = { create: [], update: [], delete: [], unchanged: [] };
  const drafts = keepWanted(service, existing, wanted, packed);
  // The fullest first, so that what stays half empty is as empty as can be.
  for (const { endpoints } of drafts.toSorted((a, b) => b.endpoints.length - a.endpoints.length)) {
    take(wanted, endpoints, maxEndpoints);
  }
  placeRest(wanted, drafts, packed, maxEndpoints);
  packed.update = drafts.map(({ slice, endpoints }) => ({ ...slice, endpoints }));
  return packed;
}

/** Takes out endpoints that are gone and renews those that changed; gives the slices that must be written. */
function keepWanted(
  service: Service,
  existing: readonly EndpointSlice[],
  wanted: Map<string, Endpoint>,
  packed: PackedGroup,
): Draft[] {
  const drafts: Draft[] = [];
  for (const slice of existing) {
    const endpoints: Endpoint[] = [];
    let renewed = false;
    for (const endpoint of slice.endpoints) {
      const identity = identityOf(endpoint);
      const now = wanted.get(identity);
      if (!now) continue;
      endpoints.push(now);
      renewed ||= !sameEndpoint(now, endpoint);
      wanted.delete(identity);
    }
    const relabelled = labelsChanged(slice, service);
    if (!renewed && endpoints.length === slice.endpoints.length) {
      if (relabelled) drafts.push({ slice: withLabels(slice, service), endpoints: [...slice.endpoints] });
      else packed.unchanged.push(slice);
    } else if (endpoints.length === 0) {
      packed.delete.push(slice);
    } else {
      drafts.push({ slice: withLabels(slice, service), endpoints });
    }
  }
  return drafts;
}

function withLabels(slice: EndpointSlice, service: Service): EndpointSlice {
  return { ...slice, metadata: { ...slice.metadata, labels: sliceLabels(service) } };
}

/** Moves endpoints from `wanted` until the slice is full. */
function take(wanted: Map<string, Endpoint>, into: Endpoint[], maxEndpoints: number): void {
  for (const [identity, endpoint] of wanted) {
    if (into.length >= maxEndpoints) return;
    into.push(endpoint);
    wanted.delete(identity);
  }
}

/** What is left goes whole into one slice with room, or else fills new ones until it does. */
function placeRest(wanted: Map<string, Endpoint>, drafts: Draft[], packed: PackedGroup, maxEndpoints: number): void {
  while (wanted.size > 0) {
    const slice = wanted.size < maxEndpoints ? sliceWithRoom(packed.unchanged, wanted.size, maxEndpoints) : undefined;
    const endpoints = slice ? [...slice.endpoints] : [];
    take(wanted, endpoints, maxEndpoints);
    if (slice) {
      packed.unchanged.splice(packed.unchanged.indexOf(slice), 1);
      drafts.push({ slice, endpoints });
    } else {
      packed.create.push(endpoints);
    }
  }
}

/** The slice that `count` more would fill best, if they fit into one. */
function sliceWithRoom(
  slices: readonly EndpointSlice[],
  count: number,
  maxEndpoints: number,
): EndpointSlice | undefined {
  let best: EndpointSlice | undefined;
  let least = maxEndpoints;
  for (const slice of slices) {
    const left = maxEndpoints - slice.endpoints.length - count;
    if (left < 0 || left >= least) continue;
    best = slice;
    least = left;
  }
  return best;
}
