/**
 * One object changed: by PUT, by a patch or by a subresource. All take this path, which begins anew when another writer
 * was faster and the change did not name the version it was made for.
 * Source: Kubernetes v1.36, apiserver/pkg/registry/rest/update.go, generic/registry/store.go (Update).
 */
import { isDeepStrictEqual } from 'node:util';
import { conflict, invalid, notFound } from '../http/status.ts';
import type { ApiKind, Cause } from '../kinds/kind.ts';
import { type ApiObject, isMap } from '../object.ts';
import { admitMutating, admitValidating } from './admit.ts';
import { encode } from './codec.ts';
import type { CacheEntry } from './collection.ts';
import { commitDelete, commitUpdate } from './commit.ts';
import { countsGenerations, defaulted } from './create.ts';
import { causesWithMetadata, metadataCauses, metadataUpdateCauses } from './metadata-rules.ts';
import {
  entryOf,
  keeperOf,
  type RegistryParts,
  type RequestContext,
  served,
  type Target,
  timestamp,
  toStored,
} from './parts.ts';

const ATTEMPTS = 10;

/** Subresources through which nothing is written that defaults, validation or a generation ask about. */
const SPARES_SPEC: ReadonlySet<string> = new Set(['status', 'approval', 'binding', 'finalize']);

/** A load balancer's addresses say how they are reached; no other kind fills anything into its status. */
function hasStatusDefaults({ group, kind }: ApiKind): boolean {
  return group === '' && kind === 'Service';
}

export interface Change {
  /**
   * The object as it shall be, in the version of the target; a resourceVersion in it is a condition. Called anew for
   * every attempt; throws the ApiError that ends the request.
   */
  next(old: ApiObject): ApiObject | Promise<ApiObject>;
  /** Has recorded managedFields by itself: server-side apply. */
  records?: boolean;
  /** The server's own: there is nothing to fill in, to check, to admit or to own. */
  own?: boolean;
}

/** @returns what is stored then, in the version of the target; `old` where nothing was to be written. */
export async function updateObject(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  change: Change,
): Promise<ApiObject> {
  const { kind, name } = target;
  const kept: Target = { ...target, kind: keeperOf(parts, kind) };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const entry = entryOf(parts, target);
    if (!entry) throw notFound(kind.group, kind.plural, name);
    const wanted = toStored(kind, await change.next(served(kind, entry.object)));
    checkConditions(kind, wanted, entry.object);
    const next = change.own
      ? wanted
      : await prepareUpdate(parts, context, kept, wanted, entry.object, change.records === true);
    if (context.dryRun) return served(kind, next);
    const written = await write(parts, kept, entry, next);
    if (written) return served(kind, written);
  }
  throw conflict(kind.group, kind.plural, name);
}

