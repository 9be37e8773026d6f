/**
 * Aggregated ClusterRoles have the rules of those that they select.
 * Source: Kubernetes v1.36, pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go.
 */
import { type Action, type Controller, RefusedError, type ResourceRef } from '../../core/index.ts';
import { staleAggregates } from '../api/auth/rbac/aggregate.ts';
import type { ClusterRole } from '../api/auth/rbac/objects.ts';

const CLUSTER_ROLES: ResourceRef = { group: 'rbac.authorization.k8s.io', resource: 'clusterroles' };
/** All roles are looked at together. */
const ALL = 'clusterroles';

export function clusterRoleAggregationController(): Controller {
  return {
    name: 'clusterrole-aggregation-controller',
    watches: [{ resource: CLUSTER_ROLES, keys: () => [ALL] }],
    *sync(_key, { observed }) {
      const stale = staleAggregates([...observed.list(CLUSTER_ROLES)] as ClusterRole[]);
      if (stale.length === 0) return undefined;
      const outcomes = yield stale.map((object): Action => ({ type: 'update', resource: CLUSTER_ROLES, object }));
      const refusal = outcomes.find((outcome) => outcome.refusal)?.refusal;
      if (refusal) throw new RefusedError(refusal);
      return undefined;
    },
  };
}
