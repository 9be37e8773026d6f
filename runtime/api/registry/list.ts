/**
 * Lists and their pages, from the cache as it is or as it was: what has changed since is undone by the history.
 * Source: Kubernetes v1.36, apiserver/pkg/storage/etcd3/store.go (GetList), apimachinery/pkg/apis/meta/internalversion/validation.
 */
import { ApiError, badRequest, expired, failure, invalid, type StatusCause } from '../http/status.ts';
import type { ApiKind } from '../kinds/kind.ts';
import { storageOf } from '../kinds/table.ts';
import type { CacheEntry, Collection } from './collection.ts';
import { type RegistryParts, served } from './parts.ts';
import { type Selection, selectionOf } from './selectors.ts';

/** How long a read waits for a revision that is yet to come. */
const FUTURE_WAIT_MS = 3_000;

const TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue ' +
  'parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided ' +
  'token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was ' +
  'returned and now may show up in the list.';

export interface ListRequest {
  kind: ApiKind;
  /** Empty: of all namespaces. */
  namespace: string;
  /** The name in the URL of a watch on one object. */
  name?: string;
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  resourceVersionMatch?: string;
}

export interface ListResult {
  /** What the list shows; every page of it names the same. */
  revision: number;
  entries: readonly CacheEntry[];
  continue?: string;
  remaining?: number;
}

interface Token {
  /** 0: go on with what there is now. */
  revision: number;
  /** The last key of the page before. */
  after: string;
}

export async function listObjects(parts: RegistryParts, request: ListRequest): Promise<ListResult> {
  checkVersions(request);
  const { kind, namespace, limit = 0 } = request;
  const selection = selectionOf(kind, request.labelSelector, request.fieldSelector);
  const token = request.continue ? readToken(request.continue) : undefined;
  await freshEnough(parts, request, token);
  const { group, plural } = storageOf(kind);
  const collection = parts.cache.collection(group, plural);
  const revision = revisionOf(parts, request, token, collection);
  const found = page(collection, kind, namespace, selection, { limit, revision, after: token?.after ?? '' });
  if (found.last === undefined) return { revision, entries: found.entries };
  const next = writeToken({ revision, after: found.last });
  const remaining = selection.everything ? found.remaining : undefined;
  return { revision, entries: found.entries, continue: next, remaining };
}

/** Without a resourceVersion a list has everything that was written before it was asked for. */
async function freshEnough(parts: RegistryParts, { resourceVersion = '' }: ListRequest, token?: Token): Promise<void> {
  if (resourceVersion === '0') return;
  if (token && token.revision > 0) return;
  if (resourceVersion === '') return parts.cache.fresh();
  await awaitRevision(parts, Number(resourceVersion));
}

