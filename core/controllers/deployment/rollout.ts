/** What one look at a Deployment works on, and the counts that its parts ask for. */
import { isTerminating, type Pod } from '../../objects/types.ts';
import type { World } from '../controller.ts';
import type { Deployment, ReplicaSet } from '../kinds.ts';
import { replicasOf } from './fenceposts.ts';

/** Replaced as writes are answered, so that what follows counts what was written. */
export interface Rollout {
  deployment: Deployment;
  /** The ReplicaSet of the Deployment's template, if there is one yet. */
  newest: ReplicaSet | undefined;
  /** All others of the Deployment. */
  old: ReplicaSet[];
  world: World;
  /** Told of every ReplicaSet that was written, as it was answered. */
  wrote(set: ReplicaSet): void;
}

export function allSets({ newest, old }: Pick<Rollout, 'newest' | 'old'>): ReplicaSet[] {
  return newest ? [...old, newest] : [...old];
}

/** Those that are asked for pods. */
export function activeSets(sets: readonly ReplicaSet[]): ReplicaSet[] {
  return sets.filter((set) => replicasOf(set) > 0);
}

/** Pods that the sets are asked for. */
export function askedOf(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + replicasOf(set), 0);
}

export type Count = 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas';

/** What the sets have reported. */
export function reported(sets: readonly ReplicaSet[], count: Count): number {
  return sets.reduce((sum, set) => sum + (set.status?.[count] ?? 0), 0);
}

export function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  const [at, bt] = [a, b].map(({ metadata }) => metadata.creationTimestamp ?? '');
  return at === bt ? (a.metadata.name < b.metadata.name ? -1 : 1) : at < bt ? -1 : 1;
}

/** Pods of a set that has not yet ended count, and so do those that are on their way out. */
export function isStillThere(pod: Pod): boolean {
  return isTerminating(pod) || (pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded');
}
