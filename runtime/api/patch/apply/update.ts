/**
 * Who owns what after a create, an update or a patch that is no apply: what a write changes is its manager's from then on.
 * Source: Kubernetes v1.36, sigs.k8s.io/structured-merge-diff/merge/update.go (Update), util/managedfields/internal
 * (fieldmanager.go, managedfieldsupdater.go, skipnonapplied.go).
 */
import type { KubeObject } from '../../../../core/objects/index.ts';
import { type ApiObject, isMap, type ManagedFieldsEntry } from '../../object.ts';
import { isSameJson } from '../../same-json.ts';
import type { FieldsV1, MergeType, UpdateRecord } from '../faces.ts';
import { type Comparison, compare, comparisonWords, emptyOf, isEqual } from './compare.ts';
import { toFieldsV1, union } from './field-set.ts';
import { type Outcome, outcomeFor } from './known-changes.ts';
import {
  byAge,
  capManagers,
  decodeManagers,
  entryOf,
  identityOf,
  MAX_UPDATE_MANAGERS,
  type Manager,
  type Managers,
  managedFieldsOf,
  ownable,
  withManagers,
  withoutFields,
  withoutManagedFields,
} from './managers.ts';

/** `next` with its managedFields; itself when they are right already. */
export function recordUpdate(record: UpdateRecord): KubeObject {
  const { old, next } = record;
  return old === undefined && managedFieldsOf(next) === undefined ? recordCreate(record) : recordChange(record);
}

/** Objects are made by the thousand from one template: who says the same owns the same. */
function recordCreate(record: UpdateRecord): KubeObject {
  const { next, manager, type, subresource, now } = record;
  const known = created.get(type) ?? { last: undefined, byText: new Map() };
  created.set(type, known);
  const { last, byText } = known;
  const isAsLast = last?.manager === manager && last.subresource === subresource && isSameBut(last.object, next);
  const text = isAsLast ? '' : createdText(record);
  const before = isAsLast ? last.entry : byText.get(text);
  if (before) {
    if (!isAsLast) known.last = { manager, subresource, object: next, entry: before };
    const managedFields = [{ ...before, time: now }];
    return { ...next, metadata: { ...next.metadata, managedFields } as KubeObject['metadata'] };
  }
  const recorded = recordChange(record);
  const [entry] = (managedFieldsOf(recorded) ?? []) as ManagedFieldsEntry[];
  if (!entry || text.length > CREATED_LENGTH_LIMIT) return recorded;
  known.last = { manager, subresource, object: next, entry };
  if (byText.size === CREATED_LIMIT) byText.clear();
  byText.set(text, entry);
  return recorded;
}

function createdText({ next, manager, subresource }: UpdateRecord): string {
  const { name: _, namespace: _n, uid: _u, creationTimestamp: _c, ...metadata } = (next as ApiObject).metadata;
  return JSON.stringify([manager, subresource, { ...next, metadata }]);
}

interface Created {
  /** Pods of one template come in a row. */
  last: { manager: string; subresource: string; object: KubeObject; entry: ManagedFieldsEntry } | undefined;
  byText: Map<string, ManagedFieldsEntry>;
}

const CREATED_LIMIT = 100;
const CREATED_LENGTH_LIMIT = 16_384;
const created = new WeakMap<MergeType, Created>();

/** The same JSON but for what nobody owns of its metadata. */
function isSameBut(a: KubeObject, b: KubeObject): boolean {
  const [metadata, other] = [a.metadata, b.metadata];
  for (const field in metadata) if (!NOBODYS_METADATA.has(field) && !(field in other)) return false;
  for (const field in other) {
    if (NOBODYS_METADATA.has(field)) continue;
    const key = field as keyof KubeObject['metadata'];
    if (!isSameJson(metadata[key], other[key])) return false;
  }
  return isSameJson({ ...a, metadata: null }, { ...b, metadata: null });
}

const NOBODYS_METADATA: ReadonlySet<string> = new Set(['name', 'namespace', 'uid', 'creationTimestamp']);

function recordChange(record: UpdateRecord): KubeObject {
  const { old } = record;
  const entries = old && entriesBefore(record, old);
  return (entries && recordKnown(record, old, entries)) ?? recordAnew(record);
}

/** The long way. */
export function recordAnew(record: UpdateRecord): KubeObject {
  const { old, next, type } = record;
  const managers = managersBefore(record);
  // An object that was never tracked, or has just been reset, stays so until someone applies.
  if (old && managers.size === 0) return withManagers(next, managers);
  const before = old ? withoutManagedFields(old) : emptyOf(type);
  takeOver(record, managers, compare(before, withoutManagedFields(next), type));
  capManagers(managers);
  const recorded = withManagers(next, managers);
  return isEqual(managedFieldsOf(recorded), managedFieldsOf(next)) ? next : recorded;
}

