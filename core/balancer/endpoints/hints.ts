/**
 * Where an endpoint would like its traffic to come from: each from its own zone, or from its own node.
 * The annotation topology-mode: Auto wins over trafficDistribution, as in Kubernetes, but zones are not weighed by
 * their nodes' processors here: a Service with it gets no hints, as when Kubernetes finds too few endpoints.
 * Source: Kubernetes v1.36, endpointslice/trafficdist/trafficdist.go.
 */
import type { Endpoint, EndpointHints, Service } from '../../objects/types.ts';

export type Hinting = 'none' | 'zone' | 'zone and node';

export function hintingOf({ spec, metadata }: Service): Hinting {
  if (isAuto(metadata.annotations)) return 'none';
  switch (spec?.trafficDistribution) {
    case 'PreferClose':
    case 'PreferSameZone':
      return 'zone';
    case 'PreferSameNode':
      return 'zone and node';
    default:
      return 'none';
  }
}

/** The older of the two annotations counts where both are set. */
function isAuto(annotations: Record<string, string> = {}): boolean {
  const mode =
    annotations['service.kubernetes.io/topology-aware-hints'] ?? annotations['service.kubernetes.io/topology-mode'];
  return mode === 'Auto' || mode === 'auto';
}

/** The endpoint itself when its hints are right already. Hints of one that is not ready mean nothing and are left. */
export function withHints(endpoint: Endpoint, hinting: Hinting): Endpoint {
  if (hinting !== 'none' && endpoint.conditions?.ready !== true) return endpoint;
  const wanted = hinting === 'none' ? undefined : hintsOf(endpoint, hinting);
  if (sameHints(endpoint.hints, wanted)) return endpoint;
  const { hints, ...rest } = endpoint;
  return wanted ? { ...rest, hints: wanted } : rest;
}

function hintsOf({ zone, nodeName }: Endpoint, hinting: Hinting): EndpointHints | undefined {
  const forNode = hinting === 'zone and node' && nodeName;
  if (!zone && !forNode) return undefined;
  return { ...(zone && { forZones: [{ name: zone }] }), ...(forNode && { forNodes: [{ name: nodeName }] }) };
}

function sameHints(a: EndpointHints | undefined, b: EndpointHints | undefined): boolean {
  // Hints that name nothing are still hints to take away.
  if (a === undefined || b === undefined) return a === b;
  return sameNames(a.forZones, b.forZones) && sameNames(a.forNodes, b.forNodes);
}

function sameNames(a: readonly { name: string }[] = [], b: readonly { name: string }[] = []): boolean {
  return a.length === b.length && a.every(({ name }, i) => name === b[i].name);
}
