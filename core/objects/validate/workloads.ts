/** Owners of pods: their selectors and templates. Source: Kubernetes v1.36, pkg/apis/{apps,batch,core}/validation. */
import { compileLabelSelector, compilePairs, selectorMatches } from '../selectors.ts';
import type { LabelSelector, Labels } from '../types.ts';
import { Context } from './context.ts';
import { dnsSubdomain, intOrPercent, labels } from './formats.ts';
import { labelSelector, metadata } from './metadata.ts';
import { podTemplate } from './pod.ts';
import {
  anything,
  int,
  int64,
  isAbsent,
  list,
  objectAt,
  oneOf,
  type PlainObject,
  type Schema,
  shape,
} from './schema.ts';
import { claimSpec, claimStatus } from './volumes.ts';

const count = int({ min: 0 });
const template = podTemplate('Always');

const selecting = (required: readonly string[]) => ({ required, check: checkSelector });

/** A selector that misses its own template would make pods for ever. */
function checkSelector(spec: PlainObject, context: Context): void {
  const selector = objectAt(spec, 'selector');
  const pod = objectAt(spec, 'template');
  if (!selector || !pod || hasProblems(labelSelector, selector)) return;
  const podLabels = objectAt(objectAt(pod, 'metadata') ?? {}, 'labels') ?? {};
  if (Object.keys(selector).length === 0) context.error('must not be empty, as it would select every pod', 'selector');
  const compiled = compileLabelSelector(selector as LabelSelector);
  if (compiled && !selectorMatches(compiled, podLabels as Labels)) {
    context.error('does not match the labels of the template', 'selector');
  }
}

function hasProblems(schema: Schema, value: unknown): boolean {
  const own = new Context();
  schema(value, own);
  return own.findings.length > 0;
}

const rollingUpdate = shape('partition:int', { maxSurge: intOrPercent, maxUnavailable: intOrPercent });
const updateStrategy = shape('', { type: oneOf('RollingUpdate', 'OnDelete', ''), rollingUpdate });

export const deploymentSpec: Schema = shape(
  'paused:bool',
  {
    replicas: count,
    selector: labelSelector,
    template,
    strategy: shape('', { type: oneOf('RollingUpdate', 'Recreate', ''), rollingUpdate }),
    minReadySeconds: count,
    revisionHistoryLimit: count,
    progressDeadlineSeconds: count,
  },
  selecting(['selector', 'template']),
);

export const replicaSetSpec: Schema = shape(
  '',
  { replicas: count, selector: labelSelector, template, minReadySeconds: count },
  selecting(['selector', 'template']),
);

const persistentVolumeClaim = shape(
  'apiVersion:text kind:text',
  { metadata: metadata(dnsSubdomain), spec: claimSpec, status: claimStatus },
  { required: ['metadata', 'spec'] },
);

export const statefulSetSpec: Schema = shape(
  'serviceName:text persistentVolumeClaimRetentionPolicy',
  {
    replicas: count,
    selector: labelSelector,
    template,
    volumeClaimTemplates: list(persistentVolumeClaim),
    podManagementPolicy: oneOf('OrderedReady', 'Parallel', ''),
    updateStrategy,
    revisionHistoryLimit: count,
    minReadySeconds: count,
    ordinals: shape('', { start: count }),
  },
  selecting(['selector', 'template']),
);

export const daemonSetSpec: Schema = shape(
  '',
  { selector: labelSelector, template, updateStrategy, minReadySeconds: count, revisionHistoryLimit: count },
  selecting(['selector', 'template']),
);

export const replicationControllerSpec: Schema = shape(
  '',
  { replicas: count, selector: labels, template, minReadySeconds: count },
  { check: checkPairs },
);

function checkPairs(spec: PlainObject, context: Context): void {
  const selector = objectAt(spec, 'selector');
  const pod = objectAt(spec, 'template');
  if (!selector || !pod || hasProblems(labels, selector)) return;
  const podLabels = objectAt(objectAt(pod, 'metadata') ?? {}, 'labels') ?? {};
  if (!selectorMatches(compilePairs(selector as Labels), podLabels as Labels)) {
    context.error('does not match the labels of the template', 'selector');
  }
}

const jobSpecFields: Record<string, Schema> = {
  parallelism: count,
  completions: count,
  backoffLimit: count,
  backoffLimitPerIndex: count,
  maxFailedIndexes: count,
  activeDeadlineSeconds: int64({ min: 0 }),
  ttlSecondsAfterFinished: count,
  completionMode: oneOf('NonIndexed', 'Indexed'),
  selector: labelSelector,
  template: podTemplate('OnFailure', 'Never'),
};
export const jobSpec: Schema = shape(
  'podFailurePolicy successPolicy manualSelector:bool suspend:bool podReplacementPolicy:text managedBy:text',
  jobSpecFields,
  {
    required: ['template'],
    check(spec, context) {
      if (spec.completionMode === 'Indexed' && isAbsent(spec, 'completions')) {
        context.error("is required when completionMode is 'Indexed'", 'completions');
      }
    },
  },
);

export const cronJobSpec: Schema = shape(
  'schedule:text timeZone:text suspend:bool',
  {
    startingDeadlineSeconds: int64({ min: 0 }),
    concurrencyPolicy: oneOf('Allow', 'Forbid', 'Replace', ''),
    jobTemplate: shape('', { metadata: anything, spec: jobSpec }, { required: ['spec'] }),
    successfulJobsHistoryLimit: count,
    failedJobsHistoryLimit: count,
  },
  { required: ['schedule', 'jobTemplate'] },
);
