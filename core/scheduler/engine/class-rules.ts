/** What a class's own rules are made of, and what tells that objects or scores they hang on have changed. */
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { View } from '../framework.ts';
import { type AmountsFilter, amountsFilterOf } from '../scan/amounts-filter.ts';
import { type ActiveFilter, runPreFilter } from '../scan/pre-filter.ts';
import type { ScanProfile } from '../scan/scan-profile.ts';
import { type LocalScore, localScores } from './local-rules.ts';
import { localFilters } from './open-parts.ts';
import type { Unfactored } from './part.ts';

/** Namespaces and default spreading look at these. */
const SELECTING_KINDS = ['Namespace', 'Service', 'ReplicaSet', 'StatefulSet', 'ReplicationController'];
const STORAGE_KINDS = [
  'PersistentVolume',
  'PersistentVolumeClaim',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'CSIStorageCapacity',
  'VolumeAttachment',
];

/** What looks at one node alone, with facts of the present shape of the cluster. */
export interface ClassRules {
  filters: readonly ActiveFilter[];
  scores: readonly LocalScore[];
  amounts: AmountsFilter | undefined;
  /** Filters that want to know of the row that was chosen. */
  reserving: readonly ActiveFilter[];
}

export function classRules(pod: PodRequest, profile: ScanProfile, view: View): ClassRules | Unfactored {
  const { outcome, active } = runPreFilter(profile.filters, pod, view);
  if (outcome.error) return { unfactored: 'a PreFilter fails' };
  if (outcome.rejection) return { unfactored: 'a PreFilter refuses the pod' };
  if (outcome.nodeNames) return { unfactored: 'PreFilter names the nodes' };
  const filters = localFilters(active);
  if ('unfactored' in filters) return filters;
  const scores = localScores(profile.scores, pod, view);
  if ('unfactored' in scores) return scores;
  const reserving = active.filter(({ plugin }) => plugin.reserve);
  return { filters, scores, amounts: amountsFilterOf(active, view.cluster), reserving };
}

/** Grows with every change of an object that a class of the pod may depend on. */
export function listerStamp(pod: PodRequest, { listers }: View): number {
  let stamp = 0;
  for (const kind of SELECTING_KINDS) stamp += listers.version(kind);
  if (pod.hasVolumes) for (const kind of STORAGE_KINDS) stamp += listers.version(kind);
  return stamp;
}

/** Changes when all rows are to be scored anew. */
export function scoreStamp(pod: PodRequest, { scores }: ScanProfile, view: View): string {
  return scores.map(({ plugin }) => plugin.scoreStamp?.(pod, view) ?? '').join();
}
