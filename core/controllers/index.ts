/** The controllers there are, and the face of one: what runtime/controllers and a simulator drive. */
export * from './controller.ts';
export { deploymentController } from './deployment/deployment.ts';
export { endpointsController } from './endpoints/endpoints.ts';
export { endpointSliceController } from './endpoints/slices.ts';
export { garbageCollector } from './garbage/collector.ts';
export { namespaceController } from './namespace/namespace.ts';
export { controllerOf } from './owners.ts';
export { OF_REPLICA_SETS, OF_REPLICATION_CONTROLLERS } from './replica-set/kind-of-set.ts';
export { replicaSetController } from './replica-set/replica-set.ts';
export * from './resources.ts';
