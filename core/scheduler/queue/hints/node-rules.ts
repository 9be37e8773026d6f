/**
 * Hints of the plugins that look at one node's own fields.
 * Source: Kubernetes v1.36, plugins/{nodeunschedulable,nodename,tainttoleration,nodeaffinity,nodedeclaredfeatures}.
 */
import { isHardTaint, toleratedByAny } from '../../../objects/tolerations.ts';
import type { Node, Pod, Taint } from '../../../objects/types.ts';
import { nodeSelectorMatches, requiredNodeAffinityMatches, requiredNodeSelectorOf } from '../../terms/node-affinity.ts';
import { sameValue } from '../changes.ts';
import { Action } from '../events.ts';
import { type Hint, type HintContext, isOwnChange, nodeChange, podChange, type Registration } from './hint.ts';

export const nodeUnschedulableEvents: readonly Registration[] = [
  { resource: 'Node', actions: Action.Add | Action.UpdateNodeTaint, hint: nodeBecameSchedulable },
  { resource: 'Pod', actions: Action.UpdatePodToleration, hint: toleratesUnschedulable },
];

export const nodeNameEvents: readonly Registration[] = [{ resource: 'Node', actions: Action.Add }];

export const taintTolerationEvents: readonly Registration[] = [
  { resource: 'Node', actions: Action.Add | Action.UpdateNodeTaint, hint: taintsBecameTolerated },
  { resource: 'Pod', actions: Action.UpdatePodToleration, hint: isOwnChange },
];

export const nodeAffinityEvents: readonly Registration[] = [
  { resource: 'Node', actions: Action.Add | Action.UpdateNodeLabel, hint: nodeBeganToMatch },
];

export const nodeDeclaredFeaturesEvents: readonly Registration[] = [
  { resource: 'Node', actions: Action.Add | Action.UpdateNodeDeclaredFeature, hint: declaredFeaturesChanged },
  { resource: 'Pod', actions: Action.Update, hint: ownSpecChanged },
];

const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function nodeBecameSchedulable(...[, event]: Parameters<Hint>): boolean {
  const { old, now } = nodeChange(event);
  return !now?.spec?.unschedulable && (!old || Boolean(old.spec?.unschedulable));
}

function toleratesUnschedulable(...[pod, event]: Parameters<Hint>): boolean {
  return isOwnChange(pod, event) && toleratedByAny(podChange(event).now?.spec.tolerations, UNSCHEDULABLE);
}

function taintsBecameTolerated(...[pod, event]: Parameters<Hint>): boolean {
  const { old, now } = nodeChange(event);
  return now !== undefined && toleratesTaintsOf(pod, now) && !(old && toleratesTaintsOf(pod, old));
}

function toleratesTaintsOf(pod: Pod, node: Node): boolean {
  return (node.spec?.taints ?? []).every((taint) => !isHardTaint(taint) || toleratedByAny(pod.spec.tolerations, taint));
}

function nodeBeganToMatch(...[pod, event, context]: Parameters<Hint>): boolean {
  const { old, now } = nodeChange(event);
  return now !== undefined && affinityMatches(pod, now, context) && !(old && affinityMatches(pod, old, context));
}

function affinityMatches(pod: Pod, node: Node, { args }: HintContext): boolean {
  const added = requiredNodeSelectorOf(args.nodeAffinity.addedAffinity);
  const { labels, name } = node.metadata;
  return (!added || nodeSelectorMatches(added, labels, name)) && requiredNodeAffinityMatches(pod, node);
}

function declaredFeaturesChanged(...[, event]: Parameters<Hint>): boolean {
  const { old, now } = nodeChange(event);
  return !old || !sameValue(old.status?.declaredFeatures ?? [], now?.status?.declaredFeatures ?? []);
}

/** Kubernetes compares the features inferred from both specs; any change of the spec is a cheaper test and never misses. */
function ownSpecChanged(...[pod, event]: Parameters<Hint>): boolean {
  const { old, now } = podChange(event);
  return isOwnChange(pod, event) && !sameValue(old?.spec, now?.spec);
}
