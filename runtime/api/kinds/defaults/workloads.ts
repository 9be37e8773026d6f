/** Owners of pods. Source: Kubernetes v1.36, defaults.go in pkg/apis/core, apps, batch and autoscaling. */

import { listAt, objectAt, type PlainObject, textAt } from '../../../../core/objects/index.ts';
import { put, within } from './fill.ts';
import { fillTemplate } from './pod-spec.ts';

const INT32_MAX = 2 ** 31 - 1;
const REVISIONS_KEPT = 10;

export function fillDeployment(deployment: PlainObject): void {
  const spec = within(deployment, 'spec');
  put(spec, 'replicas', 1);
  const strategy = within(spec, 'strategy');
  put(strategy, 'type', 'RollingUpdate');
  if (strategy.type === 'RollingUpdate') {
    const rolling = within(strategy, 'rollingUpdate');
    put(rolling, 'maxUnavailable', '25%');
    put(rolling, 'maxSurge', '25%');
  }
  put(spec, 'revisionHistoryLimit', REVISIONS_KEPT);
  put(spec, 'progressDeadlineSeconds', 600);
  fillTemplate(spec);
}

export function fillReplicaSet(replicaSet: PlainObject): void {
  const spec = within(replicaSet, 'spec');
  put(spec, 'replicas', 1);
  fillTemplate(spec);
}

/** Selector and labels follow from the template. */
export function fillReplicationController(controller: PlainObject): void {
  const spec = within(controller, 'spec');
  put(spec, 'replicas', 1);
  fillTemplate(spec);
  const labels = objectAt(objectAt(objectAt(spec, 'template') ?? {}, 'metadata') ?? {}, 'labels');
  if (!labels || Object.keys(labels).length === 0) return;
  if (Object.keys(objectAt(spec, 'selector') ?? {}).length === 0) spec.selector = { ...labels };
  labelled(controller, labels);
}

function labelled(object: PlainObject, labels: PlainObject): void {
  const metadata = within(object, 'metadata');
  if (Object.keys(objectAt(metadata, 'labels') ?? {}).length === 0) metadata.labels = { ...labels };
}

export function fillStatefulSet(set: PlainObject): void {
  const spec = within(set, 'spec');
  put(spec, 'podManagementPolicy', 'OrderedReady');
  put(spec, 'replicas', 1);
  put(spec, 'revisionHistoryLimit', REVISIONS_KEPT);
  const strategy = within(spec, 'updateStrategy');
  put(strategy, 'type', 'RollingUpdate');
  if (strategy.type === 'RollingUpdate') put(within(strategy, 'rollingUpdate'), 'partition', 0);
  const retention = within(spec, 'persistentVolumeClaimRetentionPolicy');
  put(retention, 'whenDeleted', 'Retain');
  put(retention, 'whenScaled', 'Retain');
  for (const claim of listAt(spec, 'volumeClaimTemplates')) {
    put(claim, 'apiVersion', 'v1');
    put(claim, 'kind', 'PersistentVolumeClaim');
    put(within(claim, 'spec'), 'volumeMode', 'Filesystem');
    put(within(claim, 'status'), 'phase', 'Pending');
  }
  fillTemplate(spec);
}

export function fillDaemonSet(set: PlainObject): void {
  const spec = within(set, 'spec');
  const strategy = within(spec, 'updateStrategy');
  put(strategy, 'type', 'RollingUpdate');
  if (strategy.type === 'RollingUpdate') {
    const rolling = within(strategy, 'rollingUpdate');
    put(rolling, 'maxUnavailable', 1);
    put(rolling, 'maxSurge', 0);
  }
  put(spec, 'revisionHistoryLimit', REVISIONS_KEPT);
  fillTemplate(spec);
}

/** One pod, unless the pods of a work queue decide by themselves when they are done. */
export function fillJob(job: PlainObject): void {
  const spec = within(job, 'spec');
  const counts = ['completions', 'parallelism'].map((field) => spec[field] ?? undefined);
  if (counts[0] === undefined && counts[1] === undefined) spec.completions = 1;
  put(spec, 'parallelism', 1);
  put(spec, 'backoffLimit', spec.backoffLimitPerIndex === undefined ? 6 : INT32_MAX);
  put(spec, 'completionMode', 'NonIndexed');
  put(spec, 'suspend', false);
  put(spec, 'manualSelector', false);
  put(spec, 'podReplacementPolicy', spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed');
  for (const rule of listAt(objectAt(spec, 'podFailurePolicy') ?? {}, 'rules')) {
    for (const pattern of listAt(rule, 'onPodConditions')) put(pattern, 'status', 'True');
  }
  fillTemplate(spec);
  const labels = objectAt(objectAt(objectAt(spec, 'template') ?? {}, 'metadata') ?? {}, 'labels');
  if (labels) labelled(job, labels);
}

export function fillCronJob(cronJob: PlainObject): void {
  const spec = within(cronJob, 'spec');
  put(spec, 'concurrencyPolicy', 'Allow');
  put(spec, 'suspend', false);
  put(spec, 'successfulJobsHistoryLimit', 3);
  put(spec, 'failedJobsHistoryLimit', 1);
  const template = within(spec, 'jobTemplate');
  within(template, 'metadata');
  fillTemplate(within(template, 'spec'));
}

export function fillPodTemplate(template: PlainObject): void {
  fillTemplate(template);
}

/** autoscaling/v2; version 1 is turned into it before. */
export function fillAutoscaler(autoscaler: PlainObject): void {
  const spec = within(autoscaler, 'spec');
  put(spec, 'minReplicas', 1);
  if (listAt(spec, 'metrics').length === 0) {
    const target = { type: 'Utilization', averageUtilization: 80 };
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
  const behavior = objectAt(spec, 'behavior');
  if (behavior) fillScaling(behavior);
}

/** Up at once, by four pods or double; down after five minutes' thought. */
function fillScaling(behavior: PlainObject): void {
  const up = within(behavior, 'scaleUp');
  put(up, 'stabilizationWindowSeconds', 0);
  put(up, 'selectPolicy', 'Max');
  const doubling = { type: 'Percent', value: 100, periodSeconds: 15 };
  put(up, 'policies', [{ type: 'Pods', value: 4, periodSeconds: 15 }, doubling]);
  const down = within(behavior, 'scaleDown');
  put(down, 'selectPolicy', 'Max');
  put(down, 'policies', [doubling]);
}

/** A Job's own labels on its pods and, unless the author selects by hand, its selector. Source: batch/job/strategy.go. */
export function withGeneratedSelector(job: PlainObject): PlainObject {
  const metadata = within(job, 'metadata');
  const spec = within(job, 'spec');
  if (spec.manualSelector === true) return job;
  const uid = textAt(metadata, 'uid') ?? '';
  const name = textAt(metadata, 'name') ?? '';
  const labels = within(within(within(spec, 'template'), 'metadata'), 'labels');
  for (const [key, value] of [
    ['controller-uid', uid],
    ['job-name', name],
  ]) {
    put(labels, key, value);
    put(labels, `batch.kubernetes.io/${key}`, value);
  }
  const selector = within(spec, 'selector');
  put(within(selector, 'matchLabels'), 'batch.kubernetes.io/controller-uid', uid);
  return job;
}
