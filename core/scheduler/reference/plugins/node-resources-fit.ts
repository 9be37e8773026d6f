/**
 * NodeResourcesFit. Filter: what the pod requests is left on the node. Score: the configured strategy.
 * Extended resources are never taken over by device classes: Keelson does not allocate devices.
 * Source: Kubernetes v1.36, plugins/noderesources/fit.go.
 */
import { isExtendedResource } from '../../../objects/pod-requests.ts';
import type { PluginArgs } from '../../profile.ts';
import { type Amounts, requestsOf, scoredRequestsOf } from '../amounts.ts';
import { type ReferencePlugin, unresolvable, unschedulable } from '../plugin.ts';
import { scoreStrategy } from './resource-strategies.ts';

type Args = PluginArgs['nodeResourcesFit'];

export const nodeResourcesFit: ReferencePlugin<Amounts, Amounts> = {
  name: 'NodeResourcesFit',

  preFilter({ pod }) {
    return { state: requestsOf(pod) };
  },

  filter(requests, node, { args }) {
    const reasons: string[] = [];
    let neverFits = false;
    if (BigInt(node.pods.length) + 1n > (node.allocatable.get('pods') ?? 0n)) reasons.push('Too many pods');
    for (const [name, amount] of requests) {
      if (name === 'pods' || amount === 0n || isIgnored(name, args.nodeResourcesFit)) continue;
      const allocatable = node.allocatable.get(name) ?? 0n;
      if (amount <= allocatable - node.requested(name)) continue;
      reasons.push(`Insufficient ${name}`);
      neverFits ||= amount > allocatable;
    }
    if (reasons.length === 0) return undefined;
    return neverFits ? unresolvable(...reasons) : unschedulable(...reasons);
  },

  preScore({ pod }) {
    return { state: scoredRequestsOf(pod) };
  },

  score(requests, node, { args }) {
    return scoreStrategy(args.nodeResourcesFit, requests, node);
  },
};

function isIgnored(name: string, { ignoredResources, ignoredResourceGroups }: Args): boolean {
  if (!isExtendedResource(name)) return false;
  return ignoredResources.includes(name) || ignoredResourceGroups.includes(name.slice(0, name.indexOf('/')));
}
