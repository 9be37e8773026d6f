/**
 * JSON patch: RFC 6902 with Kubernetes' limits, refusals and indexes from the end. Only an object's own names are found and
 * every name may be set, which no library promises: labels may be called 'constructor' and '__proto__'.
 * Source: Kubernetes v1.36, apiserver/pkg/endpoints/handlers/patch.go; evanphx/json-patch v4, patch.go.
 */
import { isDeepStrictEqual } from 'node:util';
import { ApiError, badRequest, failure, tooLarge } from '../http/status.ts';
import { isMap } from '../object.ts';

export const MAX_OPERATIONS = 10_000;

interface Operation {
  op: string;
  path: string;
  from: string;
  value: unknown;
}

/** Why an operation does not fit the document. */
class Unfit extends Error {}

/**
 * @throws ApiError 400 when the body is no JSON patch, 413 for too many operations, 422 when it does not fit the object:
 * a path that is not there, a `test` that fails.
 */
export function jsonPatch(current: unknown, body: unknown): unknown {
  if (!Array.isArray(body)) throw badRequest('error decoding patch: a JSON patch is a list of operations');
  if (body.length > MAX_OPERATIONS) {
    throw tooLarge(`The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${body.length}`);
  }
  // Below a member, so that the path of the whole document ends in a name as every other.
  const document = { root: structuredClone(current) };
  body.forEach((given: unknown, i) => {
    const operation = operationOf(given, i);
    try {
      APPLY[operation.op](document, operation);
    } catch (error) {
      if (error instanceof Unfit) throw unfit(`${operation.op} ${operation.path || '/'}: ${error.message}`);
      throw error;
    }
  });
  return document.root;
}

const APPLY: Readonly<Record<string, (document: object, operation: Operation) => void>> = {
  add: (document, { path, value }) => add(document, path, structuredClone(value)),
  remove: (document, { path }) => remove(document, path),
  replace(document, { path, value }) {
    const { holder, key } = placeOf(document, path);
    valueIn(holder, key);
    put(holder, key, structuredClone(value));
  },
  move(document, { from, path }) {
    const value = valueAt(document, from);
    if (path.startsWith(`${from}/`)) throw new Unfit('a value cannot be moved into itself');
    remove(document, from);
    add(document, path, value);
  },
  copy: (document, { from, path }) => add(document, path, structuredClone(valueAt(document, from))),
  test(document, { path, value }) {
    const { holder, key } = placeOf(document, path);
    // A null asks for a value that is null or is not there.
    const held = isThere(holder, key) ? valueIn(holder, key) : null;
    if (!isDeepStrictEqual(held, value)) throw new Unfit('test failed');
  },
};

type Holder = Record<string, unknown> | unknown[];

/** Where the path's last step stands, be something there or not. */
function placeOf(document: object, path: string): { holder: Holder; key: string } {
  const steps = `/root${path}`
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const key = steps.pop() as string;
  let holder: unknown = document;
  for (const step of steps) {
    if (!isHolder(holder)) break;
    holder = valueIn(holder, step);
  }
  if (!isHolder(holder)) throw new Unfit(`doc is missing path: ${JSON.stringify(path)}: missing value`);
  return { holder, key };
}

function isHolder(value: unknown): value is Holder {
  return isMap(value) || Array.isArray(value);
}

function valueAt(document: object, path: string): unknown {
  const { holder, key } = placeOf(document, path);
  return valueIn(holder, key);
}

/** Throws where nothing is. */
function valueIn(holder: Holder, key: string): unknown {
  if (Array.isArray(holder)) return holder[indexIn(holder, key, holder.length)];
  if (!Object.hasOwn(holder, key)) throw new Unfit(`no such key: ${JSON.stringify(key)}: missing value`);
  return holder[key];
}

function isThere(holder: Holder, key: string): boolean {
  if (!Array.isArray(holder)) return Object.hasOwn(holder, key);
  indexIn(holder, key, holder.length);
  return true;
}

/** @param end exclusive. Negative indexes count from there. */
function indexIn(list: readonly unknown[], key: string, end: number): number {
  if (!/^-?\d{1,15}$/.test(key)) throw new Unfit(`value was not a proper array index: ${JSON.stringify(key)}`);
  const index = Number(key) < 0 ? end + Number(key) : Number(key);
  if (index < 0 || index >= end) throw new Unfit(`index ${key} of a list of ${list.length}: invalid index referenced`);
  return index;
}

function add(document: object, path: string, value: unknown): void {
  const { holder, key } = placeOf(document, path);
  if (!Array.isArray(holder)) put(holder, key, value);
  else if (key === '-') holder.push(value);
  else holder.splice(indexIn(holder, key, holder.length + 1), 0, value);
}

function remove(document: object, path: string): void {
  if (path === '') throw new Unfit('the whole object cannot be removed');
  const { holder, key } = placeOf(document, path);
  valueIn(holder, key);
  if (Array.isArray(holder)) holder.splice(indexIn(holder, key, holder.length), 1);
  else Reflect.deleteProperty(holder, key);
}

/** In the place of what is there. Not by assignment: '__proto__' is a name like any other. */
function put(holder: Holder, key: string, value: unknown): void {
  if (Array.isArray(holder)) holder[indexIn(holder, key, holder.length)] = value;
  else Object.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true });
}

const WITH_VALUE = ['add', 'replace', 'test'];
const WITH_FROM = ['move', 'copy'];

/** Throws the 400 of what is no operation. */
function operationOf(given: unknown, index: number): Operation {
  const wrong = (why: string): ApiError => badRequest(`error decoding patch: operation ${index}: ${why}`);
  if (!isMap(given)) throw wrong('is not an object');
  const { op, value } = given;
  if (typeof op !== 'string' || !Object.hasOwn(APPLY, op)) throw wrong(`unknown op ${JSON.stringify(op)}`);
  if (WITH_VALUE.includes(op) && !Object.hasOwn(given, 'value')) throw wrong(`${op} needs a value`);
  const path = pointer(given.path, 'path', wrong);
  return { op, path, from: WITH_FROM.includes(op) ? pointer(given.from, 'from', wrong) : '', value };
}

function pointer(path: unknown, name: string, wrong: (why: string) => ApiError): string {
  if (typeof path !== 'string' || !/^(?:\/(?:[^~]|~[01])*)?$/s.test(path)) throw wrong(`${name} is not a JSON pointer`);
  return path;
}

const REJECTED = 'the server rejected our request due to an error in our request';

/** Kubernetes' message, and behind it which operation it was and why: there it says no more. */
function unfit(why: string): ApiError {
  return new ApiError(failure(422, 'Invalid', `${REJECTED}: ${why}`, {}));
}
