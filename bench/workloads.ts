/**
 * The workloads, as data. Sizes and shapes of those with figures in peer.json are the ones that kube-scheduler was
 * measured with; the others are what Keelson means to reach beyond. Nodes have 4 cpu, 32Gi and room for 110 pods.
 */
import type { TieRule } from '../core/index.ts';
import peer from './peer.json' with { type: 'json' };
import type { PodKindName } from './pod-kinds.ts';

export interface Workload {
  name: string;
  about: string;
  nodes: number;
  /** Values of the zone label, in turn; absent: nodes have none. */
  zones?: readonly string[];
  /** Pods bound before: pod i is of kind i mod kinds, on node i mod nodes, in namespace sched-0. */
  init?: { kinds: readonly PodKindName[]; pods: number };
  /**
   * Pods to place, in namespace sched-1. `shapes`: they differ in the cpu they ask for, in turn. `templates`: those of one
   * shape share their spec, as a controller of the same process makes them; else each is an object of its own all through.
   */
  measured: { kind: PodKindName; pods: number; shapes?: number; templates?: true };
  /** How many of them are placed where a decider looks at every node for each. */
  scanPods: number;
  /** A pod of this kind before every so-manieth measured pod, in namespace sched-2; not counted, but its time is. */
  churn?: { kind: PodKindName; every: number };
  /** Before every so-manieth measured pod: a bound pod is deleted; a node goes with its pods, and a new one comes. */
  deletePodEvery?: number;
  replaceNodeEvery?: number;
  /** A Service in sched-1 selects color=blue. */
  service?: boolean;
  /** Namespaces sched-0 and sched-1 exist, with label team=devops. */
  namespaces?: boolean;
  tieRule?: TieRule;
  /** The workload of peer.json with the same shape, at other sizes. */
  like?: string;
  /** Decisions a second that the project set out to reach. */
  reach?: number;
  /** Runs only when its name is asked for: it takes minutes, or gigabytes. */
  onlyByName?: boolean;
}

const MOONS = ['moon-1', 'moon-2', 'moon-3'];

const basic: Workload = {
  name: 'SchedulingBasic',
  about: 'plain pods',
  nodes: 5000,
  init: { kinds: ['plain'], pods: 1000 },
  measured: { kind: 'plain', pods: 10_000 },
  scanPods: 3000,
  reach: 2_000_000,
};
const spreading: Omit<Workload, 'name' | 'about' | 'measured'> = {
  nodes: 5000,
  zones: MOONS,
  init: { kinds: ['plain'], pods: 5000 },
  scanPods: 1000,
  reach: 300_000,
};
const preferredAffinity: Workload = {
  name: 'SchedulingPreferredPodAffinity',
  about: 'preferred affinity to pods of the same hostname, in named namespaces',
  nodes: 5000,
  init: { kinds: ['preferredAffinity'], pods: 5000 },
  measured: { kind: 'preferredAffinity', pods: 2000 },
  scanPods: 700,
  reach: 100_000,
};
const preemption: Workload = {
  name: 'PreemptionBasic',
  about: 'each pod evicts three of the four on a node, and is tried again once the others have been tried',
  nodes: 1000,
  init: { kinds: ['low'], pods: 4000 },
  measured: { kind: 'high', pods: 1000 },
  scanPods: 1000,
  reach: 20_000,
};

