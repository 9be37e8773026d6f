/**
 * Who owns what after a create, an update or a patch that is no apply: what a write changes is its manager's from then on.
 * Source: Kubernetes v1.36, sigs.k8s.io/structured-merge-diff/merge/update.go (Update), util/managedfields/internal
 * (fieldmanager.go, managedfieldsupdater.go, skipnonapplied.go).
 */
import type { KubeObject } from '../../../../core/objects/index.ts';
import { type ApiObject, isMap, type ManagedFieldsEntry } from '../../object.ts';
import type { MergeType, UpdateRecord } from '../faces.ts';
import { compare, emptyOf, isEqual } from './compare.ts';
import { union } from './field-set.ts';
import {
  capManagers,
  decodeManagers,
  identityOf,
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
  const { name: _, namespace: _n, uid: _u, creationTimestamp: _c, ...metadata } = (next as ApiObject).metadata;
  const text = JSON.stringify([manager, subresource, { ...next, metadata }]);
  let known = created.get(type);
  if (!known) created.set(type, (known = new Map()));
  const before = known.get(text);
  if (before) {
    const managedFields = [{ ...before, time: now }];
    return { ...next, metadata: { ...next.metadata, managedFields } as KubeObject['metadata'] };
  }
  const recorded = recordChange(record);
  const [entry] = (managedFieldsOf(recorded) ?? []) as ManagedFieldsEntry[];
  if (known.size === CREATED_LIMIT) known.clear();
  if (entry && text.length <= CREATED_LENGTH_LIMIT) known.set(text, entry);
  return recorded;
}

const CREATED_LIMIT = 100;
const CREATED_LENGTH_LIMIT = 16_384;
const created = new WeakMap<MergeType, Map<string, ManagedFieldsEntry>>();

function recordChange(record: UpdateRecord): KubeObject {
  const { old, next, manager, type, subresource, now } = record;
  const managers = managersBefore(record);
  // An object that was never tracked, or has just been reset, stays so until someone applies.
  if (old && managers.size === 0) return withManagers(next, managers);
  const before = old ? withoutManagedFields(old) : emptyOf(type);
  const { added, modified, removed } = compare(before, withoutManagedFields(next), type);
  const taken = ownable(union(added, modified));
  for (const [identity, other] of managers) {
    managers.set(identity, withoutFields(other, taken, removed));
  }
  if (!taken.isEmpty) {
    const own: Manager = {
      manager,
      operation: 'Update',
      apiVersion: next.apiVersion,
      subresource,
      time: now,
      set: taken,
    };
    const kept = managers.get(identityOf(own));
    managers.set(identityOf(own), kept ? { ...own, set: union(kept.set, taken) } : own);
  }
  capManagers(managers);
  const recorded = withManagers(next, managers);
  return isEqual(managedFieldsOf(recorded), managedFieldsOf(next)) ? next : recorded;
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
