/** The labels by which slices belong to a Service. Source: Kubernetes v1.36, endpointslice/utils.go, api/discovery/v1. */
import type { EndpointSlice, Labels, Service } from '../../objects/types.ts';
import { namespaceOf } from '../../objects/types.ts';

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
/** On a slice: its Service has no address of its own. On a Service: proxies leave it alone. */
export const HEADLESS_LABEL = 'service.kubernetes.io/headless';
/** Whose slices these are: other managers' are neither changed nor deleted. */
export const CONTROLLER_NAME = 'endpointslice-controller.k8s.io';

const RESERVED = new Set([SERVICE_NAME_LABEL, MANAGED_BY_LABEL, HEADLESS_LABEL]);

/** The Service's own labels and the reserved ones, whatever the Service says of those. */
export function sliceLabels(service: Service): Labels {
  const { clusterIP } = service.spec ?? {};
  const headless = !clusterIP || clusterIP === 'None';
  return {
    ...unreserved(service.metadata.labels),
    ...(headless && { [HEADLESS_LABEL]: '' }),
    [SERVICE_NAME_LABEL]: service.metadata.name,
    [MANAGED_BY_LABEL]: CONTROLLER_NAME,
  };
}

/** Whether the Service's own labels differ from the slice's; a change of reserved ones alone is no reason to write. */
export function labelsChanged(slice: EndpointSlice, service: Service): boolean {
  return !sameLabels(unreserved(slice.metadata.labels), unreserved(service.metadata.labels));
}

export function sameLabels(a: Labels = {}, b: Labels = {}): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key]);
}

function unreserved(labels: Labels = {}): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !RESERVED.has(key)));
}

/** Whether a slice, whoever made it, holds endpoints of the Service. */
export function isSliceOf(slice: EndpointSlice, service: Service): boolean {
  return (
    slice.metadata.labels?.[SERVICE_NAME_LABEL] === service.metadata.name && namespaceOf(slice) === namespaceOf(service)
  );
}

/** Whether the controller may change the slice. One that is being deleted is left to go. */
export function isManaged(slice: EndpointSlice, service: Service): boolean {
  const { labels, deletionTimestamp } = slice.metadata;
  return isSliceOf(slice, service) && labels?.[MANAGED_BY_LABEL] === CONTROLLER_NAME && !deletionTimestamp;
}

export function isOwned(slice: EndpointSlice, service: Service): boolean {
  const uid = service.metadata.uid ?? '';
  const owners = slice.metadata.ownerReferences ?? [];
  return owners.some((owner) => owner.uid === uid && owner.kind === 'Service' && owner.apiVersion === 'v1');
}