const ALIKE: readonly Workload[] = [
  basic,
  {
    ...spreading,
    name: 'TopologySpreading',
    about: 'hard spread over zones',
    measured: { kind: 'hardSpread', pods: 5000 },
  },
  {
    ...spreading,
    name: 'PreferredTopologySpreading',
    about: 'soft spread over zones',
    measured: { kind: 'softSpread', pods: 5000 },
  },
  {
    ...spreading,
    name: 'DefaultTopologySpreading',
    about: "the system's default spread, through one Service",
    service: true,
    measured: { kind: 'blue', pods: 5000 },
  },
  {
    name: 'SchedulingPodAntiAffinity',
    about: 'required anti-affinity to pods of the same hostname',
    nodes: 5000,
    init: { kinds: ['antiAffinity'], pods: 1000 },
    measured: { kind: 'antiAffinity', pods: 2000 },
    scanPods: 1000,
    reach: 200_000,
  },
  {
    name: 'SchedulingPodAffinity',
    about: 'required affinity to pods of the same zone',
    nodes: 5000,
    zones: ['zone1'],
    init: { kinds: ['affinity'], pods: 5000 },
    measured: { kind: 'affinity', pods: 5000 },
    scanPods: 1000,
    reach: 200_000,
  },
  preferredAffinity,
  {
    name: 'SchedulingNodeAffinity',
    about: 'required node affinity to two zones',
    nodes: 5000,
    zones: ['zone1'],
    init: { kinds: ['nodeAffinity'], pods: 5000 },
    measured: { kind: 'nodeAffinity', pods: 10_000 },
    scanPods: 1000,
    reach: 200_000,
  },
  preemption,
  {
    name: 'PreemptionAsync',
    about: 'plain pods; before every 167th a pod that evicts three others',
    nodes: 5000,
    init: { kinds: ['low'], pods: 20_000 },
    measured: { kind: 'plain', pods: 5000 },
    scanPods: 1000,
    churn: { kind: 'high', every: 167 },
    reach: 20_000,
  },
  {
    name: 'Unschedulable',
    about: 'plain pods; before every 177th a pod that fits nowhere',
    nodes: 5000,
    init: { kinds: ['plain'], pods: 100 },
    measured: { kind: 'plain', pods: 10_000 },
    scanPods: 1000,
    churn: { kind: 'huge', every: 177 },
    reach: 100_000,
  },
  {
    name: 'MixedSchedulingBasePod',
    about: 'plain pods among pods with affinity and anti-affinity, required and preferred',
    nodes: 5000,
    zones: ['zone1'],
    init: {
      kinds: ['plain', 'affinity', 'antiAffinity', 'preferredAffinity', 'preferredAntiAffinity'],
      pods: 10_000,
    },
    measured: { kind: 'plain', pods: 5000 },
    scanPods: 1000,
    reach: 200_000,
  },
  growth(1000, 5000, 3000),
  growth(5000, 10_000, 1000),
  growth(20_000, 3000, 300),
  growth(100_000, 1000, 60),
];

