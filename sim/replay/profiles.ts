/** The `config` of a recorded case: a KubeSchedulerConfiguration without apiVersion and kind. */
import { defaultProfile, type PluginArgs, type Profile } from '../../core/index.ts';

interface Config {
  percentageOfNodesToScore?: number;
  profiles?: {
    schedulerName?: string;
    plugins?: { multiPoint?: { enabled?: { name: string; weight?: number }[] } };
    pluginConfig?: { name: string; args: Record<string, unknown> }[];
  }[];
}

export function profilesOf(config: Record<string, unknown> | null | undefined): Profile[] {
  const { percentageOfNodesToScore = 100, profiles = [{}] } = (config ?? {}) as Config;
  return profiles.map(({ schedulerName, plugins, pluginConfig = [] }) => {
    const profile = defaultProfile(schedulerName);
    profile.percentageOfNodesToScore = percentageOfNodesToScore;
    const weights = new Map(plugins?.multiPoint?.enabled?.map(({ name, weight }) => [name, weight || 1]));
    profile.score = profile.score.map(({ name, weight }) => ({ name, weight: weights.get(name) ?? weight }));
    for (const { name, args } of pluginConfig) setArgs(profile.args, name, args);
    return profile;
  });
}

function setArgs(args: PluginArgs, name: string, given: Record<string, unknown>): void {
  const weighted = (list: { name: string; weight?: number }[]) =>
    list.map((r) => ({ name: r.name, weight: r.weight || 1 }));
  if (name === 'NodeResourcesFit') {
    const { scoringStrategy, ...ignored } = given as { scoringStrategy?: Record<string, unknown> };
    Object.assign(args.nodeResourcesFit, ignored);
    if (!scoringStrategy) return;
    const { type, resources, requestedToCapacityRatio } = scoringStrategy as {
      type?: PluginArgs['nodeResourcesFit']['type'];
      resources?: { name: string; weight?: number }[];
      requestedToCapacityRatio?: { shape: PluginArgs['nodeResourcesFit']['shape'] };
    };
    if (type) args.nodeResourcesFit.type = type;
    if (resources?.length) args.nodeResourcesFit.resources = weighted(resources);
    if (requestedToCapacityRatio) args.nodeResourcesFit.shape = requestedToCapacityRatio.shape;
  } else if (name === 'NodeResourcesBalancedAllocation') {
    args.nodeResourcesBalancedAllocation.resources = weighted(given.resources as { name: string; weight?: number }[]);
  } else if (name === 'InterPodAffinity') Object.assign(args.interPodAffinity, given);
  else if (name === 'PodTopologySpread') Object.assign(args.podTopologySpread, given);
  else if (name === 'NodeAffinity') Object.assign(args.nodeAffinity, given);
  else throw new Error(`pluginConfig ${name} is not read`);
}