/** What has changed is its writer's from now on, and nobody else's. @returns whether anything was set. */
function takeOver(record: UpdateRecord, managers: Managers, { added, modified, removed }: Comparison): boolean {
  const { next, manager, subresource, now } = record;
  const taken = ownable(union(added, modified));
  for (const [identity, other] of managers) {
    managers.set(identity, withoutFields(other, taken, removed));
  }
  if (taken.isEmpty) return false;
  const { apiVersion } = next;
  const own: Manager = { manager, operation: 'Update', apiVersion, subresource, time: now, set: taken };
  const kept = managers.get(identityOf(own));
  managers.set(identityOf(own), kept ? { ...own, set: union(kept.set, taken) } : own);
  return true;
}

/** The owners there were, where the write says nothing else and they are so few that none are joined. */
function entriesBefore({ next, subresource }: UpdateRecord, old: KubeObject): ManagedFieldsEntry[] | undefined {
  const entries = managedFieldsOf(old);
  if (!Array.isArray(entries) || entries.length === 0 || entries.length >= MAX_UPDATE_MANAGERS) return undefined;
  const sent = managedFieldsOf(next);
  return subresource !== '' || sent === entries || sent === undefined ? entries : undefined;
}

/** As recordAnew does it, for a change that others have made before. undefined where it is not known how. */
function recordKnown(record: UpdateRecord, old: KubeObject, entries: ManagedFieldsEntry[]): KubeObject | undefined {
  const { next, manager, type, subresource, now } = record;
  const { apiVersion } = next;
  const key = { manager, apiVersion, subresource, entries, comparison: comparisonWords(old, next, type) };
  const outcome = outcomeFor(type, key, () =>
    outcomeOf(record, entries, compare(withoutManagedFields(old), withoutManagedFields(next), type)),
  );
  if (!outcome) return undefined;
  const { kept, own, ownAt } = outcome;
  const who = { manager, operation: 'Update', apiVersion, subresource, time: now } as const;
  const owners: ManagedFieldsEntry[] = [];
  entries.forEach((entry, i) => {
    const fields = kept[i];
    if (i === ownAt && own !== undefined) owners.push(entryOf(who, own));
    else if (fields === entry.fieldsV1) owners.push(entry);
    else if (fields) owners.push(entryOf({ ...entry, time: entry.time, subresource: entry.subresource ?? '' }, fields));
  });
  if (ownAt < 0 && own !== undefined) owners.push(entryOf(who, own));
  owners.sort(byAge);
  if (isEqual(owners, managedFieldsOf(next))) return next;
  if (owners.length === 0) return withoutManagedFields(next);
  return { ...next, metadata: { ...next.metadata, managedFields: owners } as KubeObject['metadata'] };
}

/** undefined for owners that cannot be read, or of whom two are one. */
function outcomeOf(
  record: UpdateRecord,
  entries: readonly ManagedFieldsEntry[],
  comparison: Comparison,
): Outcome | undefined {
  const managers = decodeManagers(entries);
  if (managers?.size !== entries.length) return undefined;
  const identities = [...managers.keys()];
  const hasSet = takeOver(record, managers, comparison);
  const fieldsAt = (identity: string): FieldsV1 | undefined => {
    const manager = managers.get(identity);
    if (!manager || manager.set.isEmpty) return undefined;
    return manager.entry ? (manager.entry.fieldsV1 as FieldsV1) : toFieldsV1(manager.set);
  };
  const { next, manager, subresource } = record;
  const own = identityOf({ manager, operation: 'Update', apiVersion: next.apiVersion, subresource });
  return { kept: identities.map(fieldsAt), own: hasSet ? fieldsAt(own) : undefined, ownAt: identities.indexOf(own) };
}

/** A write may set managedFields, but not through a subresource, and not to nothing: clients that do not know them drop them. */
function managersBefore({ old, next, subresource }: UpdateRecord): Managers {
  const live = (old && decodeManagers(managedFieldsOf(old))) ?? new Map();
  if (subresource !== '') return live;
  const sent = managedFieldsOf(next);
  if (isReset(sent)) return new Map();
  const managers = decodeManagers(sent);
  return managers && managers.size > 0 ? managers : live;
}

/** [{}] */
function isReset(entries: unknown): boolean {
  return Array.isArray(entries) && entries.length === 1 && isMap(entries[0]) && Object.keys(entries[0]).length === 0;
}
