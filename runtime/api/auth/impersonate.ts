/**
 * Acting as somebody else: headers name the user, groups, uid and extra; every one of them needs the right `impersonate`.
 * Source: Kubernetes v1.36, apiserver/pkg/endpoints/filters/impersonation.go.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { badRequest } from '../http/status.ts';
import { ANONYMOUS, AUTHENTICATED_GROUP, UNAUTHENTICATED_GROUP, type User } from '../request.ts';
import type { Attributes, Authorizer } from './faces.ts';
import { refusal } from './forbidden.ts';
import { serviceAccountGroups, serviceAccountOf } from './rbac/objects.ts';

const EXTRA_PREFIX = 'impersonate-extra-';

interface Wanted {
  name: string;
  uid: string;
  groups: string[];
  extra: Record<string, string[]>;
}

/**
 * Whom the request is made as: `user` itself without impersonation headers. Throws Forbidden for the first right that
 * is missing, BadRequest for headers that name no user.
 *
 * @param headers every value of each, or headers whose repeated values are arrays.
 */
export function impersonate(
  user: User,
  headers: IncomingHttpHeaders | NodeJS.Dict<string[]>,
  authorizer: Pick<Authorizer, 'authorize'>,
): User {
  const wanted = wantedOf(headers);
  if (!wanted) return user;
  for (const attributes of rightsFor(wanted)) {
    const decision = authorizer.authorize(user, attributes);
    if (!decision.allowed) throw refusal(user, attributes, decision.reason);
  }
  const account = serviceAccountOf(wanted.name);
  const groups = wanted.groups.length === 0 && account ? serviceAccountGroups(account.namespace) : wanted.groups;
  const everyone = wanted.name === ANONYMOUS ? UNAUTHENTICATED_GROUP : AUTHENTICATED_GROUP;
  return {
    name: wanted.name,
    ...(wanted.uid && { uid: wanted.uid }),
    groups: groups.includes(everyone) ? groups : [...groups, everyone],
    ...(Object.keys(wanted.extra).length > 0 && { extra: wanted.extra }),
  };
}

function wantedOf(headers: IncomingHttpHeaders | NodeJS.Dict<string[]>): Wanted | undefined {
  const wanted: Wanted = {
    name: valuesOf(headers['impersonate-user'])[0] ?? '',
    uid: valuesOf(headers['impersonate-uid'])[0] ?? '',
    groups: valuesOf(headers['impersonate-group']),
    extra: {},
  };
  for (const [header, value] of Object.entries(headers)) {
    if (header.startsWith(EXTRA_PREFIX)) wanted.extra[extraKey(header)] = valuesOf(value);
  }
  if (wanted.name) return wanted;
  if (wanted.uid || wanted.groups.length > 0 || Object.keys(wanted.extra).length > 0) {
    throw badRequest('requested to impersonate a uid, groups or extra without impersonating a user');
  }
  return undefined;
}

function valuesOf(header: string | string[] | undefined): string[] {
  return header === undefined ? [] : typeof header === 'string' ? [header] : header;
}

/** Keys are percent-encoded; what cannot be decoded stays as it was sent. */
function extraKey(header: string): string {
  const key = header.slice(EXTRA_PREFIX.length);
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function rightsFor({ name, uid, groups, extra }: Wanted): Attributes[] {
  const account = serviceAccountOf(name);
  const authentication = 'authentication.k8s.io';
  return [
    account ? right('', 'serviceaccounts', account.name, { namespace: account.namespace }) : right('', 'users', name),
    ...groups.map((group) => right('', 'groups', group)),
    ...(uid ? [right(authentication, 'uids', uid)] : []),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => right(authentication, 'userextras', value, { subresource: key })),
    ),
  ];
}

function right(group: string, resource: string, name: string, more: Partial<Attributes> = {}): Attributes {
  return {
    resourceRequest: true,
    path: '',
    verb: 'impersonate',
    group,
    version: 'v1',
    resource,
    subresource: '',
    namespace: '',
    name,
    ...more,
  };
}
