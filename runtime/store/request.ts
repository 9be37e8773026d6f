/** What every backend asks of keys, txns and queries before it looks at what it holds; the limits are etcd's defaults. */
import { InvalidRequestError } from './errors.ts';
import type { ListQuery, TxnRequest, WatchQuery } from './store.ts';

/** Of a key in UTF-8. LMDB takes no more than 1,978. */
export const MAX_KEY_BYTES = 1_024;
/** Compares of a txn, and writes of a txn. */
export const MAX_TXN_PARTS = 128;
/** Keys and values of a txn's writes together, and twice its compares' keys: etcd is asked for them where one fails. */
export const MAX_TXN_BYTES = 1_500_000;

/** Throws InvalidRequestError with every problem of the request. */
export function checkTxn({ compares, writes }: TxnRequest): void {
  const problems: string[] = [];
  let bytes = 0;
  if (compares.length > MAX_TXN_PARTS) problems.push(`compares: ${compares.length}, and a txn takes ${MAX_TXN_PARTS}`);
  if (writes.length > MAX_TXN_PARTS) problems.push(`writes: ${writes.length}, and a txn takes ${MAX_TXN_PARTS}`);
  compares.forEach(({ key, modRevision }, i) => {
    const problem = keyProblem(key);
    if (problem !== undefined) problems.push(`compares[${i}].key: ${problem}`);
    bytes += 2 * Buffer.byteLength(key);
    if (!isRevision(modRevision)) problems.push(`compares[${i}].modRevision: ${modRevision} is no revision`);
  });
  const keys = new Set<string>();
  writes.forEach((write, i) => {
    const problem = keyProblem(write.key);
    if (problem !== undefined) problems.push(`writes[${i}].key: ${problem}`);
    if (keys.has(write.key)) problems.push(`writes[${i}].key: '${write.key}' is written twice`);
    keys.add(write.key);
    bytes += Buffer.byteLength(write.key) + ('delete' in write ? 0 : write.value.length);
  });
  if (bytes > MAX_TXN_BYTES) problems.push(`${bytes} bytes, and a txn takes ${MAX_TXN_BYTES}`);
  refuse(problems);
}

/** Throws InvalidRequestError. */
export function checkGet(key: string, revision: number | undefined): void {
  const problem = keyProblem(key);
  refuse([...(problem === undefined ? [] : [`key: ${problem}`]), ...revisionProblems('revision', revision)]);
}

/** Throws InvalidRequestError with every problem of the query. */
export function checkList({ prefix, after, limit, revision }: ListQuery): void {
  const problems = [...textProblems('prefix', prefix), ...textProblems('after', after ?? '')];
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0))
    problems.push(`limit: ${limit} is no number of entries`);
  refuse([...problems, ...revisionProblems('revision', revision)]);
}

/** Throws InvalidRequestError with every problem of the query. */
export function checkWatch({ prefix, after }: WatchQuery): void {
  refuse([...textProblems('prefix', prefix), ...revisionProblems('after', after)]);
}

/** Throws InvalidRequestError. */
export function checkRevision(revision: number): void {
  refuse(revisionProblems('revision', revision));
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new InvalidRequestError(problems.join('; '));
}

function keyProblem(key: string): string | undefined {
  if (key === '') return 'is empty';
  if (key.length > MAX_KEY_BYTES || Buffer.byteLength(key) > MAX_KEY_BYTES)
    return `${Buffer.byteLength(key)} bytes, and a key takes ${MAX_KEY_BYTES}`;
  return textProblems('', key).length > 0 ? `${JSON.stringify(key)} is not well-formed text without NUL` : undefined;
}

/** A lone surrogate has no UTF-8, and NUL would end a key. */
function textProblems(field: string, text: string): string[] {
  return text.isWellFormed() && !text.includes('\0')
    ? []
    : [`${field}: ${JSON.stringify(text)} is not well-formed text without NUL`];
}

function revisionProblems(field: string, revision: number | undefined): string[] {
  return revision === undefined || isRevision(revision) ? [] : [`${field}: ${revision} is no revision`];
}

function isRevision(revision: number): boolean {
  return Number.isSafeInteger(revision) && revision >= 0;
}
