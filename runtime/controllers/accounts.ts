/**
 * As whom a controller writes: its own service account in kube-system, which has the role that it needs and no more.
 * Source: Kubernetes v1.36, cmd/kube-controller-manager/app (the names that clients are asked for by).
 */
import { CONTROLLER_ROLES } from '../api/auth/bootstrap/controller-roles.ts';
import { serviceAccountGroups, serviceAccountUserName } from '../api/auth/rbac/objects.ts';
import { AUTHENTICATED_GROUP, type User } from '../api/request.ts';

const NAMESPACE = 'kube-system';

/** Where an account is called otherwise than its controller. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  'endpoint-slice-controller': 'endpointslice-controller',
  'endpoint-slice-mirroring-controller': 'endpointslicemirroring-controller',
  'garbage-collector-controller': 'generic-garbage-collector',
  'taint-eviction-controller': 'node-controller',
};

/** undefined for a controller that is none of Kubernetes', and has no role. */
export function accountOf(controller: string): User | undefined {
  const name = ACCOUNTS[controller] ?? controller;
  if (!Object.hasOwn(CONTROLLER_ROLES, name)) return undefined;
  return {
    name: serviceAccountUserName(NAMESPACE, name),
    groups: [...serviceAccountGroups(NAMESPACE), AUTHENTICATED_GROUP],
  };
}
