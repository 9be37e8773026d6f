/**
 * Who controls whom, and how a controller comes to its objects: by its reference on them, by adopting what matches its
 * selector and nobody controls, and by letting go of what matches no more.
 * Source: Kubernetes v1.36, pkg/controller/controller_ref_manager.go.
 */
import { type Selector, selectorMatches } from '../objects/selectors.ts';
import type { KubeObject, OwnerReference } from '../objects/types.ts';
import { type Action, CONFLICT, NOT_FOUND, type Part, RefusedError, unlessGone } from './controller.ts';
import type { ResourceRef } from './resources.ts';

export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

export function controllerReference({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  const { name, uid = '' } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

interface Claim {
  owner: KubeObject;
  ownerResource: ResourceRef;
  selector: Selector;
  resource: ResourceRef;
}

/** Those of `objects` that are the owner's now. @throws RefusedError when an adoption or release could not be written. */
export function* claim<T extends KubeObject>(claim: Claim, objects: Iterable<T>): Part<T[]> {
  const { owner, selector } = claim;
  const going = Boolean(owner.metadata.deletionTimestamp);
  const claimed: T[] = [];
  let mayAdopt: boolean | undefined;
  for (const object of objects) {
    const reference = controllerOf(object);
    const matches = selectorMatches(selector, object.metadata.labels);
    if (reference) {
      if (reference.uid !== owner.metadata.uid) continue;
      if (matches) claimed.push(object);
      else if (!going) yield* release(claim, object);
      continue;
    }
    if (going || !matches || object.metadata.deletionTimestamp) continue;
    mayAdopt ??= yield* isStillThere(claim);
    if (mayAdopt && (yield* adopt(claim, object))) claimed.push(object);
  }
  return claimed;
}

/** What has been observed of the owner may be old: an object must not be adopted by one that has gone. */
function* isStillThere({ owner, ownerResource }: Claim): Part<boolean> {
  const { namespace = '', name, uid } = owner.metadata;
  const live = yield* unlessGone({ type: 'get', resource: ownerResource, namespace, name });
  return live !== undefined && live.metadata.uid === uid && !live.metadata.deletionTimestamp;
}

function* adopt({ owner, resource }: Claim, object: KubeObject): Part<boolean> {
  const { uid } = object.metadata;
  const body = { metadata: { uid, ownerReferences: [controllerReference(owner)] } };
  return yield* write(patchOf(resource, object, body));
}

function* release({ owner, resource }: Claim, object: KubeObject): Part<void> {
  const { uid } = object.metadata;
  const body = { metadata: { uid, ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }] } };
  yield* write(patchOf(resource, object, body));
}

function patchOf(resource: ResourceRef, { metadata }: KubeObject, body: object): Action {
  const { namespace = '', name } = metadata;
  return { type: 'patch', resource, namespace, name, patch: 'strategic', body };
}

/** False: the object has gone, or another one has its name. */
function* write(action: Action): Part<boolean> {
  const [{ refusal }] = yield [action];
  if (!refusal) return true;
  if (refusal.code === NOT_FOUND || refusal.code === CONFLICT) return false;
  throw new RefusedError(refusal);
}
