/** Which sets are to be looked at when a pod changes, and what of it has been awaited. Source: as controller.ts. */
import { selectorMatches } from '../../objects/selectors.ts';
import { isTerminating, keyOf, type OwnerReference, type Pod } from '../../objects/types.ts';
import type { Change, Observed, Watch } from '../controller.ts';
import type { Expectations } from '../expectations.ts';
import type { ReplicaSet } from '../kinds.ts';
import { controllerOf } from '../owners.ts';
import { PODS } from '../resources.ts';
import type { KindOfSet } from './kind-of-set.ts';

export function setWatch({ resource }: KindOfSet, expectations: Expectations): Watch {
  return {
    resource,
    keys({ object, gone }) {
      const key = keyOf(object);
      if (gone) expectations.forget(key);
      return [key];
    },
  };
}

/** What of a kind its pods are found by. */
export type PodOwner = Pick<KindOfSet, 'kind' | 'resource' | 'selectorOf'>;

export function podWatch(kind: PodOwner, expectations: Expectations): Watch {
  return {
    resource: PODS,
    keys({ object, old, gone }: Change, observed: Observed) {
      const pod = object as Pod;
      const keys: string[] = [];
      const controller = controllerOf(pod);
      const owner = ownerKey(kind, pod, controller, observed);
      const before = old && ownerKey(kind, pod, controllerOf(old), observed);
      if (before !== undefined) keys.push(before);
      if (owner !== undefined && owner !== before) keys.push(owner);
      const key = owner ?? before;
      if (key !== undefined) {
        if (!old && !gone) expectations.creationObserved(key);
        if (gone || isTerminating(pod)) expectations.deletionObserved(key, pod.metadata.uid ?? '');
      }
      if (!gone && !controller) addAdopters(keys, kind, pod, observed);
      return keys;
    },
  };
}

function ownerKey(
  { kind, resource }: PodOwner,
  pod: Pod,
  reference: OwnerReference | undefined,
  observed: Observed,
): string | undefined {
  if (reference?.kind !== kind) return undefined;
  const owner = observed.get(resource, pod.metadata.namespace ?? '', reference.name);
  return owner?.metadata.uid === reference.uid ? keyOf(owner) : undefined;
}

/** Nobody's pod is whoever's selector matches. */
function addAdopters(keys: string[], kind: PodOwner, { metadata }: Pod, observed: Observed): void {
  for (const owner of observed.list(kind.resource, metadata.namespace)) {
    if (!selectorMatches(kind.selectorOf(owner as ReplicaSet), metadata.labels)) continue;
    const key = keyOf(owner);
    if (!keys.includes(key)) keys.push(key);
  }
}
