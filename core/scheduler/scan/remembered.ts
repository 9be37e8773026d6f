/**
 * What a decider with memory lends to a cycle whose pod fits nowhere, and for which pods it may: those that are refused by
 * each row for what that row holds and what is nominated to it.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { NominatedPods, Prospects, Refusals, Rejection } from '../framework.ts';
import type { AnyPackedPlugin } from '../plugins/registry.ts';
import type { AmountsFilter } from './amounts-filter.ts';
import type { ActiveFilter } from './pre-filter.ts';

/** One pod, and its filters asked about single rows. */
export interface RowFilters {
  readonly cluster: Cluster;
  readonly nominated: NominatedPods;
  readonly request: PodRequest;
  readonly active: readonly ActiveFilter[];
  /** Asked last. */
  readonly amounts: AmountsFilter;
  /** `self` of the first filter that refuses row n, without guests; 0 for none. */
  verdictOn(n: number): number;
  inWords(refusedBy: number, n: number): Rejection | null;
}

/** Brought up to the cycle that asks. */
export interface Remembered {
  readonly nothingFits: boolean;
  /** Of all nodes, where nothing fits. */
  refusals(): Refusals;
  prospects(now: number): Prospects | undefined;
}

export interface RefusalMemory {
  /** Undefined when pods of this make have not failed. */
  find(filters: RowFilters): Remembered | undefined;
  /** The pod of these filters fits nowhere. Undefined when why is not worth remembering yet. */
  failed(filters: RowFilters): Remembered | undefined;
}

/** Their verdicts hang on claims and volumes, which are no columns. */
const READ_LISTERS = new Set(['VolumeBinding', 'VolumeZone']);

/**
 * Whether rows can be remembered as they were judged by these filters.
 * @param outside plugins that are not built in: they have to name what they read of a pod.
 */
export function isMemorable(filters: RowFilters, outside: ReadonlySet<AnyPackedPlugin>): boolean {
  const { cluster, nominated, request, amounts, active } = filters;
  const { pod, key, exact } = request;
  if (!amounts.alone || exact || cluster.wideRows > 0) return false;
  // Guests on a row would be others for this pod than for the rest of its make.
  if (pod.spec.nodeName || pod.status?.nominatedNodeName || nominated.nodeOf(key) !== undefined) return false;
  for (const { plugin } of active) {
    if (READ_LISTERS.has(plugin.name)) return false;
    if (outside.has(plugin) && (plugin.scope !== 'local' || !plugin.classKey)) return false;
  }
  return true;
}
