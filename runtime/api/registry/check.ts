/**
 * From a decoded body to an object of the kind: right kind and version, no unknown fields (as fieldValidation says), every
 * field of its type. Source: Kubernetes v1.36, apiserver/pkg/endpoints/handlers/{create,rest}.go.
 */
import { type ApiError, badRequest, invalid } from '../http/status.ts';
import type { ApiKind } from '../kinds/kind.ts';
import { apiVersionOf } from '../kinds/table.ts';
import { type ApiObject, isMap } from '../object.ts';
import { jsonTypeOf } from '../schema/check/scalars.ts';
import type { RegistryParts, RequestContext } from './parts.ts';

export interface CheckOptions extends Pick<RequestContext, 'fieldValidation' | 'warn'> {
  /** Keys that stood twice in the body, by path. */
  duplicates: readonly string[];
  /** The object is what this patch made: then the patch is invalid, and not the body. */
  patch?: unknown;
  /** 'namespace/name' of an object that is applied: unknown fields are refused in the words of its types. */
  applied?: string;
}

/** Throws the 400 that names every problem; of a patch the 422. */
export function checked(
  parts: Pick<RegistryParts, 'schemas'>,
  { fieldValidation, warn, duplicates, patch, applied }: CheckOptions,
  kind: ApiKind,
  value: unknown,
): ApiObject {
  const refuse = (why: string): ApiError =>
    patch === undefined
      ? badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${why}`)
      : invalidPatch(patch, why);
  if (!isMap(value))
    throw badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): it is no JSON object`);
  const object = withIdentity(kind, value);
  const found = parts.schemas.checkObject(object.apiVersion, object.kind, object);
  const { mistyped } = found;
  const rest = kind.prune?.(found.object);
  const unknown = [...found.unknown, ...(rest?.unknown ?? [])];
  if (mistyped.length > 0) {
    throw refuse(mistyped.map(({ message }) => message).join(', '));
  }
  if (applied !== undefined && unknown.length > 0 && fieldValidation === 'Strict') {
    throw undeclared(kind, applied, unknown);
  }
  const problems = [
    ...unknown.map((path) => `unknown field "${path}"`),
    ...duplicates.map((path) => `duplicate field "${path}"`),
  ];
  if (problems.length > 0 && fieldValidation === 'Strict') {
    throw refuse(`strict decoding error: ${problems.join(', ')}`);
  }
  if (fieldValidation === 'Warn') for (const problem of problems) warn(problem);
  return (rest?.object ?? found.object) as ApiObject;
}

function undeclared(kind: ApiKind, applied: string, unknown: readonly string[]): ApiError {
  const words = unknown.map((path) => `.${path}: field not declared in schema`);
  const list = words.length === 1 ? words[0] : `errors:${words.map((word) => `\n  ${word}`).join('')}`;
  const of = `${applied}; ${apiVersionOf(kind)}, Kind=${kind.kind}`;
  return badRequest(`failed to create typed patch object (${of}): ${list}`);
}

/** Kubernetes names neither kind nor object here. */
function invalidPatch(patch: unknown, why: string): ApiError {
  const message = `Invalid value: ${JSON.stringify(JSON.stringify(patch))}: ${why}`;
  return invalid('', '', '', [{ reason: 'FieldValueInvalid', field: 'patch', message }]);
}

/** kind and apiVersion may be left out, but not be others. */
function withIdentity(kind: ApiKind, value: Record<string, unknown>): ApiObject {
  const apiVersion = apiVersionOf(kind);
  const saidKind = identityText(value, 'kind');
  const saidVersion = identityText(value, 'apiVersion');
  if (saidKind !== '' && saidKind !== kind.kind) {
    throw badRequest(
      `${saidKind} in version "${saidVersion || kind.version}" cannot be handled as a ${kind.kind}: no kind "${saidKind}" is registered for this resource`,
    );
  }
  if (saidVersion !== '' && saidVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${saidVersion}) does not match the expected API version (${apiVersion})`,
    );
  }
  const metadata = value.metadata ?? {};
  if (!isMap(metadata))
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: json: cannot unmarshal metadata into Go value of type v1.ObjectMeta`,
    );
  return { ...value, apiVersion, kind: kind.kind, metadata } as unknown as ApiObject;
}

/** Read before all else, and so in words of its own; '' where it is left out. */
function identityText(value: Record<string, unknown>, field: 'kind' | 'apiVersion'): string {
  const text = value[field] ?? '';
  if (typeof text === 'string') return text;
  throw badRequest(
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonTypeOf(text)} into Go struct field .${field} of type string`,
  );
}
