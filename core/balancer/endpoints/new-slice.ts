/** Slices that are to be made, and their names. Source: Kubernetes v1.36, endpointslice/utils.go, newEndpointSlice. */

import {
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
  type IPFamily,
  namespaceOf,
  type Service,
} from '../../objects/types.ts';
import { hashText } from '../../random.ts';
import { sliceLabels } from './slice-labels.ts';

/** Without a name yet: withName gives it one. */
export function newSlice(
  service: Service,
  addressType: IPFamily,
  ports: EndpointPort[],
  endpoints: Endpoint[],
): EndpointSlice {
  const { name, uid = '' } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: '',
      generateName: `${name}-`,
      namespace: namespaceOf(service),
      labels: sliceLabels(service),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true }],
    },
    addressType,
    endpoints,
    ports,
  };
}

/** The new content under the old name; what the API server keeps of an object stays. */
export function takeOver(old: EndpointSlice, fresh: EndpointSlice): EndpointSlice {
  const { name, uid, resourceVersion, creationTimestamp, generateName, generation } = old.metadata;
  const kept = { uid, resourceVersion, creationTimestamp, generateName, generation };
  const present = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined));
  return { ...fresh, metadata: { ...fresh.metadata, ...present, name } };
}

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;

/**
 * The Service's name and five characters, as the API server generates them; but drawn from the Service and the family,
 * so that the same plan gives the same names, and one that is carried out twice makes nothing twice.
 * @param taken names in use; the new one is added.
 */
export function withName(service: Service, slice: EndpointSlice, taken: Set<string>): EndpointSlice {
  const { generateName = '' } = slice.metadata;
  const key = `${namespaceOf(service)}/${service.metadata.name}/${service.metadata.uid ?? ''}/${slice.addressType}`;
  for (let attempt = taken.size; ; attempt++) {
    const name = `${generateName}${suffix(hashText(attempt, key))}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return { ...slice, metadata: { ...slice.metadata, name } };
  }
}

function suffix(hash: number): string {
  let letters = '';
  for (let i = 0, rest = hash; i < SUFFIX_LENGTH; i++) {
    letters += LETTERS[rest % LETTERS.length];
    rest = Math.floor(rest / LETTERS.length);
  }
  return letters;
}
