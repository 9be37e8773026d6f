/** Short forms of requests and entries for the store's tests. */
import type { StoreEntry, TxnRequest, TxnResult, Write } from '../../../runtime/store/store.ts';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** 'a=1' puts, 'a' deletes. */
export const write = (text: string): Write => {
  const equals = text.indexOf('=');
  return equals < 0
    ? { key: text, delete: true }
    : { key: text.slice(0, equals), value: bytes(text.slice(equals + 1)) };
};

export const txn = (...writes: string[]): TxnRequest => ({ compares: [], writes: writes.map(write) });

/** 'a=1' only where there is no a. */
export const create = (text: string): TxnRequest => {
  const put = write(text);
  return { compares: [{ key: put.key, modRevision: 0 }], writes: [put] };
};

/** The revision of a txn that must have been committed. */
export const committed = (result: TxnResult): number => {
  if (!result.committed) throw new Error('the txn was not committed');
  return result.revision;
};

export const textOf = ({ key, value }: StoreEntry): string => `${key}=${new TextDecoder().decode(value)}`;

export const textsOf = (entries: readonly StoreEntry[]): string => entries.map(textOf).join(' ');

/** The rejection's error; throws where there is none. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was rejected');
}
