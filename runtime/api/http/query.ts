/** The query of a request as the registry wants it; every problem of it in one 400 or 422. */
import type { ListRequest } from '../registry/list.ts';
import type { RequestContext } from '../registry/parts.ts';
import { isTrue } from './request-info.ts';
import { badRequest, invalid, type StatusCause } from './status.ts';

const MANAGER_LIMIT = 128;

export type ListQuery = Omit<ListRequest, 'kind' | 'namespace' | 'name'> & {
  allowBookmarks: boolean;
  sendInitialEvents?: boolean;
  timeoutSeconds?: number;
};

export function listQuery(query: URLSearchParams): ListQuery {
  const initial = query.get('sendInitialEvents');
  return {
    labelSelector: query.get('labelSelector') ?? undefined,
    fieldSelector: query.get('fieldSelector') ?? undefined,
    limit: count(query, 'limit'),
    continue: query.get('continue') || undefined,
    resourceVersion: query.get('resourceVersion') ?? undefined,
    resourceVersionMatch: query.get('resourceVersionMatch') ?? undefined,
    allowBookmarks: isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents: initial === null || initial === '' ? undefined : isTrue(initial),
    timeoutSeconds: count(query, 'timeoutSeconds'),
  };
}

function count(query: URLSearchParams, field: string): number | undefined {
  const text = query.get(field);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${field} is no whole number`);
  }
  return Math.max(value, 0);
}

export type WriteQuery = Pick<RequestContext, 'dryRun' | 'fieldValidation' | 'fieldManager'>;

/** @param optionsKind for the words of a refusal: 'CreateOptions'. */
export function writeQuery(query: URLSearchParams, optionsKind: string, userAgent: string | undefined): WriteQuery {
  const causes: StatusCause[] = [];
  const validation = query.get('fieldValidation') || 'Warn';
  if (validation !== 'Strict' && validation !== 'Warn' && validation !== 'Ignore') {
    causes.push(unsupported('fieldValidation', validation, ['Ignore', 'Strict', 'Warn']));
  }
  const given = query.get('fieldManager') ?? '';
  if (given.length > MANAGER_LIMIT) {
    const message = `Too long: may not be more than ${MANAGER_LIMIT} bytes`;
    causes.push({ reason: 'FieldValueTooLong', field: 'fieldManager', message });
  } else if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(given)) {
    const message = `Invalid value: ${JSON.stringify(given)}: should only contain printable characters`;
    causes.push({ reason: 'FieldValueInvalid', field: 'fieldManager', message });
  }
  causes.push(...dryRunCauses(query.getAll('dryRun')));
  if (causes.length > 0) throw invalid('meta.k8s.io', optionsKind, '', causes);
  return {
    dryRun: query.has('dryRun'),
    fieldValidation: validation as RequestContext['fieldValidation'],
    fieldManager: given || managerOf(userAgent),
  };
}

export function dryRunCauses(values: readonly string[]): StatusCause[] {
  return values.filter((value) => value !== 'All').map((value) => unsupported('dryRun', value, ['All']));
}

function unsupported(field: string, value: string, supported: readonly string[]): StatusCause {
  const list = supported.map((word) => JSON.stringify(word)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`;
  return { reason: 'FieldValueNotSupported', field, message };
}

/** 'kubectl/v1.33.1 (linux/amd64)' → 'kubectl'. */
function managerOf(userAgent = ''): string {
  const slash = userAgent.indexOf('/');
  const name = (slash < 0 ? userAgent : userAgent.slice(0, slash)).replace(/[^\x20-\x7e]/g, '').slice(0, MANAGER_LIMIT);
  return name || 'unknown';
}
