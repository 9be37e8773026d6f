/** Jobs as plain data, and how one stands. Source: Kubernetes v1.36, staging/src/k8s.io/api/batch/v1/types.go. */
import { compileLabelSelector, NOTHING, type Selector } from '../../objects/selectors.ts';
import { isTerminating, type KubeObject, type LabelSelector, type Pod } from '../../objects/types.ts';
import { type Condition, conditionOf } from '../conditions.ts';
import type { PodTemplate } from '../kinds.ts';

/** On pods of Jobs: they are not forgotten before they have been counted. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';

export interface Job extends KubeObject {
  spec: {
    parallelism?: number;
    /** Left out: the Job is done when one pod has succeeded and all have ended. */
    completions?: number;
    completionMode?: string;
    activeDeadlineSeconds?: number;
    backoffLimit?: number;
    ttlSecondsAfterFinished?: number;
    suspend?: boolean;
    podReplacementPolicy?: string;
    podFailurePolicy?: { rules: FailureRule[] };
    selector?: LabelSelector;
    template: PodTemplate;
  };
  status?: JobStatus;
}

export interface FailureRule {
  /** FailJob, Ignore or Count. */
  action: string;
  onExitCodes?: { containerName?: string; operator: string; values: readonly number[] };
  onPodConditions?: readonly { type: string; status?: string }[];
}

export interface JobStatus {
  active?: number;
  ready?: number;
  terminating?: number;
  succeeded?: number;
  failed?: number;
  startTime?: string;
  completionTime?: string;
  /** '0,2-4' */
  completedIndexes?: string;
  /** Uids of pods that have ended and still carry the finalizer. */
  uncountedTerminatedPods?: { succeeded?: readonly string[]; failed?: readonly string[] };
  conditions?: readonly Condition[];
}

/** When it was over; undefined while it is not. */
export function finishedAt({ status }: Job): Condition | undefined {
  return [conditionOf(status?.conditions, 'Complete'), conditionOf(status?.conditions, 'Failed')].find(
    (condition) => condition?.status === 'True',
  );
}

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed';

export function selectorOf({ spec }: Job): Selector {
  const selector = compileLabelSelector(spec.selector);
  return selector && selector.requirements.length > 0 ? selector : NOTHING;
}

export const hasFinalizer = ({ metadata }: Pod): boolean => metadata.finalizers?.includes(TRACKING_FINALIZER) === true;

export const hasSucceeded = ({ status }: Pod): boolean => status?.phase === 'Succeeded';

/** One that goes counts as failed at once, unless only what has really failed is replaced. */
export function hasFailed(pod: Pod, { spec }: Job): boolean {
  if (pod.status?.phase === 'Failed') return true;
  return spec.podReplacementPolicy !== 'Failed' && isTerminating(pod) && !hasSucceeded(pod);
}
