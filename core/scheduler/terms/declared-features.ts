/**
 * Which node features a pod's spec calls for (a node lists its own in status.declaredFeatures). Of the features known to
 * 1.36 these two are inferred when a pod is scheduled; the others concern updates of running pods.
 * Source: Kubernetes v1.36, component-helpers/nodedeclaredfeatures/features.
 */
import type { Pod } from '../../objects/types.ts';

export function requiredFeaturesOf({ spec }: Pod): string[] {
  const features: string[] = [];
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  if (containers.some(({ restartPolicyRules }) => restartsAll(restartPolicyRules))) {
    features.push('RestartAllContainersOnContainerExits');
  }
  if (spec.hostNetwork && spec.hostUsers === false) features.push('UserNamespacesHostNetworkSupport');
  return features;
}

function restartsAll(rules: unknown): boolean {
  return (
    Array.isArray(rules) && rules.some((rule: { action?: unknown } | null) => rule?.action === 'RestartAllContainers')
  );
}
