/**
 * Who has the default roles. Source: Kubernetes v1.36, plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go. There
 * nodes get their rights from the node authorizer; here the group system:nodes has the role system:node by binding.
 */
import { AUTHENTICATED_GROUP, UNAUTHENTICATED_GROUP } from '../../request.ts';
import { MASTERS_GROUP } from '../rbac/authorizer.ts';
import { RBAC_GROUP, type Subject } from '../rbac/objects.ts';

const user = (name: string): Subject => ({ kind: 'User', apiGroup: RBAC_GROUP, name });
const group = (name: string): Subject => ({ kind: 'Group', apiGroup: RBAC_GROUP, name });
const account = (namespace: string, name: string): Subject => ({ kind: 'ServiceAccount', name, namespace });

/** Name of the role, and of its binding → its subjects. */
export const DEFAULT_BINDINGS: Readonly<Record<string, readonly Subject[]>> = {
  'cluster-admin': [group(MASTERS_GROUP)],
  'system:discovery': [group(AUTHENTICATED_GROUP)],
  'system:basic-user': [group(AUTHENTICATED_GROUP)],
  'system:public-info-viewer': [group(AUTHENTICATED_GROUP), group(UNAUTHENTICATED_GROUP)],
  'system:monitoring': [group('system:monitoring')],
  'system:node': [group('system:nodes')],
  'system:node-proxier': [user('system:kube-proxy')],
  'system:kube-controller-manager': [user('system:kube-controller-manager')],
  'system:kube-dns': [account('kube-system', 'kube-dns')],
  'system:kube-scheduler': [user('system:kube-scheduler')],
  'system:volume-scheduler': [user('system:kube-scheduler')],
  'system:service-account-issuer-discovery': [group('system:serviceaccounts')],
};
