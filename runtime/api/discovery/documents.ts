/**
 * What the server has to offer, made of the table of kinds: the plain documents and the aggregated ones.
 * Source: Kubernetes v1.36, apiserver/pkg/endpoints/discovery, api/apidiscovery/v2/types.go.
 */
import { createHash } from 'node:crypto';
import type { ApiKind } from '../kinds/kind.ts';
import { apiVersionOf, type KindTable } from '../kinds/table.ts';

export interface Document {
  body: Uint8Array;
  etag: string;
}

export class DiscoveryDocuments {
  readonly #kinds: KindTable;
  readonly #known = new Map<string, Document>();
  #generation = -1;

  constructor(kinds: KindTable) {
    this.#kinds = kinds;
  }

  /** /api */
  versions(host: string): Document {
    const body = {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: host }],
    };
    return this.#document(`/api ${host}`, () => body);
  }

  /** /apis */
  groups(): Document {
    return this.#document('/apis', () => ({
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: this.#kinds.groups().flatMap(({ group }) => (group === '' ? [] : [this.#group(group)])),
    }));
  }

  /** /apis/<group>; undefined for a group that there is not. */
  group(group: string): Document | undefined {
    if (group === '' || !this.#kinds.groups().some((known) => known.group === group)) return undefined;
    return this.#document(`/apis/${group}`, () => ({ kind: 'APIGroup', apiVersion: 'v1', ...this.#group(group) }));
  }

  /** /api/v1, /apis/<group>/<version>; undefined for a version that there is not. */
  resources(group: string, version: string): Document | undefined {
    const kinds = this.#kinds.inVersion(group, version);
    if (kinds.length === 0) return undefined;
    const groupVersion = apiVersionOf({ group, version });
    return this.#document(`resources ${groupVersion}`, () => ({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion,
      resources: kinds.flatMap(resourceRows),
    }));
  }

  /** @param core /api instead of /apis. @param version of apidiscovery.k8s.io: 'v2' or 'v2beta1'. */
  aggregated(core: boolean, version: string): Document {
    return this.#document(`aggregated ${core} ${version}`, () => ({
      kind: 'APIGroupDiscoveryList',
      apiVersion: `apidiscovery.k8s.io/${version}`,
      metadata: {},
      items: this.#kinds
        .groups()
        .filter(({ group }) => (group === '') === core)
        .map(({ group, versions }) => ({
          metadata: { name: group, creationTimestamp: null },
          versions: versions.map((of) => ({
            version: of,
            resources: this.#kinds.inVersion(group, of).map(aggregatedRow),
            freshness: 'Current',
          })),
        })),
    }));
  }

  #group(group: string): Record<string, unknown> {
    const found = this.#kinds.groups().find((known) => known.group === group);
    const versions = (found?.versions ?? []).map((version) => ({ groupVersion: `${group}/${version}`, version }));
    return { name: group, versions, preferredVersion: versions[0] };
  }

  /** Kept until the table changes. */
  #document(key: string, make: () => unknown): Document {
    if (this.#generation !== this.#kinds.generation) {
      this.#known.clear();
      this.#generation = this.#kinds.generation;
    }
    let document = this.#known.get(key);
    if (!document) {
      const body = Buffer.from(`${JSON.stringify(make())}\n`);
      document = { body, etag: `"${createHash('sha256').update(body).digest('hex').toUpperCase()}"` };
      this.#known.set(key, document);
    }
    return document;
  }
}

function resourceRows(kind: ApiKind): Record<string, unknown>[] {
  const { plural, singular, namespaced, shortNames, categories, verbs } = kind;
  const main: Record<string, unknown> = { name: plural, singularName: singular, namespaced, kind: kind.kind, verbs };
  if (shortNames.length > 0) main.shortNames = shortNames;
  if (categories.length > 0) main.categories = categories;
  const parts = kind.subresources.map((sub) => ({
    name: `${plural}/${sub.name}`,
    singularName: '',
    namespaced,
    ...(sub.group === kind.group && sub.version === kind.version ? {} : { group: sub.group, version: sub.version }),
    kind: sub.kind,
    verbs: sub.verbs,
  }));
  return [main, ...parts];
}

function aggregatedRow(kind: ApiKind): Record<string, unknown> {
  const { group, version, plural, singular, shortNames, categories, verbs, subresources } = kind;
  const resource: Record<string, unknown> = {
    resource: plural,
    responseKind: { group, version, kind: kind.kind },
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
  };
  if (shortNames.length > 0) resource.shortNames = shortNames;
  if (categories.length > 0) resource.categories = categories;
  if (subresources.length > 0) {
    resource.subresources = subresources.map((sub) => ({
      subresource: sub.name,
      responseKind: { group: sub.group, version: sub.version, kind: sub.kind },
      verbs: sub.verbs,
    }));
  }
  return resource;
}
