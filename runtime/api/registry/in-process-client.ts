/** The API for who lives in the same process: the registry's functions behind the face of client.ts. */
import type { KubeObject } from '../../../core/index.ts';
import type { Attributes, Authorizer } from '../auth/faces.ts';
import { refusal } from '../auth/forbidden.ts';
import type {
  ApiClient,
  DeleteOptions,
  ListOptions,
  ObjectList,
  PatchOptions,
  ResourceName,
  WatchEvent,
  WatchHandle,
  WatchOptions,
  WriteOptions,
} from '../client.ts';
import { unknownResource } from '../http/status.ts';
import type { ApiKind } from '../kinds/kind.ts';
import type { ApiObject } from '../object.ts';
import type { ObjectsView } from '../objects-view.ts';
import type { User } from '../request.ts';
import { createObject } from './create.ts';
import { deleteObject } from './delete.ts';
import { listObjects } from './list.ts';
import { type RegistryParts, type RequestContext, served, type Target } from './parts.ts';
import { current, patchObject } from './patch.ts';
import { bindPod } from './subresources/binding.ts';
import { updateObject } from './update.ts';
import { openWatch, type Receiver, type Watch } from './watch.ts';

export class InProcessClient implements ApiClient {
  readonly #parts: RegistryParts;
  readonly #authorizer: Authorizer;
  readonly #user: User;
  readonly #fieldManager: string;

  constructor(parts: RegistryParts, authorizer: Authorizer, user: User, fieldManager = user.name) {
    this.#parts = parts;
    this.#authorizer = authorizer;
    this.#user = user;
    this.#fieldManager = fieldManager;
  }

  get view(): ObjectsView {
    return this.#parts.cache;
  }

  as(user: User, fieldManager?: string): ApiClient {
    return new InProcessClient(this.#parts, this.#authorizer, user, fieldManager);
  }

  async get(resource: ResourceName, namespace: string, name: string): Promise<KubeObject> {
    return current(this.#parts, this.#target('get', resource, namespace, name));
  }

  async list(resource: ResourceName, options: ListOptions = {}): Promise<ObjectList> {
    const { kind, namespace } = this.#target('list', resource, options.namespace ?? '', '');
    const list = await listObjects(this.#parts, { ...options, kind, namespace });
    const items = list.entries.map(({ object }) => served(kind, object));
    return { resourceVersion: String(list.revision), continue: list.continue, items };
  }

  watch(resource: ResourceName, options: WatchOptions): WatchHandle {
    const { kind, namespace } = this.#target('watch', resource, options.namespace ?? '', '');
    let stopped = false;
    let watch: Watch | undefined;
    const lost = (reason: Error): void => {
      if (!stopped) options.onClose?.(reason);
    };
    const receiver: Receiver = {
      deliver(deliveries) {
        options.onEvents(
          deliveries.map(({ type, entry }): WatchEvent => ({ type, object: served(kind, entry.object) })),
        );
        return true;
      },
      bookmark: () => true,
      lost,
    };
    openWatch(this.#parts, { ...options, kind, namespace }, receiver).then((opened) => {
      if (stopped) opened.stop();
      else watch = opened;
    }, lost);
    return {
      stop() {
        stopped = true;
        watch?.stop();
      },
    };
  }

  async create(resource: ResourceName, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const target = this.#target('create', resource, object.metadata.namespace ?? '', '', options);
    return createObject(this.#parts, this.#context(options), target, object as ApiObject);
  }

  async update(resource: ResourceName, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const { namespace = '', name } = object.metadata;
    const target = this.#target('update', resource, namespace, name, options);
    return updateObject(this.#parts, this.#context(options), target, { next: () => object as ApiObject });
  }

  async patch(
    resource: ResourceName,
    namespace: string,
    name: string,
    body: unknown,
    { type, force = false, ...options }: PatchOptions,
  ): Promise<KubeObject> {
    const target = this.#target('patch', resource, namespace, name, options);
    return (await patchObject(this.#parts, this.#context(options), target, { type, body, force })).object;
  }

  async delete(
    resource: ResourceName,
    namespace: string,
    name: string,
    { dryRun, ...request }: DeleteOptions = {},
  ): Promise<void> {
    const target = this.#target('delete', resource, namespace, name);
    await deleteObject(this.#parts, this.#context({ dryRun }), target, request);
  }

  async bind(
    { namespace, name, uid }: { namespace: string; name: string; uid?: string },
    nodeName: string,
  ): Promise<void> {
    const target = this.#target('create', PODS, namespace, name, { subresource: 'binding' });
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, uid },
      target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
    };
    return bindPod(this.#parts, this.#context({}), target, binding);
  }

  /** Throws the 404 of what is not served and the 403 of what is not allowed. */
  #target(
    verb: string,
    { group, resource, version }: ResourceName,
    namespace: string,
    name: string,
    { subresource = '' }: WriteOptions = {},
  ): Target {
    const kind: ApiKind | undefined =
      version === undefined
        ? this.#parts.kinds.preferred(group, resource)
        : this.#parts.kinds.find(group, version, resource);
    if (!kind) throw unknownResource();
    const within = kind.namespaced ? namespace : '';
    const place = { group, version: kind.version, resource, subresource, namespace: within, name };
    const attributes: Attributes = { path: '', verb, ...place, resourceRequest: true };
    const decision = this.#authorizer.authorize(this.#user, attributes);
    if (!decision.allowed) throw refusal(this.#user, attributes, decision.reason);
    return { kind, namespace: within, name, subresource };
  }

  #context({ fieldManager = this.#fieldManager, dryRun = false }: WriteOptions): RequestContext {
    return { user: this.#user, dryRun, fieldManager, fieldValidation: 'Ignore', warn: () => {} };
  }
}

const PODS: ResourceName = { group: '', resource: 'pods' };
