/**
 * What a pod has gained by the time the scheduler sees it: API defaults, then admission (runtime class, priority,
 * tolerations), then the label keys merged into selectors.
 * Source: Kubernetes v1.36, pkg/apis/core/v1/defaults.go, plugin/pkg/admission/{priority,defaulttolerationseconds},
 * plugin/pkg/admission/runtimeclass, pkg/registry/core/pod/strategy.go.
 */
import type {
  Affinity,
  Container,
  LabelSelector,
  LabelSelectorRequirement,
  Labels,
  Pod,
  PodAffinity,
  PodAffinityTerm,
  PodSpec,
  Toleration,
} from '../types.ts';
import type { DefaultsContext } from './context.ts';
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

function withRuntimeClass(spec: PodSpec, { runtimeClasses }: DefaultsContext): PodSpec {
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
function withNodeTolerations(spec: PodSpec): PodSpec {
  const tolerations = [...(spec.tolerations ?? [])];
  for (const key of EVICTING_TAINTS) {
    const covered = spec.tolerations?.some(
      (has) => (!has.key || has.key === key) && (!has.effect || has.effect === 'NoExecute'),
    );
    if (!covered) tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
  }
  return { ...spec, tolerations };
}

// --- matchLabelKeys and mismatchLabelKeys --------------------------------------------------------------------------

function withMergedLabelKeys(spec: PodSpec, labels: Labels): PodSpec {
  const { affinity, topologySpreadConstraints } = spec;
  return {
    ...spec,
    ...(affinity && { affinity: mergedAffinity(affinity, labels) }),
    ...(topologySpreadConstraints && {
      topologySpreadConstraints: topologySpreadConstraints.map((constraint) => merged(constraint, labels)),
    }),
  };
}

function mergedAffinity(affinity: Affinity, labels: Labels): Affinity {
  const { podAffinity, podAntiAffinity } = affinity;
  return {
    ...affinity,
    ...(podAffinity && { podAffinity: mergedTerms(podAffinity, labels) }),
    ...(podAntiAffinity && { podAntiAffinity: mergedTerms(podAntiAffinity, labels) }),
  };
}

function mergedTerms(affinity: PodAffinity, labels: Labels): PodAffinity {
  const {
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred,
  } = affinity;
  return {
    ...affinity,
    ...(required && {
      requiredDuringSchedulingIgnoredDuringExecution: required.map((term) => merged(term, labels)),
    }),
    ...(preferred && {
      preferredDuringSchedulingIgnoredDuringExecution: preferred.map((weighted) => ({
        ...weighted,
        podAffinityTerm: merged(weighted.podAffinityTerm, labels),
      })),
    }),
  };
}

type WithLabelKeys = Pick<PodAffinityTerm, 'labelSelector' | 'matchLabelKeys' | 'mismatchLabelKeys'>;

/** The pod's own values of these labels become requirements; the lists of keys stay. A nil selector stays nil. */
function merged<T extends WithLabelKeys>(term: T, labels: Labels): T {
  if (!term.labelSelector) return term;
  const more: LabelSelectorRequirement[] = [];
  const add = (keys: string[] | undefined, operator: 'In' | 'NotIn'): void => {
    for (const key of keys ?? []) {
      if (!Object.hasOwn(labels, key)) continue;
      const requirement = { key, operator, values: [labels[key]] };
      if (!hasRequirement(term.labelSelector, requirement)) more.push(requirement);
    }
  };
  add(term.matchLabelKeys, 'In');
  add(term.mismatchLabelKeys, 'NotIn');
  if (more.length === 0) return term;
  const matchExpressions = [...(term.labelSelector.matchExpressions ?? []), ...more];
  return { ...term, labelSelector: { ...term.labelSelector, matchExpressions } };
}

function hasRequirement(selector: LabelSelector | undefined, wanted: LabelSelectorRequirement): boolean {
  return Boolean(
    selector?.matchExpressions?.some(
      ({ key, operator, values }) =>
        key === wanted.key && operator === wanted.operator && values?.length === 1 && values[0] === wanted.values?.[0],
    ),
  );
}
