/**
 * Who owns what after a create, an update or a patch that is no apply: what a write changes is its manager's from then on.
 * Source: Kubernetes v1.36, sigs.k8s.io/structured-merge-diff/merge/update.go (Update), util/managedfields/internal
 * (fieldmanager.go, managedfieldsupdater.go, skipnonapplied.go).
 */
import type { KubeObject } from '../../../../core/objects/index.ts';
import { isMap } from '../../object.ts';
import type { UpdateRecord } from '../faces.ts';
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
