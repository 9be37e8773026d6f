/**
 * Required inter-pod affinity and anti-affinity held when the pod was placed. Asked before the pod joins the others.
 * Later arrivals may break an affinity, never an anti-affinity: theirs is checked against those already there.
 */
import {
  compileLabelSelector,
  type LabelSelector,
  type Node,
  namespaceOf,
  type Pod,
  type PodAffinityTerm,
  selectorMatches,
} from '../../core/index.ts';
import type { Placements } from './placements.ts';

export function affinityProblems(placements: Placements, pod: Pod, node: Node): string[] {
  const problems: string[] = [];
  const say = (what: string): void => void problems.push(`pod ${pod.metadata.name} on ${node.metadata.name}: ${what}`);
  const others = [...placements.placed()];
  const affine = pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const friends = others.filter((other) => affine.every((term) => concerns(placements, pod, term, other.pod)));

  for (const term of affine) {
    const { topologyKey } = term;
    if (domain(node, topologyKey) === undefined) say(`the node has no ${topologyKey}, which its affinity names`);
    else if (friends.some((friend) => together(friend.node, node, topologyKey))) continue;
    // The first of its kind may go anywhere: nobody who would match stands in any domain, and it matches itself.
    else if (affine.some(({ topologyKey: key }) => friends.some((friend) => domain(friend.node, key) !== undefined))) {
      say(`no pod its affinity asks for is in the same ${topologyKey}`);
    } else if (!affine.every((own) => concerns(placements, pod, own, pod))) {
      say(`no pod its affinity asks for is anywhere, and it does not match itself`);
    }
  }
  for (const term of pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    const foe = others.find((other) => hits(placements, pod, term, other.pod, other.node, node));
    if (foe) say(`pod ${foe.pod.metadata.name}, which it shuns, is in the same ${term.topologyKey}`);
  }
  for (const other of others) {
    const terms = other.pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const term = terms.find((one) => hits(placements, other.pod, one, pod, other.node, node));
    if (term) say(`pod ${other.pod.metadata.name}, which shuns it, is in the same ${term.topologyKey}`);
  }
  return problems;
}

function hits(placements: Placements, owner: Pod, term: PodAffinityTerm, other: Pod, a: Node, b: Node): boolean {
  return together(a, b, term.topologyKey) && concerns(placements, owner, term, other);
}

function domain(node: Node, key: string): string | undefined {
  return node.metadata.labels?.[key];
}

function together(a: Node, b: Node, key: string): boolean {
  return domain(a, key) !== undefined && domain(a, key) === domain(b, key);
}

/** Does the term, which stands in `owner`, speak of `other`? */
function concerns(placements: Placements, owner: Pod, term: PodAffinityTerm, other: Pod): boolean {
  const { namespaces = [], namespaceSelector } = term;
  const namespace = namespaceOf(other);
  const own = namespaces.length === 0 && !namespaceSelector;
  const inNamespace = own
    ? namespace === namespaceOf(owner)
    : namespaces.includes(namespace) || matches(namespaceSelector, placements.namespaces.get(namespace));
  return inNamespace && matches(term.labelSelector, other.metadata.labels);
}

/** A missing selector matches nothing, and so does a malformed one. */
export function matches(selector: LabelSelector | undefined, labels: Record<string, string> | undefined): boolean {
  const compiled = compileLabelSelector(selector);
  return compiled !== undefined && selectorMatches(compiled, labels);
}
