/** Hard topology spread constraints held when the pod was placed. Asked before the pod joins the others. */
import {
  compileNodeSelector,
  isHardTaint,
  isTerminating,
  type LabelSelector,
  type Node,
  namespaceOf,
  nodeTermMatches,
  type Pod,
  type TopologySpreadConstraint,
  toleratedByAny,
} from '../../core/index.ts';
import { matches } from './affinity.ts';
import type { Placements } from './placements.ts';

export function spreadProblems(placements: Placements, pod: Pod, node: Node): string[] {
  const hard = (pod.spec.topologySpreadConstraints ?? []).filter((one) => one.whenUnsatisfiable === 'DoNotSchedule');
  const problems: string[] = [];
  for (const constraint of hard) {
    const key = constraint.topologyKey;
    const value = node.metadata.labels?.[key];
    if (value === undefined) {
      problems.push(`pod ${pod.metadata.name} on ${node.metadata.name}: the node has no ${key} to spread over`);
      continue;
    }
    const counts = countDomains(placements, pod, constraint, hard);
    const fewest = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values());
    const self = matches(selectorOf(constraint, pod), pod.metadata.labels) ? 1 : 0;
    const skew = (counts.get(value) ?? 0) + self - (counts.size === 0 ? 0 : fewest);
    if (skew > constraint.maxSkew) {
      problems.push(
        `pod ${pod.metadata.name} on ${node.metadata.name}: skew ${skew} over ${key}, at most ${constraint.maxSkew}`,
      );
    }
  }
  return problems;
}

/** Matching pods per domain; a domain without any counts as 0 as soon as one node of it is eligible. */
function countDomains(
  placements: Placements,
  pod: Pod,
  constraint: TopologySpreadConstraint,
  hard: readonly TopologySpreadConstraint[],
): Map<string, number> {
  const selector = selectorOf(constraint, pod);
  const empty = selector !== undefined && isEmpty(selector);
  const counts = new Map<string, number>();
  for (const node of placements.nodes.values()) {
    const labels = node.metadata.labels ?? {};
    if (!hard.every(({ topologyKey }) => topologyKey in labels) || !isEligible(pod, node, constraint)) continue;
    let count = 0;
    for (const other of empty ? [] : placements.podsOn(node.metadata.name)) {
      const counted = namespaceOf(other) === namespaceOf(pod) && !isTerminating(other);
      if (counted && matches(selector, other.metadata.labels)) count++;
    }
    const value = labels[constraint.topologyKey];
    counts.set(value, (counts.get(value) ?? 0) + count);
  }
  return counts;
}

function isEligible(pod: Pod, node: Node, constraint: TopologySpreadConstraint): boolean {
  if ((constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor' && !wants(pod, node)) return false;
  if ((constraint.nodeTaintsPolicy ?? 'Ignore') === 'Ignore') return true;
  return (node.spec?.taints ?? []).every((taint) => !isHardTaint(taint) || toleratedByAny(pod.spec.tolerations, taint));
}

function wants({ spec }: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (!Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required) return true;
  return compileNodeSelector(required).some((term) => nodeTermMatches(term, labels, node.metadata.name));
}

/** With matchLabelKeys merged in, as the API server does. */
function selectorOf({ labelSelector, matchLabelKeys }: TopologySpreadConstraint, pod: Pod): LabelSelector | undefined {
  if (!labelSelector) return undefined;
  const own = (matchLabelKeys ?? []).filter((key) => pod.metadata.labels?.[key] !== undefined);
  if (own.length === 0) return labelSelector;
  const merged = own.map((key) => ({ key, operator: 'In', values: [pod.metadata.labels?.[key] ?? ''] }));
  return { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...merged] };
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}
