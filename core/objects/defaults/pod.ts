/**
 * What a pod has gained by the time the scheduler sees it: API defaults, then admission (runtime class, priority,
 * tolerations), then the label keys merged into selectors (label-keys.ts).
 * Source: Kubernetes v1.36, pkg/apis/core/v1/defaults.go, plugin/pkg/admission/{priority,defaulttolerationseconds},
 * plugin/pkg/admission/runtimeclass.
 */
import type { Container, Pod, PodSpec, Toleration } from '../types.ts';
import type { DefaultsContext } from './context.ts';
import { withMergedLabelKeys } from './label-keys.ts';
import { defaultPodResources, roundedUp } from './resources.ts';

export function defaultPod(pod: Pod, context: DefaultsContext): Pod {
  let spec: PodSpec = {
    ...defaultPodResources(pod),
    restartPolicy: pod.spec.restartPolicy || 'Always',
    schedulerName: pod.spec.schedulerName || 'default-scheduler',
  };
  spec = withPorts(spec);
  spec = withRuntimeClass(spec, context);
  spec = withPriority(spec, context);
  spec = withNodeTolerations(spec);
  return { ...pod, spec: withMergedLabelKeys(spec, pod.metadata.labels ?? {}) };
}

function withPorts(spec: PodSpec): PodSpec {
  const fill = (container: Container): Container => {
    if (!container.ports) return container;
    const ports = container.ports.map((port) => {
      const filled = { ...port, protocol: port.protocol || 'TCP' };
      if (spec.hostNetwork && !port.hostPort) filled.hostPort = port.containerPort;
      return filled;
    });
    return { ...container, ports };
  };
  const { containers, initContainers } = spec;
  return {
    ...spec,
    containers: containers.map(fill),
    ...(initContainers && { initContainers: initContainers.map(fill) }),
  };
}

/** Overhead, node selector and tolerations of the pod's runtime class; a class that is not there changes nothing. */
export function withRuntimeClass(spec: PodSpec, { runtimeClasses }: DefaultsContext): PodSpec {
  const name = spec.runtimeClassName;
  const found = typeof name === 'string' ? runtimeClasses?.get(name) : undefined;
  if (!found) return spec;
  const { overhead, scheduling } = found;
  const tolerations = [...(spec.tolerations ?? [])];
  for (const toleration of scheduling?.tolerations ?? []) {
    if (!tolerations.some((has) => sameToleration(has, toleration))) tolerations.push(toleration);
  }
  return {
    ...spec,
    ...(!spec.overhead && overhead?.podFixed && { overhead: roundedUp(overhead.podFixed) }),
    ...(scheduling?.nodeSelector && { nodeSelector: { ...scheduling.nodeSelector, ...spec.nodeSelector } }),
    ...(tolerations.length > 0 && { tolerations }),
  };
}

function sameToleration(a: Toleration, b: Toleration): boolean {
  return (['key', 'operator', 'value', 'effect', 'tolerationSeconds'] as const).every(
    (field) => (a[field] ?? '') === (b[field] ?? ''),
  );
}

const PREEMPT = 'PreemptLowerPriority';

/** A priority that is there already stays: it was computed when the pod was created. */
function withPriority(spec: PodSpec, { priorityClasses, globalDefault }: DefaultsContext): PodSpec {
  const decided = spec.priority !== undefined;
  const named = spec.priorityClassName ? priorityClasses?.get(spec.priorityClassName) : undefined;
  const found = named ?? (spec.priorityClassName || decided ? undefined : globalDefault);
  if (!found) {
    // An unknown class is the caller's to report; without a class the priority is 0.
    const priority = spec.priority ?? (spec.priorityClassName ? undefined : 0);
    return { ...spec, ...(priority !== undefined && { priority }), preemptionPolicy: spec.preemptionPolicy ?? PREEMPT };
  }
  return {
    ...spec,
    priorityClassName: found.metadata.name,
    priority: spec.priority ?? found.value,
    preemptionPolicy: spec.preemptionPolicy ?? found.preemptionPolicy ?? PREEMPT,
  };
}

const EVICTING_TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Five minutes' grace on a node that has gone away, unless the pod says otherwise. */
export function withNodeTolerations(spec: PodSpec): PodSpec {
  const tolerations = [...(spec.tolerations ?? [])];
  for (const key of EVICTING_TAINTS) {
    const covered = spec.tolerations?.some(
      (has) => (!has.key || has.key === key) && (!has.effect || has.effect === 'NoExecute'),
    );
    if (!covered) tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
  }
  return { ...spec, tolerations };
}
