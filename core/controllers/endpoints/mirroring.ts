/**
 * Endpoints that somebody wrote by hand, for a Service without a selector, as the EndpointSlices that proxies read.
 * Source: Kubernetes v1.36, pkg/controller/endpointslicemirroring/{endpointslicemirroring_controller,reconciler,utils}.go.
 */
import { HEADLESS_LABEL, MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from '../../balancer/endpoints/slice-labels.ts';
import { type EndpointSlice, keyOf, type Labels, type Service } from '../../objects/types.ts';
import {
  type Action,
  type Controller,
  NOT_FOUND,
  RefusedError,
  type Sync,
  splitKey,
  type World,
} from '../controller.ts';
import { ENDPOINT_SLICES, ENDPOINTS, SERVICES } from '../resources.ts';
import { sameValue } from '../same-value.ts';
import type { Endpoints } from './endpoints.ts';
import { ADDRESS_LIMIT, type EndpointAddress, type EndpointSubset } from './subsets.ts';

const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SKIP_LABEL = 'endpointslice.kubernetes.io/skip-mirror';
/** Of a leader's lease in an Endpoints object, as old clients keep it. */
const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';
const NOT_COPIED = new Set([
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
]);

export function endpointSliceMirroringController(): Controller {
  return {
    name: 'endpoint-slice-mirroring-controller',
    watches: [
      { resource: ENDPOINTS, keys: ({ object }) => [keyOf(object)] },
      { resource: SERVICES, keys: ({ object }) => [keyOf(object)] },
      {
        resource: ENDPOINT_SLICES,
        keys({ object: { metadata } }) {
          const { [MANAGED_BY_LABEL]: manager, [SERVICE_NAME_LABEL]: service } = metadata.labels ?? {};
          return manager === MANAGER && service ? [`${metadata.namespace}/${service}`] : [];
        },
      },
    ],
    *sync(key, world) {
      const { namespace, name } = splitKey(key);
      const endpoints = world.observed.get(ENDPOINTS, namespace, name) as Endpoints | undefined;
      const service = world.observed.get(SERVICES, namespace, name) as Service | undefined;
      const wanted = endpoints && service && isMirrored(endpoints, service) ? mirrorOf(endpoints) : [];
      return yield* bring(wanted, namespace, name, world);
    },
  };
}

function isMirrored({ metadata }: Endpoints, { spec, metadata: { deletionTimestamp } }: Service): boolean {
  const skipped = metadata.labels?.[SKIP_LABEL] === 'true' || metadata.annotations?.[LEADER_ANNOTATION] !== undefined;
  return !skipped && !spec?.selector && !deletionTimestamp && !metadata.deletionTimestamp;
}

/** One slice for each subset and family of addresses, by names that a repeated look finds again. */
function mirrorOf(endpoints: Endpoints): EndpointSlice[] {
  const { name, namespace, uid } = endpoints.metadata;
  const { [HEADLESS_LABEL]: _, [MANAGED_BY_LABEL]: __, ...own } = endpoints.metadata.labels ?? {};
  const labels = { ...own, [SERVICE_NAME_LABEL]: name, [MANAGED_BY_LABEL]: MANAGER };
  const annotations = withoutOld(endpoints.metadata.annotations);
  const owner = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    name,
    uid: uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
  return (endpoints.subsets ?? []).flatMap((subset, i) =>
    (['IPv4', 'IPv6'] as const).flatMap((addressType): EndpointSlice[] => {
      const found = endpointsOf(subset, addressType);
      if (found.length === 0) return [];
      const metadata = {
        name: `${name}-mirror-${i}-${addressType.toLowerCase()}`,
        namespace,
        labels,
        ...(Object.keys(annotations).length > 0 && { annotations }),
        ownerReferences: [owner],
      };
      return [
        {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata,
          addressType,
          endpoints: found,
          ports: subset.ports ?? [],
        },
      ];
    }),
  );
}

function withoutOld(annotations: Labels = {}): Labels {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !NOT_COPIED.has(key)));
}

/** The first thousand of a subset: no more are mirrored. */
function endpointsOf({ addresses = [], notReadyAddresses = [] }: EndpointSubset, family: 'IPv4' | 'IPv6') {
  const all = [
    ...addresses.map((address) => ({ address, ready: true })),
    ...notReadyAddresses.map((address) => ({ address, ready: false })),
  ].slice(0, ADDRESS_LIMIT);
  return all
    .filter(({ address }) => address.ip.includes(':') === (family === 'IPv6'))
    .map(({ address, ready }) => endpointOf(address, ready));
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean) {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname && { hostname }),
    ...(nodeName && { nodeName }),
    ...(targetRef && { targetRef }),
  };
}

function* bring(wanted: readonly EndpointSlice[], namespace: string, service: string, { observed }: World): Sync {
  const present = ([...observed.list(ENDPOINT_SLICES, namespace)] as EndpointSlice[]).filter(({ metadata }) => {
    return metadata.labels?.[MANAGED_BY_LABEL] === MANAGER && metadata.labels[SERVICE_NAME_LABEL] === service;
  });
  const actions = [...wanted.flatMap((slice) => writeOf(slice, present)), ...removals(wanted, present)];
  if (actions.length === 0) return undefined;
  const outcomes = yield actions;
  for (const { refusal } of outcomes) {
    if (refusal && refusal.code !== NOT_FOUND && !refusal.causes.includes('NamespaceTerminating')) {
      throw new RefusedError(refusal);
    }
  }
  return undefined;
}

function writeOf(slice: EndpointSlice, present: readonly EndpointSlice[]): Action[] {
  const there = present.find(({ metadata }) => metadata.name === slice.metadata.name);
  if (!there) return [{ type: 'create', resource: ENDPOINT_SLICES, object: slice }];
  const { labels, annotations, ownerReferences } = there.metadata;
  const shown = (one: EndpointSlice, metadata: object): unknown => [one.endpoints, one.ports, metadata];
  const { name: _, namespace: __, ...wanted } = slice.metadata;
  const same = sameValue(
    shown(there, { labels, annotations, ownerReferences }),
    shown(slice, { annotations: undefined, ...wanted }),
  );
  if (same || there.metadata.deletionTimestamp) return [];
  return [
    {
      type: 'update',
      resource: ENDPOINT_SLICES,
      object: { ...slice, metadata: { ...there.metadata, annotations: undefined, ...wanted } },
    },
  ];
}

function removals(wanted: readonly EndpointSlice[], present: readonly EndpointSlice[]): Action[] {
  return present
    .filter(({ metadata }) => !metadata.deletionTimestamp && !wanted.some((one) => one.metadata.name === metadata.name))
    .map(({ metadata: { namespace = '', name, uid } }) => ({
      type: 'delete',
      resource: ENDPOINT_SLICES,
      namespace,
      name,
      uid,
    }));
}
