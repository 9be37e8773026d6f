/** Owners of pods as `kubectl get` shows them. Source: Kubernetes v1.36, pkg/printers/internalversion/printers.go. */
import type { KubeObject } from '../../../../core/objects/index.ts';
import type { Column } from '../kind.ts';
import {
  AGE,
  age,
  at,
  column,
  counted,
  duration,
  listOf,
  NONE,
  numberOf,
  orNone,
  pairsText,
  selectorText,
  textOf,
  wide,
} from './cell.ts';

const images = (path: string) => (object: KubeObject) =>
  listOf(object, `${path}.containers`)
    .map(({ image }) => image)
    .join(',');
const containers = (path: string) => (object: KubeObject) =>
  listOf(object, `${path}.containers`)
    .map(({ name }) => name)
    .join(',');

const ofTemplate = (path = 'spec.template.spec'): Column[] => [
  wide('Containers', containers(path), 'Names of the containers in the template.'),
  wide('Images', images(path), 'Images of the containers in the template.'),
];
const selector = wide('Selector', (object) => selectorText(at(object, 'spec.selector')), 'Which pods belong to it.');

export const deploymentColumns: readonly Column[] = [
  column(
    'Ready',
    (object) => `${numberOf(object, 'status.readyReplicas')}/${numberOf(object, 'spec.replicas')}`,
    'Ready pods of the wanted ones.',
  ),
  counted('Up-to-date', (object) => numberOf(object, 'status.updatedReplicas')),
  counted('Available', (object) => numberOf(object, 'status.availableReplicas')),
  AGE,
  ...ofTemplate(),
  selector,
];

const replicaCounts: Column[] = [
  counted('Desired', (object) => numberOf(object, 'spec.replicas')),
  counted('Current', (object) => numberOf(object, 'status.replicas')),
  counted('Ready', (object) => numberOf(object, 'status.readyReplicas')),
];

export const replicaSetColumns: readonly Column[] = [...replicaCounts, AGE, ...ofTemplate(), selector];

export const replicationControllerColumns: readonly Column[] = [
  ...replicaCounts,
  AGE,
  ...ofTemplate(),
  wide('Selector', (object) => pairsText(at(object, 'spec.selector')), 'Which pods belong to it.'),
];

export const statefulSetColumns: readonly Column[] = [
  column(
    'Ready',
    (object) => `${numberOf(object, 'status.readyReplicas')}/${numberOf(object, 'spec.replicas')}`,
    'Ready pods of the wanted ones.',
  ),
  AGE,
  ...ofTemplate(),
];

export const daemonSetColumns: readonly Column[] = [
  counted('Desired', (object) => numberOf(object, 'status.desiredNumberScheduled')),
  counted('Current', (object) => numberOf(object, 'status.currentNumberScheduled')),
  counted('Ready', (object) => numberOf(object, 'status.numberReady')),
  counted('Up-to-date', (object) => numberOf(object, 'status.updatedNumberScheduled')),
  counted('Available', (object) => numberOf(object, 'status.numberAvailable')),
  column(
    'Node Selector',
    (object) => pairsText(at(object, 'spec.template.spec.nodeSelector')),
    'Which nodes get a pod.',
  ),
  AGE,
  ...ofTemplate(),
  selector,
];

