/**
 * Refusals in Kubernetes' words: a Status, thrown as an ApiError anywhere below the listener and written out by it.
 * Source: Kubernetes v1.36, apimachinery/pkg/api/errors/errors.go, apis/meta/v1/types.go (Status).
 */

export interface StatusCause {
  reason?: string;
  message: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: readonly StatusCause[];
  retryAfterSeconds?: number;
}

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { continue?: string };
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

export class ApiError extends Error {
  readonly status: Status;
  /** Beside the usual ones: Retry-After, WWW-Authenticate. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: Status, headers: Readonly<Record<string, string>> = {}, options?: ErrorOptions) {
    super(status.message ?? status.reason ?? `status ${status.code}`, options);
    this.name = 'ApiError';
    this.status = status;
    this.headers = headers;
  }

  get code(): number {
    return this.status.code;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }
}

export function failure(code: number, reason: string, message: string, details?: StatusDetails): Status {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, details, code };
}

export function success(details?: StatusDetails, code = 200): Status {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details, code };
}

export function badRequest(message: string): ApiError {
  return new ApiError(failure(400, 'BadRequest', message));
}

export function unauthorized(): ApiError {
  return new ApiError(failure(401, 'Unauthorized', 'Unauthorized'));
}

/** 'pods "web" is forbidden: WHY'; without a name 'pods is forbidden: WHY'. */
export function forbidden(group: string, plural: string, name: string, why: string): ApiError {
  const message = `${qualified(group, plural)}${name ? ` "${name}"` : ''} is forbidden: ${why}`;
  return new ApiError(failure(403, 'Forbidden', message, detailsOf(group, plural, name)));
}

export function notFound(group: string, plural: string, name: string): ApiError {
  const message = `${qualified(group, plural)} "${name}" not found`;
  return new ApiError(failure(404, 'NotFound', message, detailsOf(group, plural, name)));
}

/** No such resource at all; `kubectl` then forgets its discovery cache. */
export function unknownResource(): ApiError {
  return new ApiError(failure(404, 'NotFound', 'the server could not find the requested resource', {}));
}

export function methodNotAllowed(
  message = 'the server does not allow this method on the requested resource',
): ApiError {
  return new ApiError(failure(405, 'MethodNotAllowed', message, {}));
}

export function notAcceptable(offered: readonly string[]): ApiError {
  const message = `only the following media types are accepted: ${offered.join(', ')}`;
  return new ApiError(failure(406, 'NotAcceptable', message));
}

export function timeout(message: string): ApiError {
  return new ApiError(failure(504, 'Timeout', message, {}));
}

export function alreadyExists(group: string, plural: string, name: string): ApiError {
  const message = `${qualified(group, plural)} "${name}" already exists`;
  return new ApiError(failure(409, 'AlreadyExists', message, detailsOf(group, plural, name)));
}

const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(group: string, plural: string, name: string, why: string = MODIFIED): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(group, plural)} "${name}": ${why}`;
  return new ApiError(failure(409, 'Conflict', message, detailsOf(group, plural, name)));
}

/** @param token lets a list go on, inconsistently, where the paging broke off. */
export function expired(message: string, token?: string): ApiError {
  const status = failure(410, 'Expired', message);
  return new ApiError(token === undefined ? status : { ...status, metadata: { continue: token } });
}

export function tooLarge(message: string): ApiError {
  return new ApiError(failure(413, 'RequestEntityTooLarge', message));
}

export function unsupportedMediaType(offered: readonly string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${offered.join(', ')}`;
  return new ApiError(failure(415, 'UnsupportedMediaType', message));
}

/** 'Pod "x" is invalid: …' with every cause; `details.kind` is the Kind here, not the plural. */
export function invalid(group: string, kind: string, name: string, causes: readonly StatusCause[]): ApiError {
  const words = causes.map(({ field, message }) => (field ? `${field}: ${message}` : message));
  const list = words.length === 1 ? words[0] : `[${words.join(', ')}]`;
  const details = { ...detailsOf(group, kind, name), causes };
  return new ApiError(failure(422, 'Invalid', `${qualified(group, kind)} "${name}" is invalid: ${list}`, details));
}

/** Without `retryAfterSeconds` clients show it instead of retrying silently. */
export function tooManyRequests(
  message: string,
  { causes, retryAfterSeconds }: { causes?: readonly StatusCause[]; retryAfterSeconds?: number } = {},
): ApiError {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
  return new ApiError(failure(429, 'TooManyRequests', message, { causes, retryAfterSeconds }), headers);
}

export function internal(message: string, cause?: unknown): ApiError {
  const status = failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
  return new ApiError(status, {}, { cause });
}

export function unavailable(message: string, cause?: unknown): ApiError {
  return new ApiError(failure(503, 'ServiceUnavailable', message), {}, { cause });
}

function detailsOf(group: string, kind: string, name: string): StatusDetails {
  return { name: name || undefined, group: group || undefined, kind };
}

function qualified(group: string, name: string): string {
  return group ? `${name}.${group}` : name;
}
