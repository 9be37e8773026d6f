/**
 * A scheduler profile: which plugins run, in which order and weight, with which arguments. The default profile of 1.36.
 * Source: Kubernetes v1.36, pkg/scheduler/apis/config/v1/{default_plugins,defaults}.go.
 */
import type { NodeAffinity, Pod, TopologySpreadConstraint } from '../objects/types.ts';

export interface ResourceWeight {
  name: string;
  weight: number;
}
export interface ShapePoint {
  /** 0 to 100 */
  utilization: number;
  /** 0 to 10, as in the configuration. */
  score: number;
}
export interface PluginArgs {
  nodeResourcesFit: {
    type: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio';
    resources: ResourceWeight[];
    shape: ShapePoint[];
    ignoredResources: string[];
    ignoredResourceGroups: string[];
  };
  nodeResourcesBalancedAllocation: { resources: ResourceWeight[] };
  interPodAffinity: { hardPodAffinityWeight: number; ignorePreferredTermsOfExistingPods: boolean };
  podTopologySpread: { defaultingType: 'System' | 'List'; defaultConstraints: TopologySpreadConstraint[] };
  nodeAffinity: { addedAffinity?: NodeAffinity };
  volumeBinding: { bindTimeoutSeconds: number };
  defaultPreemption: { minCandidateNodesPercentage: number; minCandidateNodesAbsolute: number };
}

export interface Profile {
  schedulerName: string;
  /** Percent of nodes to find feasible before scoring; 0 adapts (section 5.4); our default is 100. */
  percentageOfNodesToScore: number;
  /** Plugin names in order, per extension point that can be switched. */
  preEnqueue: readonly string[];
  preFilter: readonly string[];
  filter: readonly string[];
  postFilter: readonly string[];
  preScore: readonly string[];
  score: readonly { name: string; weight: number }[];
  reserve: readonly string[];
  args: PluginArgs;
}

/** Execution order at every extension point (section 1.1). */
export const MULTI_POINT: readonly { name: string; weight: number }[] = [
  { name: 'SchedulingGates', weight: 0 },
  { name: 'PrioritySort', weight: 0 },
  { name: 'NodeUnschedulable', weight: 0 },
  { name: 'NodeName', weight: 0 },
  { name: 'TaintToleration', weight: 3 },
  { name: 'NodeAffinity', weight: 2 },
  { name: 'NodePorts', weight: 0 },
  { name: 'NodeResourcesFit', weight: 1 },
  { name: 'VolumeRestrictions', weight: 0 },
  { name: 'NodeVolumeLimits', weight: 0 },
  { name: 'VolumeBinding', weight: 0 },
  { name: 'VolumeZone', weight: 0 },
  { name: 'PodTopologySpread', weight: 2 },
  { name: 'InterPodAffinity', weight: 2 },
  { name: 'DynamicResources', weight: 2 },
  { name: 'DefaultPreemption', weight: 0 },
  { name: 'NodeResourcesBalancedAllocation', weight: 1 },
  { name: 'ImageLocality', weight: 1 },
  { name: 'DefaultBinder', weight: 0 },
  { name: 'NodeDeclaredFeatures', weight: 0 },
];

/** Which extension points a plugin of ours implements (section 1.1). */
export const EXTENSION_POINTS: Record<string, readonly string[]> = {
  SchedulingGates: ['preEnqueue'],
  PrioritySort: ['queueSort'],
  NodeUnschedulable: ['filter'],
  NodeName: ['filter'],
  TaintToleration: ['filter', 'preScore', 'score'],
  NodeAffinity: ['preFilter', 'filter', 'preScore', 'score'],
  NodePorts: ['preFilter', 'filter'],
  NodeResourcesFit: ['preFilter', 'filter', 'preScore', 'score'],
  VolumeRestrictions: ['preFilter', 'filter'],
  NodeVolumeLimits: ['preFilter', 'filter'],
  VolumeBinding: ['preFilter', 'filter', 'reserve', 'preBind', 'preScore', 'score'],
  VolumeZone: ['preFilter', 'filter'],
  PodTopologySpread: ['preFilter', 'filter', 'preScore', 'score'],
  InterPodAffinity: ['preFilter', 'filter', 'preScore', 'score'],
  DynamicResources: ['preEnqueue', 'preFilter', 'filter', 'postFilter', 'score', 'reserve', 'preBind'],
  DefaultPreemption: ['preEnqueue', 'postFilter'],
  NodeResourcesBalancedAllocation: ['preScore', 'score'],
  ImageLocality: ['score'],
  DefaultBinder: ['bind'],
  NodeDeclaredFeatures: ['preFilter', 'filter'],
};

export function defaultArgs(): PluginArgs {
  const cpuAndMemory = (): ResourceWeight[] => [
    { name: 'cpu', weight: 1 },
    { name: 'memory', weight: 1 },
  ];
  return {
    nodeResourcesFit: {
      type: 'LeastAllocated',
      resources: cpuAndMemory(),
      shape: [],
      ignoredResources: [],
      ignoredResourceGroups: [],
    },
    nodeResourcesBalancedAllocation: { resources: cpuAndMemory() },
    interPodAffinity: { hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: false },
    podTopologySpread: { defaultingType: 'System', defaultConstraints: [] },
    nodeAffinity: {},
    volumeBinding: { bindTimeoutSeconds: 600 },
    defaultPreemption: { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 },
  };
}

/** The default profile, scoring every node. */
export function defaultProfile(schedulerName = 'default-scheduler'): Profile {
  const at = (point: string): string[] =>
    MULTI_POINT.filter(({ name }) => EXTENSION_POINTS[name].includes(point)).map(({ name }) => name);
  return {
    schedulerName,
    percentageOfNodesToScore: 100,
    preEnqueue: at('preEnqueue'),
    preFilter: at('preFilter'),
    filter: at('filter'),
    postFilter: at('postFilter'),
    preScore: at('preScore'),
    score: MULTI_POINT.filter(({ name }) => EXTENSION_POINTS[name].includes('score')).map(({ name, weight }) => ({
      name,
      weight: weight || 1,
    })),
    reserve: at('reserve'),
    args: defaultArgs(),
  };
}

/** The profile the pod asks for, with what an API server fills in. */
export function schedulerNameOf(pod: Pod): string {
  return pod.spec.schedulerName || 'default-scheduler';
}
