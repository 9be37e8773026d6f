/**
 * matchLabelKeys and mismatchLabelKeys of affinity terms and spread constraints, resolved when a pod is created.
 * Source: Kubernetes v1.36, pkg/registry/core/pod/strategy.go.
 */
import type {
  Affinity,
  LabelSelector,
  LabelSelectorRequirement,
  Labels,
  PodAffinity,
  PodAffinityTerm,
  PodSpec,
} from '../types.ts';

/** The spec with the pod's own values of the listed label keys merged into its selectors. */
export function withMergedLabelKeys(spec: PodSpec, labels: Labels): PodSpec {
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
