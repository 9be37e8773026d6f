/** PATCH in its four forms. Source: Kubernetes v1.36, apiserver/pkg/endpoints/handlers/patch.go. */
import { badRequest, invalid, notFound } from '../http/status.ts';
import { type ApiObject, isMap, shownText } from '../object.ts';
import { type CheckOptions, checked } from './check.ts';
import { createObject } from './create.ts';
import { entryOf, type RegistryParts, type RequestContext, served, type Target, timestamp } from './parts.ts';
import { type Change, updateObject } from './update.ts';

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface PatchRequest {
  type: PatchType;
  body: unknown;
  /** Apply only. */
  force: boolean;
  /** Keys that stood twice in the body, by path. */
  duplicates?: readonly string[];
}

/** `created`: apply found nothing and made it. */
export interface Patched {
  created: boolean;
  object: ApiObject;
}

export async function patchObject(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  request: PatchRequest,
): Promise<Patched> {
  if (request.type === 'apply') return applyObject(parts, context, target, request);
  const object = await updateObject(parts, context, target, patchChange(parts, context, target, request));
  return { created: false, object };
}

/** A patch of the object itself or its status, as a change that can be tried again. */
function patchChange(parts: RegistryParts, context: RequestContext, target: Target, request: PatchRequest): Change {
  const options: CheckOptions = { ...context, duplicates: request.duplicates ?? [], patch: request.body };
  return {
    next: (old) => sameIdentity(target, checked(parts, options, target.kind, patched(parts, old, request)), old),
  };
}

/** The patched object before anything is checked. @param old never changed. */
export function patched(parts: RegistryParts, old: ApiObject, { type, body }: PatchRequest): unknown {
  switch (type) {
    case 'json':
      return parts.patcher.jsonPatch(old, body);
    case 'merge':
      return parts.patcher.mergePatch(old, body);
    default:
      return parts.patcher.strategicMerge(old, body);
  }
}

/** A patch may drop what the object is called; it may not call it something else. */
function sameIdentity({ kind }: Target, next: ApiObject, old: ApiObject): ApiObject {
  const { name } = old.metadata;
  if (next.metadata.name && next.metadata.name !== name) {
    const message = `Invalid value: ${JSON.stringify(next.metadata.name)}: field is immutable`;
    throw invalid(kind.group, kind.kind, name, [{ reason: 'FieldValueInvalid', field: 'metadata.name', message }]);
  }
  return next;
}

async function applyObject(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  { body, force, duplicates = [] }: PatchRequest,
): Promise<Patched> {
  const { kind, subresource } = target;
  const place = `${target.namespace}/${target.name}`;
  const options: CheckOptions = { ...context, duplicates, applied: place };
  const applied = written(target, checked(parts, options, kind, appliedBody(target, body)));
  const request = {
    applied,
    force,
    manager: context.fieldManager,
    type: parts.patcher.typeOf(applied.apiVersion, kind.kind),
    subresource,
    now: timestamp(parts.now()),
  };
  if (!entryOf(parts, target)) {
    if (subresource !== '') throw notFound(kind.group, kind.plural, target.name);
    context.allowCreate?.();
    if (applied.metadata.uid)
      throw badRequest(
        `uid mismatch: the provided object specified uid ${applied.metadata.uid}, and no existing object was found`,
      );
    const fresh = parts.patcher.serverSideApply({ ...request, current: undefined }) as ApiObject;
    const object = await createObject(parts, context, target, fresh, { records: false });
    return { created: true, object };
  }
  const object = await updateObject(parts, context, target, {
    records: true,
    next: (old) => parts.patcher.serverSideApply({ ...request, current: old }) as ApiObject,
  });
  return { created: false, object };
}

/** An applied body says its kind, and what the URL says where it says nothing. */
function appliedBody({ kind, namespace, name }: Target, body: unknown): Record<string, unknown> {
  if (!isMap(body)) throw badRequest('error decoding YAML: the body of an apply has to be an object');
  const metadata = isMap(body.metadata) ? body.metadata : {};
  if (Array.isArray(metadata.managedFields) && metadata.managedFields.length > 0) {
    throw badRequest('metadata.managedFields must be nil');
  }
  if (metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(
      `the name of the object (${shownText(metadata.name)}) does not match the name on the URL (${name})`,
    );
  }
  const place = kind.namespaced ? { name, namespace: metadata.namespace ?? namespace } : { name };
  const { managedFields: _, ...rest } = metadata;
  return { ...body, metadata: { ...rest, ...place } };
}

/** Without what the subresource does not write: nobody comes to own it by applying it there. */
function written({ kind, subresource }: Target, applied: ApiObject): ApiObject {
  const { apiVersion, metadata, status, ...rest } = applied;
  if (subresource === 'status')
    return { apiVersion, kind: kind.kind, metadata, ...(status === undefined ? {} : { status }) };
  return kind.statusSubresource ? ({ apiVersion, metadata, ...rest } as ApiObject) : applied;
}

/** What stands at the target now, as its clients see it. */
export function current(parts: RegistryParts, target: Target): ApiObject {
  const entry = entryOf(parts, target);
  if (!entry) throw notFound(target.kind.group, target.kind.plural, target.name);
  return served(target.kind, entry.object);
}
