/**
 * The API without HTTP: what the scheduler loop, the node agents and the controllers of this process call. Every call
 * takes the same path as a request over the wire (admission, validation, managedFields), but for decoding and field validation.
 */
import type { KubeObject } from '../../core/index.ts';
import type { ObjectsView } from './objects-view.ts';
import type { User } from './request.ts';

/** A served kind by group and plural; the version is the preferred one unless told. */
export interface ResourceName {
  group: string;
  resource: string;
  version?: string;
}

export interface ListOptions {
  /** Of one namespace; without it of all. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
}

export interface ObjectList {
  resourceVersion: string;
  continue?: string;
  items: readonly KubeObject[];
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: KubeObject;
}

export interface WatchOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Events after it. Without it, or '0': first one ADDED for every object there is. */
  resourceVersion?: string;
  /** Called in the order of the writes, several events of one moment at once; it must not throw. */
  onEvents(events: readonly WatchEvent[]): void;
  /** The watch is over without having been stopped: the server closes, or (an ApiError of 410) history was lost; list anew. */
  onClose?(reason: Error): void;
}

export interface WatchHandle {
  stop(): void;
}

export interface WriteOptions {
  subresource?: string;
  fieldManager?: string;
  dryRun?: boolean;
}

export interface PatchOptions extends WriteOptions {
  type: 'json' | 'merge' | 'strategic' | 'apply';
  /** Apply only: take fields over from other managers. */
  force?: boolean;
}

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: boolean;
}

/** Refusals are ApiErrors (http/status.ts). Answers and events are shared with the cache: never change them. */
export interface ApiClient {
  readonly view: ObjectsView;
  get(resource: ResourceName, namespace: string, name: string): Promise<KubeObject>;
  list(resource: ResourceName, options?: ListOptions): Promise<ObjectList>;
  watch(resource: ResourceName, options: WatchOptions): WatchHandle;
  create(resource: ResourceName, object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** With metadata.resourceVersion a conflict is a 409, without it the last writer wins. */
  update(resource: ResourceName, object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  patch(
    resource: ResourceName,
    namespace: string,
    name: string,
    patch: unknown,
    options: PatchOptions,
  ): Promise<KubeObject>;
  delete(resource: ResourceName, namespace: string, name: string, options?: DeleteOptions): Promise<void>;
  /** pods/binding. @param uid the pod that was decided about: another one of that name is a 409. */
  bind(pod: { namespace: string; name: string; uid?: string }, nodeName: string): Promise<void>;
  /** The same API for another identity; RBAC is asked for every call. @param fieldManager the user's name where left out. */
  as(user: User, fieldManager?: string): ApiClient;
}
