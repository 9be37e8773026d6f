/** The controllers there are, and the face of one: what runtime/controllers and a simulator drive. */
export * from './controller.ts';
export { deploymentController } from './deployment/deployment.ts';
export { disruptionController } from './disruption/disruption.ts';
export * from './disruption/eviction.ts';
export { endpointsController } from './endpoints/endpoints.ts';
export { endpointSliceController } from './endpoints/slices.ts';
export { garbageCollector } from './garbage/collector.ts';
export { IndexedObjects } from './indexed-objects.ts';
export type { Deployment, ReplicaSet } from './kinds.ts';
export { namespaceController } from './namespace/namespace.ts';
export { nodeLifecycleController } from './node/lifecycle.ts';
export { taintEvictionController } from './node/taint-eviction.ts';
export { controllerOf, controllerReference } from './owners.ts';
export { podGarbageCollector } from './pod-garbage/pod-garbage.ts';
export { OF_REPLICA_SETS, OF_REPLICATION_CONTROLLERS } from './replica-set/kind-of-set.ts';
export { replicaSetController } from './replica-set/replica-set.ts';
export * from './resources.ts';
export { sameValue } from './same-value.ts';
