/** Kinds that controllers read and write, by group and plural, as the API serves them. */

export interface ResourceRef {
  group: string;
  resource: string;
}

export const PODS: ResourceRef = { group: '', resource: 'pods' };
export const NODES: ResourceRef = { group: '', resource: 'nodes' };
export const NAMESPACES: ResourceRef = { group: '', resource: 'namespaces' };
export const SERVICES: ResourceRef = { group: '', resource: 'services' };
export const ENDPOINTS: ResourceRef = { group: '', resource: 'endpoints' };
export const REPLICATION_CONTROLLERS: ResourceRef = { group: '', resource: 'replicationcontrollers' };
export const REPLICA_SETS: ResourceRef = { group: 'apps', resource: 'replicasets' };
export const DEPLOYMENTS: ResourceRef = { group: 'apps', resource: 'deployments' };
export const STATEFUL_SETS: ResourceRef = { group: 'apps', resource: 'statefulsets' };
export const JOBS: ResourceRef = { group: 'batch', resource: 'jobs' };
export const ENDPOINT_SLICES: ResourceRef = { group: 'discovery.k8s.io', resource: 'endpointslices' };
export const LEASES: ResourceRef = { group: 'coordination.k8s.io', resource: 'leases' };
export const DISRUPTION_BUDGETS: ResourceRef = { group: 'policy', resource: 'poddisruptionbudgets' };

/** 'apps/deployments'; 'pods' of the core group is '/pods'. */
export function resourceKey({ group, resource }: ResourceRef): string {
  return `${group}/${resource}`;
}
