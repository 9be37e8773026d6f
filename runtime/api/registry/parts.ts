/** What the functions of the generic path are handed: the server's parts, and what is known of one request. */
import type { KubeObject } from '../../../core/index.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from '../admission/admission.ts';
import type { ApiKind } from '../kinds/kind.ts';
import { type KindTable, storageOf } from '../kinds/table.ts';
import type { ApiObject } from '../object.ts';
import type { User } from '../request.ts';
import type { Schemas } from '../schema/schemas.ts';
import type { Cache } from './cache.ts';
import type { CacheEntry } from './collection.ts';
import { objectKey, prefixOf } from './keys.ts';
import type { Patcher } from './patcher.ts';

export interface RegistryParts {
  store: Store;
  cache: Cache;
  kinds: KindTable;
  schemas: Schemas;
  patcher: Patcher;
  /** In the order they are asked. */
  admission: readonly AdmissionPlugin[];
  /** Runs after an object was created and before its creator is answered. */
  created?(kind: ApiKind, object: ApiObject): Promise<void>;
  /** Milliseconds since the epoch. */
  now(): number;
  uid(): string;
  /** Random text of the alphabet of generated names. */
  nameSuffix(): string;
}

export interface RequestContext {
  user: User;
  dryRun: boolean;
  /** Owner of the fields that the request writes. */
  fieldManager: string;
  fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  /** Adds a Warning header. */
  warn(text: string): void;
  /** Throws the 403 of a user who may apply here but not create; who acts for the server may. */
  allowCreate?(): void;
}

export interface Target {
  kind: ApiKind;
  /** Empty for cluster-scoped kinds, and for all namespaces. */
  namespace: string;
  name: string;
  /** '' for the object itself. */
  subresource: string;
}

/** RFC 3339 in whole seconds, as metadata has its times. */
export function timestamp(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastText = `${new Date(ms).toISOString().slice(0, 19)}Z`;
    lastSecond = second;
  }
  return lastText;
}

/** It is asked for several times a write, and changes once a second. */
let lastSecond = Number.NaN;
let lastText = '';

export function storeKey({ kind, namespace, name }: Target): string {
  const { group, plural } = storageOf(kind);
  return prefixOf(group, plural) + objectKey(kind.namespaced ? namespace : '', name);
}

export function entryOf(parts: RegistryParts, { kind, namespace, name }: Target): CacheEntry | undefined {
  const { group, plural } = storageOf(kind);
  return parts.cache.collection(group, plural).get(objectKey(kind.namespaced ? namespace : '', name));
}

/** The row that fills in, checks and keeps objects of the kind: its own, but for kinds that are another one's other form. */
export function keeperOf(parts: Pick<RegistryParts, 'kinds'>, kind: ApiKind): ApiKind {
  const { storage } = kind;
  return (storage && parts.kinds.find(storage.group, storage.version, storage.plural)) ?? kind;
}

/** In the version of the row, as clients see it. */
export function served(kind: ApiKind, stored: KubeObject): ApiObject {
  return (kind.storage ? kind.storage.fromStorage(stored) : stored) as ApiObject;
}

/** In the version that is kept. */
export function toStored(kind: ApiKind, object: KubeObject): ApiObject {
  return (kind.storage ? kind.storage.toStorage(object) : object) as ApiObject;
}
