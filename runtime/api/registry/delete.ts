/**
 * DELETE: at once, or by a deletionTimestamp where a grace period, a finalizer or a namespace's content has to be waited for.
 * Source: Kubernetes v1.36, apiserver/pkg/registry/rest/delete.go, generic/registry/store.go (Delete).
 */
import { conflict, notFound } from '../http/status.ts';
import type { ApiKind } from '../kinds/kind.ts';
import type { ApiObject } from '../object.ts';
import { admitValidating } from './admit.ts';
import { commitDelete, commitUpdate } from './commit.ts';
import { entryOf, keeperOf, type RegistryParts, type RequestContext, served, type Target, timestamp } from './parts.ts';
import { isNamespace, namespaceFinalizers } from './update.ts';

const ATTEMPTS = 10;
const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

export interface DeleteRequest {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  preconditions?: { uid?: string; resourceVersion?: string };
}

/** `gone`: nothing of it is left; the object as it last was. Otherwise as it waits for its end. */
export interface Deleted {
  gone: boolean;
  object: ApiObject;
}

export async function deleteObject(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  request: DeleteRequest,
): Promise<Deleted> {
  const { kind, name } = target;
  const kept: Target = { ...target, kind: keeperOf(parts, kind) };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const entry = entryOf(parts, target);
    if (!entry) throw notFound(kind.group, kind.plural, name);
    const old = entry.object;
    checkPreconditions(kind, old, request);
    await admitValidating(parts, context, kept, { operation: 'DELETE', old });
    const next = marked(parts, kept.kind, old, request);
    const gone = next === undefined;
    if (context.dryRun) return { gone, object: served(kind, next ?? old) };
    if (next === undefined) {
      if (await commitDelete(parts, kept, entry)) return { gone, object: served(kind, old) };
    } else if (next === old) {
      return { gone, object: served(kind, old) };
    } else {
      const written = await commitUpdate(parts, kept, entry, next);
      if (written) return { gone, object: served(kind, written) };
    }
  }
  throw conflict(kind.group, kind.plural, name);
}

function checkPreconditions(kind: ApiKind, { metadata }: ApiObject, { preconditions = {} }: DeleteRequest): void {
  const { uid, resourceVersion } = preconditions;
  const fail = (what: string, asked: string, found: string | undefined): never => {
    const why = `Precondition failed: ${what} in precondition: ${asked}, ${what} in object meta: ${found}`;
    throw conflict(kind.group, kind.plural, metadata.name, why);
  };
  if (uid && uid !== metadata.uid) fail('UID', uid, metadata.uid);
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    fail('ResourceVersion', resourceVersion, metadata.resourceVersion);
  }
}

/** What is left to wait for; undefined: nothing, and the object itself where it waits already. */
function marked(parts: RegistryParts, kind: ApiKind, old: ApiObject, request: DeleteRequest): ApiObject | undefined {
  const finalizers = finalizersAfter(kind, old, request);
  const grace = graceSeconds(kind, old, request);
  const waits = finalizers.length > 0 || grace > 0 || (isNamespace(kind) && namespaceFinalizers(old.spec).length > 0);
  if (!waits) return undefined;
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers: before = [] } = old.metadata;
  const sooner = deletionTimestamp !== undefined && grace < (deletionGracePeriodSeconds ?? 0);
  const sameFinalizers = finalizers.length === before.length && finalizers.every((f, i) => f === before[i]);
  if (deletionTimestamp && !sooner && sameFinalizers) return old;
  const metadata: ApiObject['metadata'] = { ...old.metadata };
  if (!deletionTimestamp || sooner) {
    metadata.deletionTimestamp = timestamp(parts.now() + grace * 1000);
    metadata.deletionGracePeriodSeconds = grace;
    if (metadata.generation !== undefined && !deletionTimestamp) metadata.generation++;
  }
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  const next: ApiObject = { ...old, metadata };
  return isNamespace(kind) ? { ...next, status: { ...(old.status as object), phase: 'Terminating' } } : next;
}

/** Whoever is being deleted may be hurried, never given more time. */
function graceSeconds(kind: ApiKind, old: ApiObject, { gracePeriodSeconds }: DeleteRequest): number {
  if (!kind.graceful) return 0;
  const most = kind.graceful(old);
  const asked = most === 0 ? 0 : Math.max(0, gracePeriodSeconds ?? most);
  if (!old.metadata.deletionTimestamp) return asked;
  return Math.min(gracePeriodSeconds === undefined ? Infinity : asked, old.metadata.deletionGracePeriodSeconds ?? 0);
}

/** The garbage collector reads the propagation from the finalizers and takes them away when it has done it. */
function finalizersAfter(kind: ApiKind, { metadata }: ApiObject, { propagationPolicy }: DeleteRequest): string[] {
  const finalizers = metadata.finalizers ?? [];
  const policy = propagationPolicy ?? inherited(kind, finalizers);
  const kept = finalizers.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  if (policy === 'Orphan') kept.push(ORPHAN);
  if (policy === 'Foreground') kept.push(FOREGROUND);
  return kept;
}

/** Without a word of the request: what the object's finalizers say, then what the kind is used to. */
function inherited({ group, plural }: ApiKind, finalizers: readonly string[]): DeleteRequest['propagationPolicy'] {
  if (finalizers.includes(ORPHAN)) return 'Orphan';
  if (finalizers.includes(FOREGROUND)) return 'Foreground';
  const orphans = (group === '' && plural === 'replicationcontrollers') || (group === 'batch' && plural === 'jobs');
  return orphans ? 'Orphan' : 'Background';
}
