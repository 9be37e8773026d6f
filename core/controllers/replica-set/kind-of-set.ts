/** ReplicaSets and ReplicationControllers: one rule, two kinds. */
import { compileLabelSelector, compilePairs, NOTHING, type Selector } from '../../objects/selectors.ts';
import type { LabelSelector, Labels } from '../../objects/types.ts';
import type { ReplicaSet } from '../kinds.ts';
import { REPLICA_SETS, REPLICATION_CONTROLLERS, type ResourceRef } from '../resources.ts';

export interface KindOfSet {
  /** Of the controller. */
  name: string;
  kind: string;
  resource: ResourceRef;
  /** Selects nothing where it is malformed or empty. */
  selectorOf(owner: ReplicaSet): Selector;
  countsTerminating: boolean;
}

export const OF_REPLICA_SETS: KindOfSet = {
  name: 'replicaset-controller',
  kind: 'ReplicaSet',
  resource: REPLICA_SETS,
  selectorOf: ({ spec }) => usable(compileLabelSelector(spec.selector as LabelSelector | undefined)),
  countsTerminating: true,
};

export const OF_REPLICATION_CONTROLLERS: KindOfSet = {
  name: 'replication-controller',
  kind: 'ReplicationController',
  resource: REPLICATION_CONTROLLERS,
  selectorOf: ({ spec }) => usable(compilePairs((spec.selector ?? {}) as Labels)),
  countsTerminating: false,
};

function usable(selector: Selector | undefined): Selector {
  return selector && selector.requirements.length > 0 ? selector : NOTHING;
}
