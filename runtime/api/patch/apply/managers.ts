/**
 * metadata.managedFields ↔ who owns what.
 * Source: Kubernetes v1.36, apimachinery/pkg/util/managedfields/internal (managedfields.go, capmanagers.go, stripmeta.go).
 */
import type { KubeObject } from '../../../../core/objects/index.ts';
import { type ApiObject, isMap, type ManagedFieldsEntry } from '../../object.ts';
import { difference, FieldSet, fromFieldsV1, LEAF, toFieldsV1, union } from './field-set.ts';

export interface Manager {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource: string;
  time: string | undefined;
  set: FieldSet;
  /** As it stands in the object; absent once something has changed. */
  entry?: ManagedFieldsEntry;
}

/** By identity: who applies is one manager whatever the version, who updates is one per version. */
export type Managers = Map<string, Manager>;

export function identityOf({
  manager,
  operation,
  apiVersion,
  subresource,
}: Omit<Manager, 'time' | 'set' | 'entry'>): string {
  return JSON.stringify([manager, operation, operation === 'Apply' ? '' : apiVersion, subresource]);
}

/** undefined when an entry is none that a server wrote. */
export function decodeManagers(entries: unknown): Managers | undefined {
  if (entries === undefined) return new Map();
  if (!Array.isArray(entries)) return undefined;
  const managers: Managers = new Map();
  for (const entry of entries) {
    const manager = decodeEntry(entry);
    if (!manager) return undefined;
    managers.set(identityOf(manager), manager);
  }
  return managers;
}

function decodeEntry(entry: unknown): Manager | undefined {
  if (!isMap(entry)) return undefined;
  const { manager = '', operation, apiVersion, subresource = '', time, fieldsType, fieldsV1 } = entry;
  if (operation !== 'Apply' && operation !== 'Update') return undefined;
  if (typeof apiVersion !== 'string' || apiVersion === '' || fieldsType !== 'FieldsV1') return undefined;
  if (typeof manager !== 'string' || typeof subresource !== 'string') return undefined;
  const set = setOf(fieldsV1);
  if (!set) return undefined;
  const at = typeof time === 'string' ? time : undefined;
  return { manager, operation, apiVersion, subresource, set, time: at, entry: entry as unknown as ManagedFieldsEntry };
}

/** Entries pass from one version of an object to the next as they stand, so that few are read twice. */
const read = new WeakMap<object, FieldSet>();

function setOf(fieldsV1: unknown): FieldSet | undefined {
  if (!isMap(fieldsV1)) return fieldsV1 === undefined || fieldsV1 === null ? new FieldSet() : undefined;
  const before = read.get(fieldsV1);
  if (before) return before;
  const set = fromFieldsV1(fieldsV1);
  if (set) read.set(fieldsV1, set);
  return set;
}

/** A manager without these fields; itself when it has none of them. */
export function withoutFields(manager: Manager, ...lost: readonly FieldSet[]): Manager {
  const set = lost.reduce(difference, manager.set);
  return set === manager.set ? manager : { ...manager, set, entry: undefined };
}

export function managedFieldsOf(object: KubeObject): unknown {
  return (object as ApiObject).metadata?.managedFields;
}

/** The object with these managers; itself when they are what it says already. Managers of nothing are left out. */
export function withManagers(object: KubeObject, managers: Managers): KubeObject {
  const entries = [...managers.values()].filter(({ set }) => !set.isEmpty).sort(byAge);
  if (entries.length === 0) return withoutManagedFields(object);
  const metadata = { ...object.metadata, managedFields: entries.map(encodeEntry) };
  return { ...object, metadata: metadata as KubeObject['metadata'] };
}

function encodeEntry({ set, entry: kept, ...who }: Manager): ManagedFieldsEntry {
  if (kept) return kept;
  const fieldsV1 = toFieldsV1(set);
  if (!read.has(fieldsV1)) read.set(fieldsV1, set);
  return entryOf(who, fieldsV1);
}

/** As it stands in an object. */
export function entryOf(
  { manager, operation, apiVersion, time, subresource }: Omit<Manager, 'set' | 'entry'>,
  fieldsV1: Record<string, unknown>,
): ManagedFieldsEntry {
  const entry: ManagedFieldsEntry = { manager, operation, apiVersion, time, fieldsType: 'FieldsV1', fieldsV1 };
  if (time === undefined) delete entry.time;
  return subresource === '' ? entry : { ...entry, subresource };
}

type Aged = Pick<ManagedFieldsEntry, 'manager' | 'operation' | 'apiVersion'> & { time?: string; subresource?: string };

/** The order in which entries stand in an object. */
export function byAge(a: Aged, b: Aged): number {
  const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
  return (
    order(a.operation, b.operation) ||
    order(a.time ?? '', b.time ?? '') ||
    order(a.manager, b.manager) ||
    order(a.apiVersion, b.apiVersion) ||
    order(a.subresource ?? '', b.subresource ?? '')
  );
}

/** What nobody owns: identity, and what the server writes. Paths of FieldsV1, without their f:. */
const NOBODYS = new FieldSet();
for (const path of [
  'apiVersion',
  'kind',
  'metadata.clusterName',
  'metadata.creationTimestamp',
  'metadata.generation',
  'metadata.managedFields',
  'metadata.name',
  'metadata.namespace',
  'metadata.resourceVersion',
  'metadata.selfLink',
  'metadata.uid',
]) {
  const edges = path.split('.').map((name) => `f:${name}`);
  NOBODYS.graft(edges, LEAF);
}
NOBODYS.children.get('f:metadata')!.member = true;

export function ownable(set: FieldSet): FieldSet {
  return difference(set, NOBODYS);
}

export function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields, ...metadata } = (object as ApiObject).metadata ?? {};
  return managedFields === undefined ? object : { ...object, metadata };
}

/** More entries of writes than this become one. */
export const MAX_UPDATE_MANAGERS = 10;

/** The oldest are joined in 'ancient-changes', one for each version, until there are few enough. */
export function capManagers(managers: Managers): void {
  const updates = [...managers.entries()].filter(([, { operation }]) => operation === 'Update');
  updates.sort(([, a], [, b]) => byAge(a, b));
  let spare = updates.length - MAX_UPDATE_MANAGERS;
  const firsts = new Map<string, Manager>();
  for (const [identity, old] of updates) {
    if (spare <= 0) return;
    const first = firsts.get(old.apiVersion);
    if (!first) {
      firsts.set(old.apiVersion, old);
      continue;
    }
    const bucket = { ...old, manager: ANCIENT, subresource: '', entry: undefined };
    const joined = managers.get(identityOf(bucket)) ?? first;
    managers.delete(identityOf(first));
    managers.delete(identity);
    managers.set(identityOf(bucket), { ...bucket, set: union(joined.set, old.set) });
    spare--;
  }
}

const ANCIENT = 'ancient-changes';
