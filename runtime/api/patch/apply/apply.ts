/**
 * Server-side apply: the applied object is laid over the live one, its manager owns exactly what it names, and what it named
 * before and no longer does goes, unless someone else owns it.
 * Source: Kubernetes v1.36, sigs.k8s.io/structured-merge-diff/merge/update.go, apimachinery/pkg/util/managedfields.
 */
import type { KubeObject } from '../../../../core/objects/index.ts';
import { ApiError, badRequest, failure } from '../../http/status.ts';
import type { ApplyRequest } from '../faces.ts';
import { compare, emptyOf, fieldSetOf, isEqual } from './compare.ts';
import { type Conflict, conflictError } from './conflicts.ts';
import { difference, intersection, union } from './field-set.ts';
import { KUBECTL, lastAppliedSet, syncLastApplied } from './last-applied.ts';
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
import { merge, prune } from './merge.ts';
import { checkItems } from './shape.ts';

/**
 * The object to store; `current` itself when nothing changes, its managers included.
 * @throws ApiError 409 with every conflict, 400 for managedFields in the body or items without keys, 422 without manager.
 */
export function serverSideApply(request: ApplyRequest): KubeObject {
  const { current, applied, manager, type, subresource, now } = request;
  checkRequest(request);
  const live = current && withoutManagedFields(current);
  const managers = liveManagers(request);
  const named = fieldSetOf(applied, type);
  const own: Manager = {
    manager,
    operation: 'Apply',
    apiVersion: applied.apiVersion,
    subresource,
    time: now,
    set: ownable(named),
  };
  const identity = identityOf(own);
  const last = managers.get(identity);
  managers.set(identity, own);
  const merged = merge(live, applied, type);
  const owned = union(named, ...[...managers.values()].map(({ set }) => set));
  const next = (last ? prune(merged, type, last.set, owned) : merged) as KubeObject;
  settle(request, live, next, managers, identity);
  if (current && sameOwners(last, own) && isEqual(live, next, true)) return current;
  return withManagers(manager === KUBECTL ? syncLastApplied(next, applied) : next, managers);
}

function checkRequest({ applied, manager, type }: ApplyRequest): void {
  const sent = managedFieldsOf(applied);
  if (sent !== undefined && sent !== null && !(Array.isArray(sent) && sent.length === 0)) {
    throw badRequest('metadata.managedFields must be nil');
  }
  if (manager === '') {
    const message = 'is required for apply patch';
    const causes = [{ reason: 'FieldValueRequired', message: `Required value: ${message}`, field: 'fieldManager' }];
    const text = `PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: ${message}`;
    const details = { group: 'meta.k8s.io', kind: 'PatchOptions', causes };
    throw new ApiError(failure(422, 'Invalid', text, details));
  }
  checkItems(applied, type, '');
}

/** Who applied before tracking began has not said so: all there is belongs to one that is no real manager. */
const BEFORE = 'before-first-apply';

function liveManagers({ current, type, now }: ApplyRequest): Managers {
  if (!current) return new Map();
  const managers = decodeManagers(managedFieldsOf(current)) ?? new Map();
  if (managers.size > 0) return managers;
  const set = ownable(compare(emptyOf(type), withoutManagedFields(current), type).added);
  const before: Manager = {
    manager: BEFORE,
    operation: 'Update',
    apiVersion: current.apiVersion,
    subresource: '',
    time: now,
    set,
  };
  managers.set(identityOf(before), before);
  return managers;
}

/** Conflicts are refused or won; what changed hands or is gone leaves the other managers. */
function settle(
  { force, manager, type }: ApplyRequest,
  live: KubeObject | undefined,
  next: KubeObject,
  managers: Managers,
  self: string,
): void {
  const { added, modified, removed } = compare(live ?? {}, next, type);
  const changed = union(added, modified);
  const others = [...managers.entries()].filter(([identity]) => identity !== self);
  const conflicts = others.flatMap(([, other]): Conflict[] => {
    const set = intersection(other.set, changed);
    return set.isEmpty ? [] : [{ manager: other, set }];
  });
  if (conflicts.length > 0 && !force)
    refuse(conflicts, manager === KUBECTL && live ? lastAppliedSet(live, type) : undefined);
  for (const [identity, other] of others) {
    managers.set(identity, withoutFields(other, changed, removed));
  }
  capManagers(managers);
}

function refuse(conflicts: readonly Conflict[], allowed: Conflict['set'] | undefined): void {
  const left = conflicts
    .map(({ manager, set }) => ({ manager, set: allowed ? difference(set, allowed) : set }))
    .filter(({ set }) => !set.isEmpty);
  if (left.length > 0) throw conflictError(left);
}

/** As far as an apply that changes no value is concerned. */
function sameOwners(last: Manager | undefined, own: Manager): boolean {
  if (!last) return own.set.isEmpty;
  const same = difference(last.set, own.set).isEmpty && difference(own.set, last.set).isEmpty;
  return same && last.apiVersion === own.apiVersion;
}
