/**
 * Hints of InterPodAffinity. A term's namespaceSelector is matched against the labels the other pod's namespace has now.
 * Source: Kubernetes v1.36, plugins/interpodaffinity/plugin.go.
 */
import { labelOf } from '../../../objects/selectors.ts';
import type { Node, Pod } from '../../../objects/types.ts';
import { type AffinityTerm, affinityTermsOf, namespaceLabelsOf, termMatches } from '../../terms/affinity-terms.ts';
import { Action } from '../events.ts';
import { type Hint, type HintContext, isOwnChange, nodeChange, podChange, type Registration } from './hint.ts';

export const interPodAffinityEvents: readonly Registration[] = [
  { resource: 'Pod', actions: Action.Add | Action.UpdatePodLabel | Action.Delete, hint: otherPodChanged },
  { resource: 'Node', actions: Action.Add | Action.UpdateNodeLabel, hint: nodeChanged },
];

function otherPodChanged(...[pod, event, context]: Parameters<Hint>): boolean {
  const { old, now } = podChange(event);
  // Ours: the pod's own labels decide whether others shun it, and whether it may be the first of its kind.
  if (isOwnChange(pod, event)) return true;
  if ((old && !old.spec.nodeName) || (now && !now.spec.nodeName)) return false;
  const { required, requiredAnti } = affinityTermsOf(pod);
  const isWanted = (other: Pod): boolean => matchesAll(required, other, context);
  // Ours: without any company left, a pod that meets its own terms may be the first of its kind.
  if (old && isWanted(old) && !(now && isWanted(now)) && matchesAll(required, pod, context)) return true;
  const isUnwanted = (other: Pod): boolean => matchesAll(requiredAnti, other, context);
  if (old && now) return (!isWanted(old) && isWanted(now)) || (isUnwanted(old) && !isUnwanted(now));
  if (now) return isWanted(now);
  return old !== undefined && (isUnwanted(old) || matchesAll(affinityTermsOf(old).requiredAnti, pod, context));
}

/** One pod must satisfy every term; no terms match nothing. */
function matchesAll(terms: readonly AffinityTerm[], other: Pod, { listers }: HintContext): boolean {
  if (terms.length === 0) return false;
  const labels = namespaceLabelsOf(other, listers);
  return terms.every((term) => termMatches(term, other, labels));
}

/**
 * Affinity: the node came into a domain. Anti-affinity: it came into another domain or left all. A pod without terms was
 * kept away by the anti-affinity of others: a new node, and any new label, may be outside their domains.
 */
function nodeChanged(...[pod, event]: Parameters<Hint>): boolean {
  const { old, now } = nodeChange(event);
  if (!now) return false;
  const { required, requiredAnti } = affinityTermsOf(pod);
  if (required.length === 0 && requiredAnti.length === 0) return true;
  const moved = ({ topologyKey }: AffinityTerm): boolean =>
    !old || domainOf(old, topologyKey) !== domainOf(now, topologyKey);
  return (
    required.some((term) => domainOf(now, term.topologyKey) !== undefined && moved(term)) || requiredAnti.some(moved)
  );
}

function domainOf(node: Node, topologyKey: string): string | undefined {
  return labelOf(node.metadata.labels, topologyKey);
}