/** uid and resourceVersion where they are given: 409. */
function checkConditions(kind: ApiKind, { metadata }: ApiObject, old: ApiObject): void {
  const { name, uid, resourceVersion } = old.metadata;
  if (metadata.uid && metadata.uid !== uid) {
    const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`;
    throw conflict(kind.group, kind.plural, name, why);
  }
  if (metadata.resourceVersion && metadata.resourceVersion !== '0' && metadata.resourceVersion !== resourceVersion) {
    throw conflict(kind.group, kind.plural, name);
  }
}

async function prepareUpdate(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  wanted: ApiObject,
  old: ApiObject,
  recorded: boolean,
): Promise<ApiObject> {
  const { kind, subresource } = target;
  let next = carryOver(target, wanted, old);
  if (!SPARES_SPEC.has(subresource) || hasStatusDefaults(kind)) next = defaulted(kind, next);
  if (!recorded) next = record(parts, context, target, next, old);
  next = await admitMutating(parts, context, target, { operation: 'UPDATE', object: next, old });
  if (kind.prepareForUpdate && subresource === '') next = kind.prepareForUpdate(next, old) as ApiObject;
  if (!SPARES_SPEC.has(subresource)) next = withGeneration(kind, next, old);
  const ofKind: Cause[] = [];
  if (!SPARES_SPEC.has(subresource)) {
    ofKind.push(...(kind.validate?.(next) ?? []));
    // Pods change through subresources in ways that their spec forbids; the subresource has looked at it.
    if (subresource === '' || subresource === 'scale') ofKind.push(...(kind.validateUpdate?.(next, old) ?? []));
  }
  // The status is the old one: who wrote that has answered for it, and must not keep others from the spec.
  const about = kind.statusSubresource ? ofKind.filter(({ field }) => !isOfStatus(field)) : ofKind;
  const ofMetadata = [...metadataCauses(kind, next, old), ...metadataUpdateCauses(next, old)];
  const causes = causesWithMetadata(ofMetadata, about);
  if (causes.length > 0) throw invalid(kind.group, kind.kind, next.metadata.name, causes);
  await admitValidating(parts, context, target, { operation: 'UPDATE', object: next, old });
  return next;
}

function isOfStatus(field: string): boolean {
  return field === 'status' || field.startsWith('status.');
}

/** What an update does not touch: the system's metadata, and the status or all but the status. */
function carryOver({ kind, subresource }: Target, wanted: ApiObject, old: ApiObject): ApiObject {
  const { uid, creationTimestamp, generation, resourceVersion, deletionTimestamp, deletionGracePeriodSeconds } =
    old.metadata;
  const metadata: ApiObject['metadata'] = { ...wanted.metadata, uid, creationTimestamp, resourceVersion };
  put(metadata, 'generation', generation);
  put(metadata, 'deletionTimestamp', deletionTimestamp);
  put(metadata, 'deletionGracePeriodSeconds', deletionGracePeriodSeconds);
  metadata.name ||= old.metadata.name;
  if (kind.namespaced) metadata.namespace = old.metadata.namespace;
  const identity = { apiVersion: old.apiVersion, kind: old.kind };
  if (subresource === 'status' || subresource === 'approval') {
    const { managedFields } = metadata;
    const { ownerReferences, finalizers } = old.metadata;
    const kept = kind.custom ? { ...old.metadata } : metadata;
    if (kind.custom) put(kept, 'managedFields', managedFields);
    put(kept, 'ownerReferences', ownerReferences);
    put(kept, 'finalizers', finalizers);
    return withStatus({ ...old, ...identity, metadata: kept }, wanted.status);
  }
  // A binding is the server's own change: of the spec, and of the condition that says so.
  if (!kind.statusSubresource || subresource === 'binding') return { ...wanted, ...identity, metadata };
  return withStatus({ ...wanted, ...identity, metadata }, old.status);
}

/** Absent values are left out, and what is not there is not taken out: objects that lose a field are slow from then on. */
function put<T extends object, Field extends keyof T & string>(into: T, field: Field, value: T[Field]): void {
  if (value !== undefined && value !== null) into[field] = value;
  else if (field in into) Reflect.deleteProperty(into, field);
}

/** @param object made for this. */
function withStatus(object: ApiObject, status: unknown): ApiObject {
  if (status !== undefined) object.status = status;
  else if ('status' in object) Reflect.deleteProperty(object, 'status');
  return object;
}

function withGeneration(kind: ApiKind, next: ApiObject, old: ApiObject): ApiObject {
  if (!countsGenerations(kind) || sameBut(next, old, ['metadata', 'status'])) return next;
  return { ...next, metadata: { ...next.metadata, generation: (old.metadata.generation ?? 0) + 1 } };
}

/** Equal in every field but those named. */
function sameBut(a: ApiObject, b: ApiObject, fields: readonly string[]): boolean {
  const rest = (object: ApiObject): Record<string, unknown> => {
    const copy: Record<string, unknown> = { ...object };
    for (const field of fields) delete copy[field];
    return copy;
  };
  return isDeepStrictEqual(rest(a), rest(b));
}

function record(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  next: ApiObject,
  old: ApiObject,
): ApiObject {
  return parts.patcher.recordUpdate({
    old,
    next,
    manager: context.fieldManager,
    type: parts.patcher.typeOf(next.apiVersion, target.kind.kind),
    subresource: target.subresource,
    now: timestamp(parts.now()),
  }) as ApiObject;
}

/** undefined: another writer was faster. Where nothing has changed, nothing is written. */
async function write(
  parts: RegistryParts,
  target: Target,
  entry: CacheEntry,
  next: ApiObject,
): Promise<ApiObject | undefined> {
  if (isOver(target.kind, next)) return (await commitDelete(parts, target, entry)) ? next : undefined;
  const value = encode(next);
  if (Buffer.compare(value, entry.value) === 0 || sameButTimes(next, entry.object)) return entry.object;
  return commitUpdate(parts, target, entry, next, value);
}

/** The last finalizer went, and nobody's grace is waited for. */
function isOver(kind: ApiKind, { metadata, spec }: ApiObject): boolean {
  if (!metadata.deletionTimestamp || (metadata.finalizers ?? []).length > 0) return false;
  if ((metadata.deletionGracePeriodSeconds ?? 0) > 0) return false;
  return !isNamespace(kind) || namespaceFinalizers(spec).length === 0;
}

export function isNamespace({ group, kind }: ApiKind): boolean {
  return group === '' && kind === 'Namespace';
}

/** spec.finalizers: a namespace stays until its content is gone. */
export function namespaceFinalizers(spec: unknown): readonly unknown[] {
  const finalizers = isMap(spec) ? spec.finalizers : undefined;
  return Array.isArray(finalizers) ? finalizers : [];
}

/** A record of who wrote what and when is no reason to write. */
function sameButTimes(next: ApiObject, old: ApiObject): boolean {
  for (const field in next) {
    if (field === 'metadata' || next[field] === old[field]) continue;
    if (!isDeepStrictEqual(next[field], old[field])) return false;
  }
  const plain = ({ metadata, ...rest }: ApiObject): unknown => {
    const { managedFields, resourceVersion: _, ...others } = metadata;
    return { ...rest, metadata: others, owners: managedFields?.map(({ time: _, ...entry }) => entry) ?? [] };
  };
  return isDeepStrictEqual(plain(next), plain(old));
}
