/**
 * The shape of a controller: what it follows, and one look at one key, which reads what has been observed and yields the
 * writes it wants. A look is a generator, so that it can go on with what became of a write; it has no clock and no I/O,
 * and whoever drives it (the loop in runtime/controllers, a test, the simulator) brings both.
 */
import type { KubeObject } from '../objects/types.ts';
import type { ResourceRef } from './resources.ts';

export type Action =
  /** Reads past what has been observed: before something is done that cannot be taken back. */
  | { type: 'get'; resource: ResourceRef; namespace: string; name: string }
  | { type: 'list'; resource: ResourceRef; namespace: string }
  | { type: 'create'; resource: ResourceRef; object: KubeObject }
  /** metadata.resourceVersion is a condition. */
  | { type: 'update'; resource: ResourceRef; object: KubeObject; subresource?: string }
  | {
      type: 'patch';
      resource: ResourceRef;
      namespace: string;
      name: string;
      /** Of type 'strategic' where the kind is built in; 'merge' for any. */
      patch: 'strategic' | 'merge';
      body: object;
      subresource?: string;
    }
  | {
      type: 'delete';
      resource: ResourceRef;
      namespace: string;
      name: string;
      uid?: string;
      resourceVersion?: string;
      propagation?: 'Background' | 'Foreground' | 'Orphan';
      graceSeconds?: number;
    }
  /** Told to who reads events; never fails. */
  | { type: 'event'; about: KubeObject; severity: 'Normal' | 'Warning'; reason: string; message: string };

/** Why a write was refused, in the API's words. */
export interface Refusal {
  code: number;
  reason: string;
  message: string;
  /** The causes' reasons: 'NamespaceTerminating'. */
  causes: readonly string[];
}

/** What became of an action: the object as the API answered, or the refusal. A delete answers with neither. */
export interface ActionOutcome {
  object?: KubeObject;
  /** Of a list. */
  objects?: readonly KubeObject[];
  refusal?: Refusal;
}

/** The end of a look that went well. */
export interface Rest {
  /** Look again after so many milliseconds, though nothing changes. */
  afterMs?: number;
  /** Look at these keys too. */
  also?: Iterable<string>;
}

/** Actions of one batch may be carried out at once; their outcomes come back in the same order. */
export type Sync = Generator<readonly Action[], Rest | undefined, readonly ActionOutcome[]>;
/** A part of a look that ends with a value. */
export type Part<T> = Generator<readonly Action[], T, readonly ActionOutcome[]>;

/** What has been observed: as old as the last event that arrived. Objects must not be changed. */
export interface Observed {
  /** @param namespace '' for a cluster-scoped kind. */
  get(resource: ResourceRef, namespace: string, name: string): KubeObject | undefined;
  /** @param namespace only of that one; without it of all. */
  list(resource: ResourceRef, namespace?: string): Iterable<KubeObject>;
  /** Those whose controller has this uid; '' for those of the namespace that have no controller. */
  controlledBy(resource: ResourceRef, uid: string, namespace: string): Iterable<KubeObject>;
  /** The kinds that are followed. */
  kinds(): Iterable<ServedKind>;
}

/** A kind whose objects can be listed, watched and deleted. */
export interface ServedKind extends ResourceRef {
  apiVersion: string;
  kind: string;
  namespaced: boolean;
}

export interface World {
  observed: Observed;
  nowMs: number;
}

/** An event as a controller is told of it, before anybody looks at a key. */
export interface Change {
  object: KubeObject;
  /** What it was before; undefined when it is new, or has gone. */
  old?: KubeObject;
  gone: boolean;
}

export interface Watch {
  resource: ResourceRef;
  /** Keys to be looked at. */
  keys(change: Change, observed: Observed): Iterable<string>;
}

export interface Controller {
  /** As Kubernetes names it: 'replicaset-controller'. */
  name: string;
  watches: readonly Watch[];
  /** Keys that may be looked at at once; left out where the usual few will do. */
  workers?: number;
  /** Kinds that a look reads and no watch names. */
  reads?: readonly ResourceRef[];
  /** Follows every kind that is served, those that come later as well. Keys to be looked at. */
  ofAll?(kind: ServedKind, change: Change, observed: Observed): Iterable<string>;
  /** One look. What it throws is a reason to look again, later each time. */
  sync(key: string, world: World): Sync;
}

/** A write that a look cannot go on without was refused. */
export class RefusedError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export const NOT_FOUND = 404;
export const CONFLICT = 409;

/** The object as the API answered. @throws RefusedError */
export function* must(action: Action): Part<KubeObject | undefined> {
  const [{ object, refusal }] = yield [action];
  if (refusal) throw new RefusedError(refusal);
  return object;
}

/** The object as the API answered; undefined if there is none of that name. @throws RefusedError for another reason. */
export function* unlessGone(action: Action): Part<KubeObject | undefined> {
  const [{ object, refusal }] = yield [action];
  if (refusal && refusal.code !== NOT_FOUND) throw new RefusedError(refusal);
  return object;
}

export function* tell(about: KubeObject, severity: 'Normal' | 'Warning', reason: string, message: string): Part<void> {
  yield [{ type: 'event', about, severity, reason, message }];
}

/** 'ns/name' → its parts; a cluster-scoped object has no namespace. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
