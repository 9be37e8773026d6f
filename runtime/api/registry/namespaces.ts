/**
 * Empties namespaces that are being deleted, then takes their finalizer away. Whoever waits in one (pods for their node,
 * objects for their finalizers) is looked at again when it changes. Source: Kubernetes v1.36, pkg/controller/namespace/deletion.
 */
import type { ApiClient, ResourceName } from '../client.ts';
import { ApiError } from '../http/status.ts';
import { type KindTable, storageOf } from '../kinds/table.ts';
import type { ApiObject } from '../object.ts';
import type { Cache } from './cache.ts';
import { namespaceFinalizers } from './update.ts';

const NAMESPACES: ResourceName = { group: '', resource: 'namespaces' };
const FINALIZER = 'kubernetes';
const OPTIONS = { propagationPolicy: 'Background' } as const;

export interface NamespacesOptions {
  cache: Cache;
  kinds: KindTable;
  client: ApiClient;
  problem(error: Error): void;
}

export class Namespaces {
  readonly #options: NamespacesOptions;
  /** Names of those that are worked on; true: once more when that is done. */
  readonly #busy = new Map<string, boolean>();
  /** uids of objects that were asked to go. */
  readonly #asked = new Set<string>();
  readonly #going = new Set<string>();
  readonly #onChange = (collection: string): void => this.#look(collection === 'core/namespaces');
  readonly #onReset = (): void => this.#look(true);

  constructor(options: NamespacesOptions) {
    this.#options = options;
    options.cache.listeners.add(this.#onChange);
    options.cache.resets.add(this.#onReset);
    this.#look(true);
  }

  stop(): void {
    this.#options.cache.listeners.delete(this.#onChange);
    this.#options.cache.resets.delete(this.#onReset);
  }

  /** @param anew which namespaces are going may have changed. */
  #look(anew: boolean): void {
    if (anew) {
      this.#going.clear();
      for (const { metadata } of this.#options.cache.list('', 'namespaces')) {
        if (metadata.deletionTimestamp) this.#going.add(metadata.name);
      }
      if (this.#going.size === 0) this.#asked.clear();
    }
    for (const name of this.#going) this.#empty(name);
  }

  #empty(name: string): void {
    if (this.#busy.has(name)) {
      this.#busy.set(name, true);
      return;
    }
    this.#busy.set(name, false);
    this.#work(name)
      .catch((error: unknown) =>
        this.#options.problem(new Error(`namespace ${name} cannot be emptied`, { cause: error })),
      )
      .finally(() => {
        const again = this.#busy.get(name) === true;
        this.#busy.delete(name);
        if (again) setImmediate(() => this.#look(true));
      });
  }

  async #work(name: string): Promise<void> {
    const { cache, client } = this.#options;
    const namespace = cache.get('', 'namespaces', '', name);
    if (!namespace?.metadata.deletionTimestamp || !namespaceFinalizers(namespace.spec).includes(FINALIZER)) return;
    let left = 0;
    for (const resource of this.#resources()) {
      for (const object of [...cache.list(resource.group, resource.resource, name)]) {
        left++;
        await this.#remove(resource, object);
      }
    }
    // What was removed at once is gone from the cache already; the rest says so when it goes.
    if (left > 0 && [...this.#content(name)].length > 0) return;
    const finalizers = namespaceFinalizers(namespace.spec).filter((finalizer) => finalizer !== FINALIZER);
    const next = { ...namespace, spec: { ...(namespace.spec as object), finalizers } };
    await client.update(NAMESPACES, next, { subresource: 'finalize', fieldManager: 'kube-apiserver' }).catch(gone);
  }

  async #remove(resource: ResourceName, { metadata }: ApiObject): Promise<void> {
    const { uid = '', namespace = '', name } = metadata;
    if (this.#asked.has(uid)) return;
    this.#asked.add(uid);
    await this.#options.client.delete(resource, namespace, name, OPTIONS).catch(gone);
  }

  *#content(namespace: string): Generator<ApiObject> {
    for (const { group, resource } of this.#resources()) yield* this.#options.cache.list(group, resource, namespace);
  }

  /** Every place where objects of namespaces are kept, once. */
  #resources(): ResourceName[] {
    const found = new Map<string, ResourceName>();
    for (const kind of this.#options.kinds.rows()) {
      if (!kind.namespaced || !kind.verbs.includes('delete')) continue;
      const { group, plural } = storageOf(kind);
      found.set(`${group}/${plural}`, { group, resource: plural });
    }
    return [...found.values()];
  }
}

/** What another has taken away or changed meanwhile is looked at again. */
function gone(error: unknown): void {
  if (!(error instanceof ApiError && (error.code === 404 || error.code === 409))) throw error;
}