function jobStatus(job: KubeObject): string {
  const holds = (type: string): boolean =>
    listOf(job, 'status.conditions').some((one) => one.type === type && one.status === 'True');
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  if (holds('Suspended')) return 'Suspended';
  if (holds('FailureTarget')) return 'FailureTarget';
  return holds('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function completions(job: KubeObject): string {
  const wanted = at(job, 'spec.completions');
  if (typeof wanted === 'number') return `${numberOf(job, 'status.succeeded')}/${wanted}`;
  const parallel = numberOf(job, 'spec.parallelism');
  return `${numberOf(job, 'status.succeeded')}/1${parallel > 1 ? ` of ${parallel}` : ''}`;
}

function jobDuration(job: KubeObject, nowMs: number): string {
  const start = Date.parse(textOf(job, 'status.startTime'));
  const end = Date.parse(textOf(job, 'status.completionTime'));
  return Number.isNaN(start) ? '' : duration((Number.isNaN(end) ? nowMs : end) - start);
}

export const jobColumns: readonly Column[] = [
  column('Status', jobStatus, 'How the job is, in one word.'),
  column('Completions', completions, 'Pods that succeeded, of the wanted ones.'),
  column('Duration', jobDuration, 'How long it runs, or ran.'),
  AGE,
  ...ofTemplate(),
  selector,
];

export const cronJobColumns: readonly Column[] = [
  column('Schedule', (object) => textOf(object, 'spec.schedule'), 'When it starts a job.'),
  column('Timezone', (object) => orNone(textOf(object, 'spec.timeZone')), 'Time zone of the schedule.'),
  column('Suspend', (object) => (at(object, 'spec.suspend') === true ? 'True' : 'False'), 'Whether it is held back.'),
  counted('Active', (object) => listOf(object, 'status.active').length),
  column(
    'Last Schedule',
    (object, nowMs) =>
      at(object, 'status.lastScheduleTime') ? age(at(object, 'status.lastScheduleTime'), nowMs) : NONE,
    'When it last started a job.',
  ),
  AGE,
  ...ofTemplate('spec.jobTemplate.spec.template.spec'),
  wide(
    'Selector',
    (object) => selectorText(at(object, 'spec.jobTemplate.spec.selector')),
    'Which pods belong to its jobs.',
  ),
];

/** Of the subresource, whatever it is a part of. */
export const scaleColumns: readonly Column[] = [
  counted('Desired', (object) => numberOf(object, 'spec.replicas')),
  counted('Available', (object) => numberOf(object, 'status.replicas')),
  AGE,
];

export const podTemplateColumns: readonly Column[] = [
  column('Containers', containers('template.spec'), 'Names of the containers.'),
  column('Images', images('template.spec'), 'Images of the containers.'),
  column('Pod Labels', (object) => pairsText(at(object, 'template.metadata.labels')), 'Labels of the pods.'),
];

export const controllerRevisionColumns: readonly Column[] = [
  column(
    'Controller',
    (object) => {
      const owner = object.metadata.ownerReferences?.find(({ controller }) => controller);
      if (!owner) return NONE;
      const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
      return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
    },
    'Whose revision it is.',
  ),
  counted('Revision', (object) => numberOf(object, 'revision')),
  AGE,
];

function metrics(object: KubeObject): string {
  const current = listOf(object, 'status.currentMetrics');
  const parts = listOf(object, 'spec.metrics').map((metric, i) => {
    const source = textOf(metric, 'type');
    const field = `${source.charAt(0).toLowerCase()}${source.slice(1)}`;
    const target = at(metric, `${field}.target`);
    const now = at(current[i] ?? {}, `${field}.current`);
    const utilization = at(target, 'averageUtilization');
    const name = textOf(metric, `${field}.name`) || textOf(metric, `${field}.metric.name`);
    if (utilization !== undefined)
      return `${name}: ${textOf(now, 'averageUtilization') || '<unknown>'}${now ? '%' : ''}/${utilization}%`;
    const wanted = textOf(target, 'averageValue') || textOf(target, 'value');
    const seen = textOf(now, 'averageValue') || textOf(now, 'value') || '<unknown>';
    const label = field === 'resource' || field === 'containerResource' ? `${name}: ` : '';
    return `${label}${seen}/${wanted}${textOf(target, 'averageValue') ? ' (avg)' : ''}`;
  });
  return parts.length === 0 ? NONE : parts.join(', ');
}

export const autoscalerColumns: readonly Column[] = [
  column(
    'Reference',
    (object) => `${textOf(object, 'spec.scaleTargetRef.kind')}/${textOf(object, 'spec.scaleTargetRef.name')}`,
    'What is scaled.',
  ),
  column('Targets', metrics, 'Measured and wanted figures.'),
  column('MinPods', (object) => textOf(object, 'spec.minReplicas') || '<unset>', 'Never fewer pods.'),
  counted('MaxPods', (object) => numberOf(object, 'spec.maxReplicas')),
  counted('Replicas', (object) => numberOf(object, 'status.currentReplicas')),
  AGE,
];

export const budgetColumns: readonly Column[] = [
  column('Min Available', (object) => textOf(object, 'spec.minAvailable') || 'N/A', 'Pods that must stay.'),
  column('Max Unavailable', (object) => textOf(object, 'spec.maxUnavailable') || 'N/A', 'Pods that may be away.'),
  counted('Allowed Disruptions', (object) => numberOf(object, 'status.disruptionsAllowed')),
  AGE,
];
