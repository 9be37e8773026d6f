/** Hints of PodTopologySpread. Source: Kubernetes v1.36, plugins/podtopologyspread/plugin.go. */
import { labelOf, selectorMatches } from '../../../objects/selectors.ts';
import { type Node, namespaceOf, type Pod } from '../../../objects/types.ts';
import { podKey } from '../../framework.ts';
import { hasAllTopologyKeys, type SpreadConstraint, spreadConstraintsOf } from '../../terms/spread-constraints.ts';
import { sameValue } from '../changes.ts';
import { Action } from '../events.ts';
import { type Hint, type HintContext, isOwnChange, nodeChange, podChange, type Registration } from './hint.ts';

export const podTopologySpreadEvents: readonly Registration[] = [
  {
    resource: 'Pod',
    actions: Action.Add | Action.UpdatePodLabel | Action.UpdatePodToleration | Action.Delete,
    hint: countedPodChanged,
  },
  {
    resource: 'Node',
    actions: Action.Add | Action.Delete | Action.UpdateNodeLabel | Action.UpdateNodeTaint,
    hint: countedNodeChanged,
  },
];

function countedPodChanged(...[pod, event, context]: Parameters<Hint>): boolean {
  const { old, now } = podChange(event);
  if ((now && !isInvolved(now, pod)) || (old && !isInvolved(old, pod))) return false;
  const constraints = hardConstraints(pod, context);
  if (!constraints) return true;
  const matches = (other: Pod, { selector }: SpreadConstraint): boolean =>
    selectorMatches(selector, other.metadata.labels);
  if (old && now) {
    const honorsTaints = constraints.some((constraint) => constraint.honorTaints);
    if (honorsTaints && isOwnChange(pod, event) && !sameValue(old.spec.tolerations, now.spec.tolerations)) return true;
    return constraints.some((constraint) => matches(old, constraint) !== matches(now, constraint));
  }
  const other = now ?? old;
  return other !== undefined && constraints.some((constraint) => matches(other, constraint));
}

/** The pod itself, or an assigned one that may be counted for it. */
function isInvolved(other: Pod, pod: Pod): boolean {
  return podKey(other) === podKey(pod) || Boolean(other.spec.nodeName && namespaceOf(other) === namespaceOf(pod));
}

function countedNodeChanged(...[pod, event, context]: Parameters<Hint>): boolean {
  const { old, now } = nodeChange(event);
  const constraints = hardConstraints(pod, context);
  if (!constraints) return true;
  const counted = (node: Node | undefined): boolean =>
    node !== undefined && hasAllTopologyKeys(constraints, node.metadata.labels);
  if (!old || !now) return counted(old ?? now);
  if (counted(old) !== counted(now)) return true;
  return counted(now) && (movedDomain(constraints, old, now) || !sameValue(old.spec?.taints, now.spec?.taints));
}

function movedDomain(constraints: readonly SpreadConstraint[], old: Node, now: Node): boolean {
  return constraints.some(
    ({ topologyKey }) => labelOf(old.metadata.labels, topologyKey) !== labelOf(now.metadata.labels, topologyKey),
  );
}

/** undefined when a selector is malformed: then every event counts. */
function hardConstraints(pod: Pod, { args, listers }: HintContext): readonly SpreadConstraint[] | undefined {
  const found = spreadConstraintsOf(pod, 'DoNotSchedule', args.podTopologySpread, listers);
  return 'error' in found ? undefined : found.constraints;
}
