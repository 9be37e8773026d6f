/**
 * A pod's runtime class says what its sandbox takes and where it can run.
 * Source: Kubernetes v1.36, plugin/pkg/admission/runtimeclass/admission.go.
 */
import {
  nanoOf,
  type Pod,
  type PodSpec,
  type QuantityText,
  type ResourceList,
  type RuntimeClass,
  withRuntimeClass,
} from '../../../core/index.ts';
import { forbidden } from '../http/status.ts';
import type { ObjectsView } from '../objects-view.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { isPodCreate, withSpec } from './pods.ts';

export function runtimeClass(view: ObjectsView): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    mutate(request) {
      const pod = request.object as Pod;
      if (!isPodCreate(request)) return pod;
      const found = classOf(pod.spec, request, view);
      if (!found) return pod;
      checkNodeSelector(pod.spec, found, request);
      const runtimeClasses = new Map([[found.metadata.name, found]]);
      return withSpec(pod, withRuntimeClass(pod.spec, { runtimeClasses }));
    },
    validate(request) {
      if (!isPodCreate(request)) return;
      const { spec } = request.object as Pod;
      const found = classOf(spec, request, view);
      if (spec.overhead) checkOverhead(spec.overhead, found?.overhead?.podFixed, request);
    },
  };
}

function classOf(spec: PodSpec, request: AdmissionRequest, view: ObjectsView): RuntimeClass | undefined {
  const name = spec.runtimeClassName;
  if (typeof name !== 'string' || name === '') return undefined;
  const found = view.get('node.k8s.io', 'runtimeclasses', '', name) as RuntimeClass | undefined;
  if (!found) throw refused(request, `pod rejected: RuntimeClass "${name}" not found`);
  return found;
}

function checkOverhead(overhead: ResourceList, fixed: ResourceList | undefined, request: AdmissionRequest): void {
  if (!fixed) {
    throw refused(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
  }
  if (equalLists(overhead, fixed)) return;
  throw refused(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
}

function equalLists(a: ResourceList, b: ResourceList): boolean {
  const names = Object.keys({ ...a, ...b });
  return names.every(
    (name) => Object.hasOwn(a, name) && Object.hasOwn(b, name) && milliOf(a[name]) === milliOf(b[name]),
  );
}

/** Rounded up to thousandths, as defaults round what a pod carries. */
function milliOf(quantity: QuantityText): bigint {
  return (nanoOf(quantity) + 999_999n) / 1_000_000n;
}

function checkNodeSelector(
  { nodeSelector = {} }: PodSpec,
  { scheduling }: RuntimeClass,
  request: AdmissionRequest,
): void {
  for (const [key, value] of Object.entries(scheduling?.nodeSelector ?? {})) {
    if (!Object.hasOwn(nodeSelector, key) || nodeSelector[key] === value) continue;
    const why = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${nodeSelector[key]}`;
    throw refused(request, why);
  }
}

function refused({ name }: AdmissionRequest, why: string): Error {
  return forbidden('', 'pods', name, why);
}
