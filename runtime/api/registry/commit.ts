/** One object into the store, or out of it, on condition that nobody was faster; done when the cache has seen it. */
import { InvalidRequestError, StoreFullError, StoreUnavailableError } from '../../store/errors.ts';
import type { TxnRequest, TxnResult } from '../../store/store.ts';
import { type ApiError, tooLarge, unavailable } from '../http/status.ts';
import type { ApiObject } from '../object.ts';
import { decode, encode, withRevision } from './codec.ts';
import type { CacheEntry } from './collection.ts';
import { entryOf, type RegistryParts, storeKey, type Target } from './parts.ts';

/** undefined: there is one of that key already. The object is in its stored version, and so is the answer. */
export function commitCreate(parts: RegistryParts, target: Target, object: ApiObject): Promise<ApiObject | undefined> {
  return put(parts, target, 0, object, encode(object));
}

/** undefined: the object is another one by now. */
export function commitUpdate(
  parts: RegistryParts,
  target: Target,
  current: CacheEntry,
  object: ApiObject,
  value: Uint8Array = encode(object),
): Promise<ApiObject | undefined> {
  return put(parts, target, current.revision, object, value);
}

/** @param modRevision of what it replaces. */
async function put(
  parts: RegistryParts,
  target: Target,
  modRevision: number,
  object: ApiObject,
  value: Uint8Array,
): Promise<ApiObject | undefined> {
  const { cache } = parts;
  const key = storeKey(target);
  cache.expect(value, object);
  try {
    const result = await txn(parts, { compares: [{ key, modRevision }], writes: [{ key, value }] });
    if (!result.committed) return undefined;
    const entry = entryOf(parts, target);
    return entry?.revision === result.revision ? entry.object : withRevision(object, result.revision);
  } finally {
    cache.unexpect(value);
  }
}

/** False: the object is another one by now. */
export async function commitDelete(parts: RegistryParts, target: Target, current: CacheEntry): Promise<boolean> {
  const key = storeKey(target);
  const compares = [{ key, modRevision: current.revision }];
  return (await txn(parts, { compares, writes: [{ key, delete: true }] })).committed;
}

/** Past the cache: for who has just lost against another writer. */
export async function readStored(parts: RegistryParts, target: Target): Promise<ApiObject | undefined> {
  const entry = await parts.store.get(storeKey(target)).catch(refused);
  return entry && decode(entry.value, entry.modRevision);
}

/** However it ends, the cache is at the revision that decided. */
async function txn(parts: RegistryParts, request: TxnRequest): Promise<TxnResult> {
  const result = await parts.store.txn(request).catch(refused);
  await parts.cache.reached(result.revision);
  return result;
}

function refused(error: unknown): never {
  throw storeRefusal(error) ?? error;
}

/** What a client is told when the store fails. */
export function storeRefusal(error: unknown): ApiError | undefined {
  if (error instanceof InvalidRequestError) return tooLarge(`the object cannot be stored: ${error.message}`);
  if (error instanceof StoreFullError) return unavailable(`the store is full: ${error.message}`, error);
  if (error instanceof StoreUnavailableError) return unavailable(`the store does not answer: ${error.message}`, error);
  return undefined;
}
