/** What a method and a URL ask for. Source: Kubernetes v1.36, apiserver/pkg/endpoints/request/requestinfo.go. */

import { type FieldRequirement, parseFieldSelector } from '../registry/selectors.ts';
import type { RequestInfo } from '../request.ts';
import { badRequest } from './status.ts';

const VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** What follows a namespace's name and still means the namespace itself. */
const OF_NAMESPACES = new Set(['finalize', 'status']);

/** Throws the 400 of a path that cannot be read. */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const info: RequestInfo = {
    resourceRequest: false,
    path,
    verb: method.toLowerCase(),
    group: '',
    version: '',
    resource: '',
    subresource: '',
    namespace: '',
    name: '',
  };
  const parts = path.split('/').filter((part) => part !== '');
  const prefix = parts.shift();
  if (prefix === 'apis' && parts.length >= 3) info.group = decoded(parts.shift());
  else if (prefix !== 'api' || parts.length < 2) return info;
  info.resourceRequest = true;
  info.version = decoded(parts.shift());
  info.verb = VERBS[method] ?? info.verb;
  readPlace(info, parts.map(decoded));
  return withReadVerb(info, query);
}

function readPlace(info: RequestInfo, given: string[]): void {
  let parts = given;
  if (parts[0] === 'watch' && parts.length > 1 && info.verb === 'get') {
    info.verb = 'watch'; // The old form of ?watch=true.
    parts = parts.slice(1);
  }
  if (parts[0] === 'namespaces' && parts.length > 1) {
    info.namespace = parts[1];
    if (parts.length > 2 && !OF_NAMESPACES.has(parts[2])) parts = parts.slice(2);
  }
  [info.resource, info.name = '', info.subresource = ''] = parts;
}

function withReadVerb(info: RequestInfo, query: URLSearchParams): RequestInfo {
  if (info.name === '' && info.verb === 'get') info.verb = 'list';
  if (info.name === '' && info.verb === 'delete') info.verb = 'deletecollection';
  if (info.verb === 'list' && isTrue(query.get('watch'))) info.verb = 'watch';
  if (info.name === '' && (info.verb === 'list' || info.verb === 'watch')) {
    info.name = onlyName(query.get('fieldSelector') ?? '');
  }
  return info;
}

/** Read as the list will read it: rights are asked of this name. '' where the selector can match others, or cannot be read. */
function onlyName(fieldSelector: string): string {
  if (!fieldSelector.includes('metadata.name')) return '';
  let fields: readonly FieldRequirement[];
  try {
    fields = parseFieldSelector(fieldSelector);
  } catch {
    return ''; // Refused by whoever lists; nobody is allowed more by it.
  }
  const name = fields.find(({ field, equal }) => field === 'metadata.name' && equal)?.value ?? '';
  return /^[^/%]+$/.test(name) && name !== '.' && name !== '..' ? name : '';
}

/** As Go's strconv.ParseBool reads it; absent and anything else is false. */
export function isTrue(value: string | null): boolean {
  return value !== null && ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value);
}

function decoded(part: string | undefined): string {
  try {
    return decodeURIComponent(part ?? '');
  } catch {
    throw badRequest(`the path has a malformed escape: ${JSON.stringify(part)}`);
  }
}
