/**
 * Which pods a quota speaks of: scopes and a selector over scopes, all of which must hold.
 * Source: Kubernetes v1.36, pkg/quota/v1/evaluator/core/pods.go (podMatchesScopeFunc), pkg/apis/core/v1/helper/qos.
 */
import { type Container, nanoOf, type Pod, type ResourceList } from '../../../../core/index.ts';
import type { ResourceQuota, ScopeRequirement } from './quota.ts';

/** A plain scope is the requirement that it exists. */
export function requirementsOf({ spec }: ResourceQuota): ScopeRequirement[] {
  const plain = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }));
  return [...plain, ...(spec?.scopeSelector?.matchExpressions ?? [])];
}

export function podMatches(requirement: ScopeRequirement, pod: Pod): boolean {
  const { activeDeadlineSeconds } = pod.spec as { activeDeadlineSeconds?: number };
  switch (requirement.scopeName) {
    case 'Terminating':
      return activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0;
    case 'NotTerminating':
      return activeDeadlineSeconds === undefined || activeDeadlineSeconds < 0;
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass':
      return classMatches(requirement, pod.spec.priorityClassName ?? '');
    case 'CrossNamespacePodAffinity':
      return usesOtherNamespaces(pod);
    default:
      return false;
  }
}

/** An empty name is no class: In never matches it, NotIn does unless '' is listed. */
function classMatches({ operator, values = [] }: ScopeRequirement, name: string): boolean {
  switch (operator) {
    case 'Exists':
      return name !== '';
    case 'DoesNotExist':
      return name === '';
    case 'In':
      return values.includes(name);
    case 'NotIn':
      return !values.includes(name);
    default:
      return false;
  }
}

const COMPUTE = ['cpu', 'memory'];

/** No container, nor the pod itself, asks for or is limited in cpu or memory. */
function isBestEffort({ spec }: Pod): boolean {
  const asks = (list: ResourceList | undefined): boolean => COMPUTE.some((name) => nanoOf(list?.[name]) > 0n);
  const uses = ({ resources }: Pick<Container, 'resources'>): boolean =>
    asks(resources?.requests) || asks(resources?.limits);
  return ![...spec.containers, ...(spec.initContainers ?? []), spec].some(uses);
}

function usesOtherNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  return [podAffinity, podAntiAffinity].some((affinity) => {
    const required = affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const terms = [...required, ...preferred.map(({ podAffinityTerm }) => podAffinityTerm)];
    return terms.some(({ namespaces, namespaceSelector }) => namespaces?.length || namespaceSelector);
  });
}