/** Throws the 504 of a revision that does not come. */
export async function awaitRevision({ cache }: RegistryParts, revision: number): Promise<void> {
  if (cache.revision >= revision) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FUTURE_WAIT_MS);
  });
  await Promise.race([cache.reached(revision), late]);
  clearTimeout(timer);
  if (cache.revision >= revision) return;
  const message = `Too large resource version: ${revision}, current: ${cache.revision}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  throw new ApiError(failure(504, 'Timeout', message, { causes, retryAfterSeconds: 1 }), { 'Retry-After': '1' });
}

/** The revision that the list shows. 410 when it is gone. */
function revisionOf(
  parts: RegistryParts,
  request: ListRequest,
  token: Token | undefined,
  collection: Collection,
): number {
  const { resourceVersion = '', resourceVersionMatch = '', limit = 0 } = request;
  const now = parts.cache.revision;
  if (token) {
    if (token.revision === 0) return now;
    if (token.revision < collection.oldest) throw expired(TOO_OLD, writeToken({ revision: 0, after: token.after }));
    return Math.min(token.revision, now);
  }
  const asked = Number(resourceVersion);
  const exact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0);
  if (!exact || resourceVersion === '' || asked === 0) return now;
  if (asked < collection.oldest) throw expired(`The resourceVersion for the provided list is too old.`);
  return asked;
}

interface Page {
  entries: CacheEntry[];
  /** The key to go on behind; undefined: nothing is left. */
  last?: string;
  remaining: number;
}

function page(
  collection: Collection,
  kind: ApiKind,
  namespace: string,
  selection: Selection,
  { limit, revision, after }: { limit: number; revision: number; after: string },
): Page {
  const entries: CacheEntry[] = [];
  let last: string | undefined;
  let remaining = 0;
  for (const entry of asOf(collection, prefixFor(kind, namespace, selection), after, revision)) {
    if (!selection.everything && !selection.matches(served(kind, entry.object))) continue;
    if (limit > 0 && entries.length === limit) {
      last = entries[limit - 1].key;
      remaining++;
      if (!selection.everything) break;
    } else entries.push(entry);
  }
  return { entries, last, remaining };
}

/** What all keys of the answer begin with. */
export function prefixFor(kind: ApiKind, namespace: string, selection: Selection): string {
  const within = namespace || selection.namespace || '';
  return kind.namespaced && within ? `${within}/` : '';
}

/** The entries as of `revision`, in order. */
function* asOf(collection: Collection, prefix: string, after: string, revision: number): Generator<CacheEntry> {
  const before = collection.changedSince(revision);
  if (before.size === 0) return yield* collection.range(prefix, after);
  const deleted = [...before.values()]
    .filter((entry) => entry !== undefined)
    .filter(({ key }) => collection.get(key) === undefined && key.startsWith(prefix) && key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  let next = 0;
  for (const entry of collection.range(prefix, after)) {
    while (next < deleted.length && deleted[next].key < entry.key) yield deleted[next++];
    const then = before.has(entry.key) ? before.get(entry.key) : entry;
    if (then) yield then;
  }
  while (next < deleted.length) yield deleted[next++];
}

// --- tokens --------------------------------------------------------------------------------------------------------

function writeToken({ revision, after }: Token): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision || -1, start: after })).toString('base64url');
}

function readToken(text: string): Token {
  try {
    const { v, rv, start } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
    if (v === 'meta.k8s.io/v1' && Number.isSafeInteger(rv) && typeof start === 'string' && start !== '') {
      return { revision: Math.max(rv as number, 0), after: start };
    }
  } catch {
    // Not one of ours; said below.
  }
  throw badRequest('continue key is not valid: it is none that this server has given out');
}

// --- the query -----------------------------------------------------------------------------------------------------

/** Throws the 422 or 400 of versions that contradict each other. */
function checkVersions(request: ListRequest): void {
  const { resourceVersion = '', resourceVersionMatch = '' } = request;
  const causes: StatusCause[] = [];
  const forbid = (message: string): void =>
    void causes.push({
      reason: 'FieldValueForbidden',
      field: 'resourceVersionMatch',
      message: `Forbidden: ${message}`,
    });
  if (resourceVersionMatch !== '') {
    if (resourceVersion === '') forbid('resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (request.continue) forbid('resourceVersionMatch is forbidden when continue is provided');
    if (resourceVersionMatch !== 'Exact' && resourceVersionMatch !== 'NotOlderThan') {
      const message = `Unsupported value: ${JSON.stringify(resourceVersionMatch)}: supported values: "Exact", "NotOlderThan"`;
      causes.push({ reason: 'FieldValueNotSupported', field: 'resourceVersionMatch', message });
    }
    if (resourceVersionMatch === 'Exact' && resourceVersion === '0') {
      forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (causes.length > 0) throw invalid('meta.k8s.io', 'ListOptions', '', causes);
  if (request.continue && resourceVersion !== '' && resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  checkRevisionText(resourceVersion);
}

/** Throws the 400 of what is no resourceVersion. */
export function checkRevisionText(text: string): void {
  if (text !== '' && !(/^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)))) {
    throw badRequest(`invalid resource version: ${JSON.stringify(text)} is no whole number`);
  }
}
