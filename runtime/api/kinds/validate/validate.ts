/** An object's problems as the causes of a 422: core's schemas where the scheduler reads the kind, our own elsewhere. */
import {
  Context,
  type KubeObject,
  lookUpKind,
  objectAt,
  type PlainObject,
  type Schema,
} from '../../../../core/objects/index.ts';
import type { Cause } from '../kind.ts';
import { causeOf, forbidden } from './causes.ts';
import { certificateRequestCauses } from './certificate-request.ts';
import { eventCauses } from './event.ts';
import { UPDATE_RULES } from './immutable.ts';
import { podSpecCauses } from './pod-rules.ts';
import { podUpdateCauses } from './pod-update.ts';
import { scheduleCauses } from './schedule.ts';
import { SCHEMAS } from './schemas.ts';

/** Of a new object, or of an update's result. `apiVersion` is the one the object is stored in. */
export function causesOf(group: string, kind: string, object: KubeObject): Cause[] {
  const schema = SCHEMAS.get(`${group}/${kind}`) ?? coreSchema(object.apiVersion, kind);
  const causes: Cause[] = [];
  if (schema) {
    const context = new Context();
    schema(object, context);
    for (const finding of context.findings) if (finding.severity === 'error') causes.push(causeOf(finding, object));
  }
  const at = TEMPLATES.get(`${group}/${kind}`);
  const spec = at === undefined ? undefined : objectUnder(object as unknown as PlainObject, at);
  if (at !== undefined && spec) causes.push(...podSpecCauses(spec, at));
  if (group === '' && kind === 'Event') causes.push(...eventCauses(object as unknown as PlainObject));
  if (group === 'certificates.k8s.io') causes.push(...certificateRequestCauses(object as unknown as PlainObject));
  if (group === 'batch' && kind === 'CronJob') {
    causes.push(...scheduleCauses(objectAt(object as unknown as PlainObject, 'spec') ?? {}));
  }
  return group === 'apps' && kind === 'StatefulSet' ? causes.filter(({ field }) => !isUnjudged(field)) : causes;
}

const SET_TEMPLATE = 'spec.template.spec';
const OF_SET_TEMPLATE = ['restartPolicy', 'activeDeadlineSeconds'].map((field) => `${SET_TEMPLATE}.${field}`);

/** Kubernetes leaves the pods of a StatefulSet unjudged until they are made: a pod that cannot be is an event then. */
function isUnjudged(field: string): boolean {
  return field.startsWith(`${SET_TEMPLATE}.`) && !OF_SET_TEMPLATE.includes(field);
}

/** Of a pod as it is created: what only a subresource may add. */
export function newPodCauses(pod: KubeObject): Cause[] {
  const spec = objectAt(pod as unknown as PlainObject, 'spec') ?? {};
  if (!Array.isArray(spec.ephemeralContainers) || spec.ephemeralContainers.length === 0) return [];
  return [forbidden('spec.ephemeralContainers', 'cannot be set on create')];
}

/** What the update may not change. */
export function updateCauses(group: string, kind: string, next: KubeObject, old: KubeObject): Cause[] {
  const [after, before] = [next, old] as unknown as [PlainObject, PlainObject];
  if (group === '' && kind === 'Pod') return podUpdateCauses(after, before);
  return UPDATE_RULES.get(`${group}/${kind}`)?.(after, before) ?? [];
}

/** Where a kind keeps the spec of pods. */
const TEMPLATES: ReadonlyMap<string, string> = new Map([
  ['/Pod', 'spec'],
  ['/PodTemplate', 'template.spec'],
  ['/ReplicationController', 'spec.template.spec'],
  ['apps/Deployment', 'spec.template.spec'],
  ['apps/ReplicaSet', 'spec.template.spec'],
  ['apps/DaemonSet', 'spec.template.spec'],
  ['batch/Job', 'spec.template.spec'],
  ['batch/CronJob', 'spec.jobTemplate.spec.template.spec'],
]);

function objectUnder(object: PlainObject, path: string): PlainObject | undefined {
  let at: PlainObject | undefined = object;
  for (const field of path.split('.')) at = at && objectAt(at, field);
  return at;
}

function coreSchema(apiVersion: string, kind: string): Schema | undefined {
  const verdict = lookUpKind(apiVersion, kind);
  return 'known' in verdict ? verdict.known.schema : undefined;
}
