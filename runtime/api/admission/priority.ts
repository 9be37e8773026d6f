/**
 * The name of a priority class becomes its value; one class at most is for pods that name none.
 * Source: Kubernetes v1.36, plugin/pkg/admission/priority/admission.go.
 */
import { type Pod, type PriorityClass, SYSTEM_PRIORITY_CLASSES } from '../../../core/index.ts';
import { forbidden } from '../http/status.ts';
import type { ObjectsView } from '../objects-view.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { isPodCreate, isPods, withSpec } from './pods.ts';

const GROUP = 'scheduling.k8s.io';
const PREEMPT = 'PreemptLowerPriority';

export function priority(view: ObjectsView): AdmissionPlugin {
  return {
    name: 'Priority',
    mutate(request) {
      const pod = request.object as Pod;
      if (isPodCreate(request)) return withPriority(pod, request, view);
      return request.operation === 'UPDATE' && request.subresource === '' && isPods(request)
        ? withOldPriority(pod, request.old as Pod)
        : pod;
    },
    validate(request) {
      const { kind, object, operation } = request;
      if (kind.group !== GROUP || kind.plural !== 'priorityclasses' || operation === 'DELETE') return;
      if ((object as PriorityClass).globalDefault) checkOnlyDefault(object as PriorityClass, view);
    },
  };
}

function withPriority(pod: Pod, request: AdmissionRequest, view: ObjectsView): Pod {
  const { spec } = pod;
  const found = spec.priorityClassName ? named(spec.priorityClassName, request, view) : leastDefault(view);
  const value = found?.value ?? 0;
  const policy = found?.preemptionPolicy ?? PREEMPT;
  const computed = 'priority admission controller computed';
  if (spec.priority !== undefined && spec.priority !== value) {
    const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; ${computed} ${value} from the given PriorityClass name`;
    throw forbidden('', 'pods', request.name, why);
  }
  if (spec.preemptionPolicy && spec.preemptionPolicy !== policy) {
    const why = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; ${computed} ${policy} from the given PriorityClass name`;
    throw forbidden('', 'pods', request.name, why);
  }
  return withSpec(pod, {
    ...spec,
    ...(found && { priorityClassName: found.metadata.name }),
    priority: value,
    preemptionPolicy: policy,
  });
}

/** Replacing a pod by a manifest without these two keeps them. */
function withOldPriority(pod: Pod, old: Pod): Pod {
  const { priority, preemptionPolicy } = old.spec;
  const keeps = pod.spec.priority === undefined && priority !== undefined;
  const keepsPolicy = pod.spec.preemptionPolicy === undefined && preemptionPolicy !== undefined;
  if (!keeps && !keepsPolicy) return pod;
  return withSpec(pod, { ...pod.spec, ...(keeps && { priority }), ...(keepsPolicy && { preemptionPolicy }) });
}

function named(name: string, request: AdmissionRequest, view: ObjectsView): PriorityClass {
  const found =
    view.get(GROUP, 'priorityclasses', '', name) ??
    SYSTEM_PRIORITY_CLASSES.find(({ metadata }) => metadata.name === name);
  if (found) return found as PriorityClass;
  throw forbidden('', 'pods', request.name, `no PriorityClass with name ${name} was found`);
}

/** Of several defaults, which only a race can leave, the smallest value counts. */
function leastDefault(view: ObjectsView): PriorityClass | undefined {
  let least: PriorityClass | undefined;
  for (const object of view.list(GROUP, 'priorityclasses')) {
    const candidate = object as PriorityClass;
    if (candidate.globalDefault && (!least || candidate.value < least.value)) least = candidate;
  }
  return least;
}

function checkOnlyDefault({ metadata }: PriorityClass, view: ObjectsView): void {
  for (const other of view.list(GROUP, 'priorityclasses')) {
    if (other.metadata.name === metadata.name || !(other as PriorityClass).globalDefault) continue;
    const why = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`;
    throw forbidden(GROUP, 'priorityclasses', metadata.name, why);
  }
}
