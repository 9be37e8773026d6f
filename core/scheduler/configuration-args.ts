/** Plugin arguments as written and checked → PluginArgs with every default. Source: v1.36, config/v1/defaults.go. */

import type { NodeAffinity, TopologySpreadConstraint } from '../objects/types.ts';
import { listAt, numberAt, objectAt, type PlainObject, textAt } from '../objects/validate/schema.ts';
import { defaultArgs, type PluginArgs, type ResourceWeight } from './profile.ts';

export function argsOf(written: ReadonlyMap<string, PlainObject>): PluginArgs {
  const args = defaultArgs();
  const of = (plugin: string): PlainObject => written.get(plugin) ?? {};
  fillFit(args.nodeResourcesFit, of('NodeResourcesFit'));

  const balanced = resourcesOf(of('NodeResourcesBalancedAllocation'));
  if (balanced.length > 0) args.nodeResourcesBalancedAllocation.resources = balanced;

  const interPod = of('InterPodAffinity');
  args.interPodAffinity.hardPodAffinityWeight =
    numberAt(interPod, 'hardPodAffinityWeight') ?? args.interPodAffinity.hardPodAffinityWeight;
  args.interPodAffinity.ignorePreferredTermsOfExistingPods = interPod.ignorePreferredTermsOfExistingPods === true;

  const spread = of('PodTopologySpread');
  if (spread.defaultingType === 'List') {
    args.podTopologySpread.defaultingType = 'List';
    args.podTopologySpread.defaultConstraints = listAt(spread, 'defaultConstraints').map(
      (constraint) => ({ ...constraint }) as unknown as TopologySpreadConstraint,
    );
  }

  const added = objectAt(of('NodeAffinity'), 'addedAffinity');
  if (added) args.nodeAffinity.addedAffinity = added as NodeAffinity;

  const binding = of('VolumeBinding');
  args.volumeBinding.bindTimeoutSeconds =
    numberAt(binding, 'bindTimeoutSeconds') ?? args.volumeBinding.bindTimeoutSeconds;

  const { defaultPreemption } = args;
  for (const field of ['minCandidateNodesPercentage', 'minCandidateNodesAbsolute'] as const) {
    defaultPreemption[field] = numberAt(of('DefaultPreemption'), field) ?? defaultPreemption[field];
  }
  return args;
}

function fillFit(fit: PluginArgs['nodeResourcesFit'], written: PlainObject): void {
  fit.ignoredResources = textsAt(written, 'ignoredResources');
  fit.ignoredResourceGroups = textsAt(written, 'ignoredResourceGroups');
  const strategy = objectAt(written, 'scoringStrategy');
  if (!strategy) return;
  fit.type = (textAt(strategy, 'type') as typeof fit.type | undefined) ?? fit.type;
  const resources = resourcesOf(strategy);
  if (resources.length > 0) fit.resources = resources;
  fit.shape = listAt(objectAt(strategy, 'requestedToCapacityRatio') ?? {}, 'shape').map((point) => ({
    utilization: numberAt(point, 'utilization') ?? 0,
    score: numberAt(point, 'score') ?? 0,
  }));
}

/** A weight of 0, or none, becomes 1. */
function resourcesOf(written: PlainObject): ResourceWeight[] {
  return listAt(written, 'resources').map((resource) => ({
    name: textAt(resource, 'name') ?? '',
    weight: numberAt(resource, 'weight') || 1,
  }));
}

function textsAt(object: PlainObject, name: string): string[] {
  const value = object[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
