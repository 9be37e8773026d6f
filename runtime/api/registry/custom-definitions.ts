/**
 * Follows the CustomResourceDefinitions of the cache: serves what they define at once, says so in their status, and
 * takes their objects away when they go. Source: Kubernetes v1.36, apiextensions-apiserver/pkg/controller.
 */
import type { ApiClient, ResourceName } from '../client.ts';
import { ApiError } from '../http/status.ts';
import { customKinds } from '../kinds/custom/custom-kind.ts';
import { CLEANUP_FINALIZER, type Definition } from '../kinds/custom/definition.ts';
import type { ApiKind } from '../kinds/kind.ts';
import type { KindTable } from '../kinds/table.ts';
import type { Cache } from './cache.ts';
import { timestamp } from './parts.ts';

const GROUP = 'apiextensions.k8s.io';
const PLURAL = 'customresourcedefinitions';
const RESOURCE: ResourceName = { group: GROUP, resource: PLURAL };

export interface DefinitionsOptions {
  cache: Cache;
  kinds: KindTable;
  client: ApiClient;
  now(): number;
  problem(error: Error): void;
}

interface Served {
  resourceVersion: string | undefined;
  rows: readonly ApiKind[];
}

export class Definitions {
  readonly #options: DefinitionsOptions;
  /** By the definition's name. */
  readonly #served = new Map<string, Served>();
  readonly #builtIn: ReadonlySet<string>;
  readonly #onChange = (collection: string): void => {
    if (collection === `${GROUP}/${PLURAL}`) this.#follow();
  };
  readonly #onReset = (): void => this.#follow();

  constructor(options: DefinitionsOptions) {
    this.#options = options;
    this.#builtIn = new Set(options.kinds.groups().map(({ group }) => group));
    options.cache.listeners.add(this.#onChange);
    options.cache.resets.add(this.#onReset);
    this.#follow();
  }

  stop(): void {
    this.#options.cache.listeners.delete(this.#onChange);
    this.#options.cache.resets.delete(this.#onReset);
  }

  #follow(): void {
    const present = new Map<string, Definition>();
    for (const object of this.#options.cache.list(GROUP, PLURAL))
      present.set(object.metadata.name, object as unknown as Definition);
    for (const name of this.#served.keys()) if (!present.has(name)) this.#serve(name, undefined, []);
    for (const [name, definition] of present) {
      const { resourceVersion, deletionTimestamp } = definition.metadata;
      if (this.#served.get(name)?.resourceVersion === resourceVersion) continue;
      let conflict: string | undefined;
      try {
        conflict = this.#conflictOf(definition);
        this.#serve(name, resourceVersion, conflict ? [] : customKinds(definition));
      } catch (error) {
        // Stored by somebody who checks less: the others are served all the same.
        this.#serve(name, resourceVersion, []);
        this.#options.problem(new Error(`the definition ${name} cannot be served`, { cause: error }));
        continue;
      }
      const work = deletionTimestamp ? this.#cleanUp(definition) : this.#report(definition, conflict);
      work.catch((error: unknown) => {
        // Somebody else has changed it meanwhile: that change comes here as well.
        if (error instanceof ApiError && (error.code === 409 || error.code === 404)) return;
        this.#options.problem(new Error(`the definition ${name} cannot be followed`, { cause: error }));
      });
    }
  }

  #serve(name: string, resourceVersion: string | undefined, rows: readonly ApiKind[]): void {
    const { kinds } = this.#options;
    for (const row of this.#served.get(name)?.rows ?? []) kinds.remove(row);
    for (const row of rows) kinds.add(row);
    if (resourceVersion === undefined) this.#served.delete(name);
    else this.#served.set(name, { resourceVersion, rows });
  }

  /** Why its names cannot be had. */
  #conflictOf({ metadata, spec }: Definition): string | undefined {
    if (this.#builtIn.has(spec.group)) return `the group ${spec.group} is built in`;
    for (const [name, { rows }] of this.#served) {
      if (name === metadata.name || rows[0]?.group !== spec.group) continue;
      if (rows[0].kind === spec.names.kind) return `${JSON.stringify(spec.names.kind)} is already in use`;
    }
    return undefined;
  }

  /** NamesAccepted and Established, where they are not said yet. */
  async #report(definition: Definition, conflict: string | undefined): Promise<void> {
    const { client, now } = this.#options;
    const { spec, status = {} } = definition;
    const accepted = conflict === undefined;
    const wanted = [
      accepted
        ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
        : { type: 'NamesAccepted', status: 'False', reason: 'KindConflict', message: conflict },
      accepted
        ? {
            type: 'Established',
            status: 'True',
            reason: 'InitialNamesAccepted',
            message: 'the initial names have been accepted',
          }
        : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
    ];
    const conditions = status.conditions ?? [];
    const said = (type: string): string | undefined => conditions.find((c) => c.type === type)?.status;
    const stored = spec.versions.find(({ storage }) => storage)?.name ?? '';
    const storedVersions = status.storedVersions ?? [];
    if (wanted.every((c) => said(c.type) === c.status) && storedVersions.includes(stored)) return;
    const lastTransitionTime = timestamp(now());
    const others = conditions.filter((c) => !wanted.some(({ type }) => type === c.type));
    const next = {
      ...definition,
      status: {
        ...status,
        acceptedNames: accepted ? spec.names : (status.acceptedNames ?? { plural: '', kind: '' }),
        conditions: [...others, ...wanted.map((c) => ({ ...c, lastTransitionTime }))],
        storedVersions: storedVersions.includes(stored) ? storedVersions : [...storedVersions, stored],
      },
    };
    await client.update(RESOURCE, next, { subresource: 'status', fieldManager: 'kube-apiserver' });
  }

  /** All objects of the kind, then the finalizer that waited for it. */
  async #cleanUp(definition: Definition): Promise<void> {
    const { cache, client } = this.#options;
    const { group, names } = definition.spec;
    const finalizers = definition.metadata.finalizers ?? [];
    if (!finalizers.includes(CLEANUP_FINALIZER)) return;
    const resource = { group, resource: names.plural };
    for (const { metadata } of [...cache.list(group, names.plural)]) {
      await client.delete(resource, metadata.namespace ?? '', metadata.name).catch((error: unknown) => {
        if (!(error instanceof ApiError && error.code === 404)) throw error;
      });
    }
    const kept = finalizers.filter((finalizer) => finalizer !== CLEANUP_FINALIZER);
    const metadata = { ...definition.metadata, finalizers: kept };
    await client.update(RESOURCE, { ...definition, metadata }, { fieldManager: 'kube-apiserver' });
  }
}
