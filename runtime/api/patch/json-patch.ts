/** JSON patch: RFC 6902, by the rfc6902 library, with Kubernetes' limits and refusals. */
import { applyPatch, type Operation } from 'rfc6902';
import { ApiError, badRequest, failure, tooLarge } from '../http/status.ts';
import { isMap } from '../object.ts';

/** Source: Kubernetes v1.36, apiserver/pkg/endpoints/handlers/patch.go. */
export const MAX_OPERATIONS = 10_000;

/**
 * @throws ApiError 400 when the body is no JSON patch, 413 for too many operations, 422 when it does not fit the object:
 * a path that is not there, a `test` that fails.
 */
export function jsonPatch(current: unknown, body: unknown): unknown {
  if (!Array.isArray(body)) throw badRequest('error decoding patch: a JSON patch is a list of operations');
  if (body.length > MAX_OPERATIONS) {
    throw tooLarge(`The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${body.length}`);
  }
  // The library works inside the document; a value may be put in twice, so the patch is copied as well.
  const document: { root: unknown } = { root: structuredClone(current) };
  body.forEach((operation: unknown, i) => {
    const [refusal] = applyPatch(document, [rooted(operation, i)]);
    if (refusal) throw unfit(describe(operation), refusal.message);
  });
  return document.root;
}

const WITH_VALUE = ['add', 'replace', 'test'];
const WITH_FROM = ['move', 'copy'];

/** Paths below '/root', so that the whole object may be replaced too. */
function rooted(operation: unknown, index: number): Operation {
  const wrong = (why: string): ApiError => badRequest(`error decoding patch: operation ${index}: ${why}`);
  if (!isMap(operation)) throw wrong('is not an object');
  const { op, path, from } = operation;
  if (typeof op !== 'string' || !(op === 'remove' || WITH_VALUE.includes(op) || WITH_FROM.includes(op))) {
    throw wrong(`unknown op ${JSON.stringify(op)}`);
  }
  const moved: Record<string, unknown> = { op, path: pointer(path, 'path', wrong) };
  if (WITH_FROM.includes(op)) moved.from = pointer(from, 'from', wrong);
  if (WITH_VALUE.includes(op)) {
    if (!('value' in operation)) throw wrong(`${op} needs a value`);
    moved.value = structuredClone(operation.value);
  }
  return moved as unknown as Operation;
}

function pointer(path: unknown, name: string, wrong: (why: string) => ApiError): string {
  if (typeof path !== 'string' || !/^(?:\/(?:[^~]|~[01])*)?$/.test(path)) throw wrong(`${name} is not a JSON pointer`);
  if (path.split('/').includes('__proto__')) throw wrong(`${name} names __proto__`);
  return `/root${path}`;
}

function describe(operation: unknown): string {
  const { op, path } = operation as Record<string, unknown>;
  return `${op} ${path === '' ? '/' : path}`;
}

const REJECTED = 'the server rejected our request due to an error in our request';

/** Kubernetes' message; which operation it was stands in the causes. */
function unfit(operation: string, why: string): ApiError {
  const message = `${operation}: ${why.replaceAll('/root', '')}`;
  return new ApiError(failure(422, 'Invalid', REJECTED, { causes: [{ reason: 'UnexpectedServerResponse', message }] }));
}
