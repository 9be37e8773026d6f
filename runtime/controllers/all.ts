/** The controllers of a cluster. */
import {
  type Controller,
  deploymentController,
  endpointSliceController,
  endpointsController,
  garbageCollector,
  namespaceController,
  OF_REPLICA_SETS,
  OF_REPLICATION_CONTROLLERS,
  replicaSetController,
} from '../../core/index.ts';

export function allControllers(): Controller[] {
  return [
    deploymentController(),
    replicaSetController(OF_REPLICA_SETS),
    replicaSetController(OF_REPLICATION_CONTROLLERS),
    endpointSliceController(),
    endpointsController(),
    garbageCollector(),
    namespaceController(),
  ];
}
