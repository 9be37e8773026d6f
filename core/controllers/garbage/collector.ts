/**
 * The garbage collector: what has only owners that are gone goes too; who is deleted in the foreground waits for its
 * dependents, and one that orphans them takes its name off them first. Keys are uids.
 * Source: Kubernetes v1.36, pkg/controller/garbagecollector/{garbagecollector,graph_builder}.go.
 */
import type { KubeObject, OwnerReference } from '../../objects/types.ts';
import {
  type Action,
  type Change,
  type Controller,
  NOT_FOUND,
  type Observed,
  type Part,
  RefusedError,
  type ServedKind,
  type Sync,
  tell,
  unlessGone,
} from '../controller.ts';
import { sameValue } from '../same-value.ts';
import {
  FOREGROUND,
  type GraphNode,
  ORPHAN,
  OwnerGraph,
  orphansDependents,
  ownersOf,
  waitsForDependents,
} from './graph.ts';

export function garbageCollector(): Controller {
  const graph = new OwnerGraph();
  return {
    name: 'garbage-collector-controller',
    watches: [],
    ofAll: (kind, change) => toLookAt(graph, kind, change),
    *sync(uid, { observed }) {
      const node = graph.get(uid);
      return node ? yield* look(graph, node, observed) : undefined;
    },
  };
}

/** Takes the change into the graph. */
function toLookAt(graph: OwnerGraph, kind: ServedKind, { object, old, gone }: Change): string[] {
  const { uid = '' } = object.metadata;
  const keys: string[] = [];
  if (gone) {
    graph.drop(object);
    for (const { object: dependent } of graph.dependents(uid)) keys.push(dependent.metadata.uid ?? '');
  } else {
    graph.put(kind, object);
  }
  const now = ownersOf(object);
  const before = old ? ownersOf(old) : [];
  const isNews = gone || !old || !sameValue(before, now);
  // An owner that waits for this one may have nothing left to wait for, or something more.
  if (isNews) keys.push(...awaiting(graph, now), ...awaiting(graph, before));
  if (gone) return keys;
  const isOwned = now.length + before.length > 0;
  if ((isNews && isOwned) || waitsForDependents(object) || orphansDependents(object)) keys.push(uid);
  return keys;
}

function awaiting(graph: OwnerGraph, owners: readonly OwnerReference[]): string[] {
  const uids = owners.map(({ uid }) => uid);
  return uids.filter((uid) => {
    const owner = graph.get(uid);
    return owner !== undefined && waitsForDependents(owner.object);
  });
}

function* look(graph: OwnerGraph, node: GraphNode, observed: Observed): Sync {
  const { object } = node;
  if (orphansDependents(object)) return yield* orphan(graph, node);
  if (waitsForDependents(object)) return yield* waitForDependents(graph, node);
  if (object.metadata.deletionTimestamp || ownersOf(object).every((owner) => isObserved(graph, node, owner))) {
    return undefined;
  }
  return yield* collect(graph, node, observed);
}

/** The owner is there, under this very name, and does not wait to go. */
function isObserved(graph: OwnerGraph, { kind, object }: GraphNode, owner: OwnerReference): boolean {
  const found = graph.get(owner.uid);
  if (!found || waitsForDependents(found.object)) return false;
  const isSameKind = found.kind.kind === owner.kind && groupOf(found.kind.apiVersion) === groupOf(owner.apiVersion);
  if (!isSameKind || found.object.metadata.name !== owner.name) return false;
  return !found.kind.namespaced || (kind.namespaced && found.object.metadata.namespace === object.metadata.namespace);
}

// --- an object whose owners may have gone ----------------------------------------------------------------------------

function* collect(graph: OwnerGraph, { kind, object }: GraphNode, observed: Observed): Sync {
  const live = yield* unlessGone(getOf(kind, object));
  if (!live || live.metadata.uid !== object.metadata.uid || live.metadata.deletionTimestamp) return undefined;
  const owners = ownersOf(live);
  if (owners.length === 0) return undefined;
  const states = new Map<OwnerReference, OwnerState>();
  for (const owner of owners) {
    const state = yield* stateOf(kind, live, owner, observed);
    if (state === 'impossible') {
      const message = `ownerRef ${owner.kind} ${owner.name} is namespaced, and this object is not`;
      yield* tell(live, 'Warning', 'OwnerRefInvalidNamespace', message);
      return undefined;
    }
    states.set(owner, state);
  }
  const alive = owners.filter((owner) => states.get(owner) === 'alive');
  if (alive.length > 0) {
    if (alive.length < owners.length) yield* putOwners(kind, live, alive);
    return undefined;
  }
  const isAwaited = owners.some((owner) => states.get(owner) === 'waiting');
  const dependents = [...graph.dependents(live.metadata.uid ?? '')];
  if (!isAwaited || dependents.length === 0) {
    yield* remove(kind, live, policyOf(live));
    return undefined;
  }
  // In a circle everybody would wait for everybody: this one waits, but is not waited for.
  if (dependents.some((dependent) => waitsForDependents(dependent.object))) {
    const patched = yield* putOwners(kind, live, owners.map(unblocked));
    if (patched) yield* remove(kind, patched, 'Foreground');
  } else {
    yield* remove(kind, live, 'Foreground');
  }
  return undefined;
}

