/** The controllers of a cluster. */
import {
  type Controller,
  deploymentController,
  disruptionController,
  endpointSliceController,
  endpointSliceMirroringController,
  endpointsController,
  garbageCollector,
  jobController,
  type NodeLifecycleSettings,
  namespaceController,
  nodeLifecycleController,
  OF_REPLICA_SETS,
  OF_REPLICATION_CONTROLLERS,
  podGarbageCollector,
  replicaSetController,
  taintEvictionController,
  ttlAfterFinishedController,
} from '../../core/index.ts';
import type { ObjectsView } from '../api/objects-view.ts';
import { clusterRoleAggregationController } from './cluster-role-aggregation.ts';
import { namespaceFurnitureController } from './namespace-furniture.ts';
import { resourceQuotaController } from './resource-quota.ts';

export interface ControllerNeeds {
  view: ObjectsView;
  /** PEM of the cluster's authority; '' for plain HTTP. */
  authority: string;
  /** Other than kube-controller-manager's defaults. */
  nodeLifecycle?: Partial<NodeLifecycleSettings>;
}

export function allControllers({ view, authority, nodeLifecycle }: ControllerNeeds): Controller[] {
  return [
    deploymentController(),
    replicaSetController(OF_REPLICA_SETS),
    replicaSetController(OF_REPLICATION_CONTROLLERS),
    jobController(),
    ttlAfterFinishedController(),
    endpointSliceController(),
    endpointsController(),
    endpointSliceMirroringController(),
    garbageCollector(),
    namespaceController(),
    namespaceFurnitureController(authority),
    nodeLifecycleController(nodeLifecycle),
    taintEvictionController(),
    podGarbageCollector(),
    disruptionController(),
    resourceQuotaController(view),
    clusterRoleAggregationController(),
  ];
}
