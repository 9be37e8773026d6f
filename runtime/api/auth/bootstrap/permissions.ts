/**
 * What a default role may do, as a list: every verb of every served resource and subresource that one of its rules
 * allows. It walks the rules one by one and knows nothing of the index that answers requests.
 */
import type { ApiKind } from '../../kinds/kind.ts';
import { ruleAllows } from '../rbac/rule.ts';
import { defaultClusterRoles } from './objects.ts';

export interface Permission {
  group: string;
  version: string;
  resource: string;
  /** Empty for the object itself. */
  subresource: string;
  namespaced: boolean;
  verb: string;
  allowed: boolean;
}

/** Throws a RangeError for a name that no default role has. Rules for certain object names are not among the allowed. */
export function permissionsOf(roleName: string, kinds: readonly ApiKind[]): Permission[] {
  const role = defaultClusterRoles().find(({ metadata }) => metadata.name === roleName);
  if (!role) throw new RangeError(`there is no default role '${roleName}'`);
  const rules = role.rules ?? [];
  return requestsOf(kinds).map((request) => ({
    ...request,
    allowed: rules.some((rule) =>
      ruleAllows({ ...request, resourceRequest: true, path: '', namespace: '', name: '' }, rule),
    ),
  }));
}

function requestsOf(kinds: readonly ApiKind[]): Omit<Permission, 'allowed'>[] {
  return kinds.flatMap(({ group, version, plural, namespaced, verbs, subresources }) =>
    [{ name: '', verbs }, ...subresources].flatMap(({ name, verbs }) =>
      verbs.map((verb) => ({ group, version, resource: plural, subresource: name, namespaced, verb })),
    ),
  );
}