type OwnerState = 'alive' | 'waiting' | 'gone' | 'impossible';

/** Asked of the API itself: what has been observed may be old, and a deletion cannot be taken back. */
function* stateOf(
  kind: ServedKind,
  { metadata }: KubeObject,
  owner: OwnerReference,
  observed: Observed,
): Part<OwnerState> {
  const ownerKind = [...observed.kinds()].find(
    (one) => one.kind === owner.kind && groupOf(one.apiVersion) === groupOf(owner.apiVersion),
  );
  // Of a kind that is not served nobody can say that it is gone.
  if (!ownerKind) return 'alive';
  if (ownerKind.namespaced && !kind.namespaced) return 'impossible';
  const namespace = ownerKind.namespaced ? (metadata.namespace ?? '') : '';
  const found = yield* unlessGone({ type: 'get', resource: ownerKind, namespace, name: owner.name });
  if (!found || found.metadata.uid !== owner.uid) return 'gone';
  return waitsForDependents(found) ? 'waiting' : 'alive';
}

/** What the object's own finalizers ask for. */
function policyOf({ metadata }: KubeObject): 'Background' | 'Foreground' | 'Orphan' {
  if (metadata.finalizers?.includes(ORPHAN)) return 'Orphan';
  return metadata.finalizers?.includes(FOREGROUND) ? 'Foreground' : 'Background';
}

function* remove(
  kind: ServedKind,
  { metadata }: KubeObject,
  propagation: 'Background' | 'Foreground' | 'Orphan',
): Part<void> {
  const { namespace = '', name, uid, resourceVersion } = metadata;
  yield* unlessGone({ type: 'delete', resource: kind, namespace, name, uid, resourceVersion, propagation });
}

// --- an object that is being deleted ---------------------------------------------------------------------------------

function* waitForDependents(graph: OwnerGraph, { kind, object }: GraphNode): Sync {
  const blocking = [...graph.blocking(object.metadata.uid ?? '')];
  if (blocking.length === 0) {
    yield* dropFinalizer(kind, object, FOREGROUND);
    return undefined;
  }
  if (graph.isInCircle(object.metadata.uid ?? '')) return yield* leaveCircle({ kind, object });
  const idle = blocking.filter((dependent) => !waitsForDependents(dependent.object));
  return { also: idle.map((dependent) => dependent.object.metadata.uid ?? '') };
}

/** Nobody waits for this one any more. Kubernetes leaves a circle of which several were deleted by hand as it is. */
function* leaveCircle({ kind, object }: GraphNode): Sync {
  const live = yield* unlessGone(getOf(kind, object));
  if (!live || live.metadata.uid !== object.metadata.uid) return undefined;
  if (ownersOf(live).every(({ blockOwnerDeletion }) => !blockOwnerDeletion)) return undefined;
  yield* putOwners(kind, live, ownersOf(live).map(unblocked));
  return undefined;
}

function unblocked(owner: OwnerReference): OwnerReference {
  return { ...owner, blockOwnerDeletion: false };
}

function* orphan(graph: OwnerGraph, { kind, object }: GraphNode): Sync {
  const { uid = '' } = object.metadata;
  const writes = [...graph.dependents(uid)].map((dependent) =>
    ownersPatch(
      dependent.kind,
      dependent.object,
      ownersOf(dependent.object).filter((owner) => owner.uid !== uid),
    ),
  );
  const outcomes = yield writes;
  const refusal = outcomes.find((outcome) => outcome.refusal && outcome.refusal.code !== NOT_FOUND)?.refusal;
  if (refusal) throw new RefusedError(refusal);
  yield* dropFinalizer(kind, object, ORPHAN);
  return undefined;
}

function* dropFinalizer(kind: ServedKind, object: KubeObject, finalizer: string): Part<void> {
  const live = yield* unlessGone(getOf(kind, object));
  const { uid, resourceVersion, finalizers = [] } = live?.metadata ?? {};
  if (!live || uid !== object.metadata.uid || !finalizers.includes(finalizer)) return;
  const rest = finalizers.filter((one) => one !== finalizer);
  yield* unlessGone(patchOf(kind, live, { uid, resourceVersion, finalizers: rest }));
}

function* putOwners(
  kind: ServedKind,
  live: KubeObject,
  owners: readonly OwnerReference[],
): Part<KubeObject | undefined> {
  return yield* unlessGone(ownersPatch(kind, live, owners));
}

function ownersPatch(kind: ServedKind, { metadata }: KubeObject, owners: readonly OwnerReference[]): Action {
  const { uid, resourceVersion } = metadata;
  const ownerReferences = owners.length > 0 ? owners : null;
  return patchOf(kind, { metadata } as KubeObject, { uid, resourceVersion, ownerReferences });
}

function patchOf(resource: ServedKind, { metadata: { namespace = '', name } }: KubeObject, metadata: object): Action {
  return { type: 'patch', resource, namespace, name, patch: 'merge', body: { metadata } };
}

function getOf(resource: ServedKind, { metadata: { namespace = '', name } }: KubeObject): Action {
  return { type: 'get', resource, namespace, name };
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
