/**
 * Topology spread constraints of a pod, compiled: its own, or the profile's defaults with the selector that Services and
 * the owning controller give.
 * Source: Kubernetes v1.36, plugins/podtopologyspread/{common,plugin}.go, plugins/helper/spread.go.
 */
import type { Listers } from '../../cluster/listers.ts';
import {
  compileLabelSelector,
  compilePairs,
  labelOf,
  type Selector,
  selectorMatches,
} from '../../objects/selectors.ts';
import { isHardTaint, toleratedByAny } from '../../objects/tolerations.ts';
import {
  isTerminating,
  type Labels,
  type Node,
  namespaceOf,
  type Pod,
  type TopologySpreadConstraint,
} from '../../objects/types.ts';
import type { PluginArgs } from '../profile.ts';
import { requiredNodeAffinityMatches } from './node-affinity.ts';

export const HOSTNAME = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

export interface SpreadConstraint {
  maxSkew: number;
  topologyKey: string;
  selector: Selector;
  minDomains: number;
  /** Nodes that fail the pod's nodeSelector or required node affinity are left out of the count. */
  honorAffinity: boolean;
  /** Nodes with a hard taint the pod does not tolerate are left out of the count. */
  honorTaints: boolean;
}

export interface SpreadConstraints {
  constraints: readonly SpreadConstraint[];
  /** Nodes must have every topology key: true but for the system's default constraints. */
  requireAllTopologies: boolean;
}

const SYSTEM_DEFAULTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: ZONE, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

/**
 * The constraints with that `whenUnsatisfiable`. A pod with constraints of its own, of either sort, gets no defaults.
 * A malformed selector is the cycle's error.
 */
export function spreadConstraintsOf(
  pod: Pod,
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway',
  args: PluginArgs['podTopologySpread'],
  listers: Listers,
): SpreadConstraints | { error: string } {
  const own = pod.spec.topologySpreadConstraints ?? [];
  if (own.length > 0) return compileConstraints(own, whenUnsatisfiable, pod, true);
  const system = args.defaultingType === 'System';
  const defaults = compileConstraints(
    system ? SYSTEM_DEFAULTS : args.defaultConstraints,
    whenUnsatisfiable,
    pod,
    !system,
  );
  if ('error' in defaults || defaults.constraints.length === 0) return defaults;
  const selector = defaultSelector(pod, listers);
  const constraints = selector.requirements.length === 0 ? [] : defaults.constraints.map((c) => ({ ...c, selector }));
  return { ...defaults, constraints };
}

function compileConstraints(
  list: readonly TopologySpreadConstraint[],
  whenUnsatisfiable: string,
  pod: Pod,
  requireAllTopologies: boolean,
): SpreadConstraints | { error: string } {
  const constraints: SpreadConstraint[] = [];
  for (const constraint of list) {
    if (constraint.whenUnsatisfiable !== whenUnsatisfiable) continue;
    const selector = compileLabelSelector(constraint.labelSelector);
    if (!selector) return { error: `'${JSON.stringify(constraint.labelSelector)}' is not a label selector` };
    constraints.push({
      maxSkew: constraint.maxSkew,
      topologyKey: constraint.topologyKey,
      selector: withMatchLabelKeys(selector, constraint.matchLabelKeys, pod.metadata.labels),
      minDomains: constraint.minDomains ?? 1,
      honorAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
      honorTaints: constraint.nodeTaintsPolicy === 'Honor',
    });
  }
  return { constraints, requireAllTopologies };
}

/** Adds key = the pod's own value, for keys the pod has. The selector that matches nothing stays so. */
function withMatchLabelKeys(selector: Selector, keys: string[] | undefined, labels: Labels | undefined): Selector {
  if (selector.nothing || !keys) return selector;
  const pairs: Labels = {};
  for (const key of keys) {
    const value = labelOf(labels, key);
    if (value !== undefined) pairs[key] = value;
  }
  return { nothing: false, requirements: [...compilePairs(pairs).requirements, ...selector.requirements] };
}

/** What Services that select the pod and its owning controller select together; without requirements if there are none. */
function defaultSelector(pod: Pod, listers: Listers): Selector {
  const namespace = namespaceOf(pod);
  let pairs: Labels = {};
  for (const service of listers.all('Service')) {
    const selector = service.spec?.selector;
    if (!selector || namespaceOf(service) !== namespace) continue;
    if (selectorMatches(compilePairs(selector), pod.metadata.labels)) pairs = { ...pairs, ...selector };
  }
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
  if (!owner) return compilePairs(pairs);
  const key = `${namespace}/${owner.name}`;
  if (owner.kind === 'ReplicationController' && owner.apiVersion === 'v1') {
    return compilePairs({ ...pairs, ...listers.get('ReplicationController', key)?.spec?.selector });
  }
  const selector = compilePairs(pairs);
  if ((owner.kind !== 'ReplicaSet' && owner.kind !== 'StatefulSet') || owner.apiVersion !== 'apps/v1') return selector;
  const owned = compileLabelSelector(listers.get(owner.kind, key)?.spec?.selector);
  if (!owned || owned.nothing) return selector;
  return { nothing: false, requirements: [...selector.requirements, ...owned.requirements] };
}

export function hasAllTopologyKeys(constraints: readonly SpreadConstraint[], labels: Labels | undefined): boolean {
  return constraints.every(({ topologyKey }) => labelOf(labels, topologyKey) !== undefined);
}

/** The constraint's node inclusion policies let the node's pods be counted. */
export function countsNode(constraint: SpreadConstraint, pod: Pod, node: Node): boolean {
  if (constraint.honorAffinity && !requiredNodeAffinityMatches(pod, node)) return false;
  if (!constraint.honorTaints) return true;
  return (node.spec?.taints ?? []).every((taint) => !isHardTaint(taint) || toleratedByAny(pod.spec.tolerations, taint));
}

/** Pods of that namespace that the selector sees and that are not terminating. The selector {} counts none. */
export function countMatchingPods(selector: Selector, namespace: string, pods: Iterable<Pod>): number {
  if (selector.nothing || selector.requirements.length === 0) return 0;
  let count = 0;
  for (const pod of pods) {
    if (isTerminating(pod) || namespaceOf(pod) !== namespace) continue;
    if (selectorMatches(selector, pod.metadata.labels)) count++;
  }
  return count;
}