const BEYOND: readonly Workload[] = [
  { ...basic, name: 'SchedulingBasic50k', like: 'SchedulingBasic', measured: { kind: 'plain', pods: 50_000 } },
  {
    ...basic,
    name: 'SchedulingBasicTemplates50k',
    like: 'SchedulingBasic',
    about: 'plain pods that share the spec of their template',
    measured: { kind: 'plain', pods: 50_000, templates: true },
  },
  {
    ...basic,
    name: 'SchedulingBasicFirst',
    like: 'SchedulingBasic',
    about: 'plain pods, tie rule first',
    tieRule: 'first',
  },
  {
    ...basic,
    name: 'SchedulingBasicRandom',
    like: 'SchedulingBasic',
    about: 'plain pods, tie rule random',
    tieRule: 'random',
  },
  {
    ...basic,
    name: 'SchedulingHundredShapes',
    like: 'SchedulingBasic',
    about: 'pods of a hundred shapes, in turn',
    measured: { kind: 'plain', pods: 10_000, shapes: 100 },
    reach: 300_000,
  },
  {
    ...basic,
    name: 'SchedulingEveryPodItsOwn',
    like: 'SchedulingBasic',
    about: 'no two pods alike',
    measured: { kind: 'plain', pods: 3000, shapes: 3000 },
    reach: 25_000,
  },
  {
    ...spreading,
    name: 'DefaultTopologySpreading50k',
    like: 'DefaultTopologySpreading',
    about: "the system's default spread, through one Service",
    service: true,
    measured: { kind: 'blue', pods: 50_000 },
  },
  {
    ...preferredAffinity,
    name: 'SchedulingPreferredAffinityNSSelector',
    like: 'SchedulingPreferredPodAffinity',
    about: 'preferred affinity to pods of the same hostname, in namespaces found by label',
    namespaces: true,
    init: { kinds: ['preferredAffinityBySelector'], pods: 5000 },
    measured: { kind: 'preferredAffinityBySelector', pods: 2000 },
  },
  {
    ...basic,
    name: 'SchedulingWhileChurning',
    like: 'SchedulingBasic',
    about: 'plain pods; every 2nd time a pod goes, every 100th a node with its pods, and a new one comes',
    deletePodEvery: 2,
    replaceNodeEvery: 100,
    scanPods: 1000,
    reach: 100_000,
  },
  {
    ...preemption,
    name: 'PreemptionBasic5000Nodes',
    like: 'PreemptionBasic',
    nodes: 5000,
    init: { kinds: ['low'], pods: 20_000 },
    measured: { kind: 'high', pods: 5000 },
    scanPods: 200,
    onlyByName: true,
  },
  {
    ...growth(100_000, 100_000, 60),
    name: 'GrowthPlainAll100k',
    like: 'GrowthPlain',
    reach: 200_000,
    onlyByName: true,
  },
  {
    ...growth(1_000_000, 1_000_000, 5),
    name: 'GrowthPlainAllMillion',
    like: 'GrowthPlain',
    about: 'plain pods on empty nodes, that share the spec of their template',
    measured: { kind: 'plain', pods: 1_000_000, templates: true },
    onlyByName: true,
  },
  {
    ...growth(1_000_000, 1_000_000, 5),
    name: 'TenShapesMillion',
    like: 'GrowthPlain',
    about: 'pods of ten shapes, that share the spec of their template',
    measured: { kind: 'plain', pods: 1_000_000, shapes: 10, templates: true },
    reach: 200_000,
    onlyByName: true,
  },
];

export const WORKLOADS: readonly Workload[] = [...ALIKE, ...BEYOND];

export type PeerRow = (typeof peer.results)[number];

/** What kube-scheduler did in the same workload and cluster size; sampling a part of the nodes, or scoring all of them. */
export function peerRow({ name, like = name, nodes }: Workload, sampled: boolean): PeerRow | undefined {
  return peer.results.find(
    (row) => row.workload === like && row.nodes === nodes && (row.percentageOfNodesToScore === 0) === sampled,
  );
}

/** Nodes of the cut; more than a hundred, below which no decider samples. */
const CUT_NODES = 120;
const CUT_PODS = 60;

/** The same shape, small enough for the reference to follow and for a test. */
export function cutOf(workload: Workload): Workload {
  const { init, measured, churn, deletePodEvery, replaceNodeEvery } = workload;
  const nodes = Math.min(CUT_NODES, workload.nodes);
  const scale = nodes / workload.nodes;
  const pods = Math.min(Math.max(2, Math.round(measured.pods * scale)), CUT_PODS);
  const more = (every: number | undefined): number => Math.max(2, Math.min(every ?? 0, Math.floor(pods / 8)));
  return {
    ...workload,
    nodes,
    reach: undefined,
    init: init && { ...init, pods: Math.round(init.pods * scale) },
    measured: { ...measured, pods },
    scanPods: pods,
    churn: churn && { ...churn, every: more(churn.every) },
    deletePodEvery: deletePodEvery && more(deletePodEvery),
    replaceNodeEvery: replaceNodeEvery && more(replaceNodeEvery),
  };
}

function growth(nodes: number, pods: number, scanPods: number): Workload {
  const about = 'plain pods on empty nodes';
  return { name: 'GrowthPlain', about, nodes, measured: { kind: 'plain', pods }, scanPods };
}
