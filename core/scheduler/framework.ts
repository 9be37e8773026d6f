/**
 * The words of the scheduling framework: status codes, what a plugin over packed columns may implement, and what a
 * decider (reference, scan, engine) shows the cycle in schedule-one.ts of one pod against one snapshot.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/{interface,types}.go.
 */
import type { Cluster } from '../cluster/cluster.ts';
import type { Listers } from '../cluster/listers.ts';
import type { PodRequest } from '../cluster/pod-request.ts';
import type { SavedCluster } from '../cluster/snapshot/content.ts';
import type { KubeObject, Node, Pod } from '../objects/types.ts';
import type { Profile } from './profile.ts';
import type { SavedReservations } from './reservations.ts';

export const MAX_NODE_SCORE = 100;

/** Preemption may help `Unschedulable`; it cannot help `UnschedulableAndUnresolvable`. */
export type RejectionCode = 'Unschedulable' | 'UnschedulableAndUnresolvable';

/** Why a plugin refused a node, or the whole pod. Reasons are kube-scheduler's, word for word. */
export interface Rejection {
  plugin: string;
  code: RejectionCode;
  reasons: string[];
}

/** The cycle failed (SchedulerError): not a "no", but no answer. */
export interface CycleError {
  plugin: string;
  message: string;
}

/** What PreFilter found before any node was looked at. */
export interface PreFilterOutcome {
  /** The pod is refused as a whole. */
  rejection?: Rejection;
  error?: CycleError;
  /** Only these nodes may take the pod; absent means all. May name nodes that do not exist. */
  nodeNames?: ReadonlySet<string>;
  /** The plugins that narrowed the names, for the failure text. */
  narrowedBy?: string[];
}

/** Scores of the feasible nodes handed in: [plugin][k] belongs to the k-th of them. Skipped plugins are absent. */
export interface Scores {
  plugins: readonly string[];
  weights: readonly number[];
  raw: readonly (readonly number[] | Float64Array)[];
  normalized: readonly (readonly number[] | Float64Array)[];
  /** Sum of weight × normalised, per feasible node. */
  totals: readonly number[] | Float64Array;
}

/** One pod against one snapshot, as a decider sees it. Node indices `n` are the decider's own, stable in a snapshot. */
export interface Cycle {
  readonly pod: Pod;
  readonly preFilter: PreFilterOutcome;
  /** Node indices in walking order (section 5.2). */
  readonly order: ArrayLike<number>;
  nodeName(n: number): string;
  /** Index of the node with that name, or -1. */
  nodeIndex(name: string): number;
  /** All filters pass, with nominated pods and without (section 5.5). */
  fits(n: number): boolean;
  /** The first rejecting plugin, in words; null when the node fits. */
  rejection(n: number): Rejection | null;
  /** rejection(n) of many nodes that do not fit, equal ones once. Absent: ask one by one. Valid until it is asked again. */
  refusals?(nodes: ArrayLike<number>): Refusals;
  /** Every filter plugin that is not skipped, asked on its own, without nominated pods: for explain. */
  verdicts(n: number): { plugin: string; rejection: Rejection | null }[];
  /** `feasible` holds two or more node indices. */
  score(feasible: ArrayLike<number>): Scores | { error: CycleError };
  /** True when no node fits, as far as that is known without asking them one by one. */
  nothingFits?(): boolean;
  /** Takes pods off one node and puts them back, for preemption. Only one may be open at a time. */
  dryRun(n: number): DryRun;
  /** What spares preemption most dry runs; absent where every node has to be tried. Valid while the cycle is. */
  evictionSums?(): EvictionSums | undefined;
  /**
   * What evictions can do where nothing fits and no budget exists, from what is remembered of the nodes; absent where they
   * have to be searched. Valid while the cycle is. `now` is the time for pods without a start time, in ms.
   */
  prospects?(now: number): Prospects | undefined;
  /** Reserve on the chosen node (volume bindings, devices); Decider.unreserve takes it back. */
  reserve(n: number): void;
}

/** Nodes by what was said of them. */
export interface Refusals {
  readonly kinds: readonly { rejection: Rejection; nodes: number }[];
  /** [n]: 1 + index into kinds; 0, or nothing, for nodes that were not asked about. */
  readonly kindOf: ArrayLike<number>;
}

/** A resource that NodeResourcesFit compares, by its column, and how much of it the pod asks for. */
export interface CheckedResource {
  r: number;
  asked: number;
}

/** The amounts that NodeResourcesFit compares: a node that stays short of them with all lesser pods gone is no candidate. */
export interface EvictionSums {
  readonly cluster: Cluster;
  readonly request: PodRequest;
  readonly checked: readonly CheckedResource[];
  /** Pods nominated to node n that the pod may not push aside. The same list, while nothing changed about them. */
  guestsOn(n: number): readonly PodRequest[];
  /** Amounts alone stand in the way on node n, whatever pods leave: its victims follow from sums. */
  decidedByAmounts(n: number): boolean;
}

/** A search for candidates (preemption/candidates.ts) that is already done. */
export interface Prospects {
  /** Nodes whose status says that preemption may help. */
  readonly potential: number;
  /** From the offset-th of them on: the one whose victims matter least, among the first `enough` candidates. */
  pick(offset: number, enough: number): { nodeName: string; victims: readonly Pod[] } | undefined;
  /** Why those that are no candidates are none. */
  rejected(): Iterable<{ rejection: { reasons: readonly string[] }; nodes: number }>;
}

/** What-if on one node. `close()` restores everything. */
export interface DryRun {
  /** Pods on the node, in NodeInfo order (append on add, swap-remove on removal). */
  readonly pods: readonly Pod[];
  remove(pod: Pod): void;
  add(pod: Pod): void;
  /** Filters with nominated pods, as in the cycle; null when the pod would fit now. */
  filter(): Rejection | null;
  close(): void;
}

/**
 * Holds a cluster's state in its own form and answers for pods. State changes arrive as events; all are idempotent.
 * Pods are known by metadata.uid, or namespace/name when there is none (podKey).
 */
export interface Decider {
  readonly kind: 'reference' | 'scan' | 'engine';
  addNode(node: Node): void;
  updateNode(node: Node): void;
  /** Its pods stay as pods of a missing node. */
  removeNode(name: string): void;
  /** A pod that has spec.nodeName, bound or assumed. Finished pods are ignored. */
  addPod(pod: Pod): void;
  /** The same as addPod of a copy with that spec.nodeName, without the copy: such a pod does not say where it is. */
  assume?(pod: Pod, nodeName: string): void;
  updatePod(pod: Pod): void;
  removePod(pod: Pod): void;
  /** The pod of that key as it was last added, while it has a node. Those that load snapshots need it. */
  placedPod?(key: string): Pod | undefined;
  /** Objects other than nodes and pods changed in the listers. */
  objectChanged(object: KubeObject): void;
  /** Takes back what the pod's last cycle reserved, when it will not be bound after all; removePod follows. */
  unreserve(pod: Pod): void;
  /**
   * The host at once, from a decider that keeps what it knows of the pod's like; all filters and scores have had their say,
   * and the node is reserved. Undefined: ask begin().
   * @param sayWhy false: that no node fits is an answer, too; nobody will ask for the words.
   */
  choose?(pod: Pod, tie: Tie, sayWhy?: boolean): Choice | undefined;
  /** These pods come next, mostly in this order: what they have in common may be made ready. No decision depends on it. */
  expect?(pods: readonly Pod[]): void;
  /** A snapshot is taken and PreFilter is run under the pod's profile. */
  begin(pod: Pod): Cycle;
  /** Ends the threads it has started, if any. It decides on, on this one. */
  close?(): Promise<void>;
}

/** A decider whose cluster can go into a snapshot, and come out of one. */
export interface Savable {
  /** Everything it knows of the cluster. What it has learned of classes of pods it learns again. */
  save(): SavedDecider;
  /** Takes what any decider has saved. It has heard of nothing yet. */
  load(saved: SavedDecider): void;
}

/** A decider's cluster, and what it has reserved for pods. */
export interface SavedDecider extends SavedCluster {
  reserved: SavedReservations;
}

/** How a tie is to be broken in one decision (select-node.ts). */
export interface Tie {
  rule: 'order' | 'first' | 'random';
  seed: number;
  /** The how-manieth decision this is. */
  decision: number;
  /** Where in the walking order the walk begins; `first` depends on it. */
  start: number;
}

export interface Choice {
  /** Undefined: no node fits. */
  host: string | undefined;
  /** Nodes looked at, and how many of them fit. */
  evaluated: number;
  feasible: number;
}

/** Identity of a pod: its uid, or 'namespace/name' where nobody gave one. */
export function podKey(pod: Pod): string {
  return pod.metadata.uid || `${pod.metadata.namespace || 'default'}/${pod.metadata.name}`;
}

/** Pods nominated to a node; written by the queue, read by deciders while filtering. */
export interface NominatedPods {
  /** Number of nominated pods in all: 0 lets a decider skip the whole question. */
  readonly size: number;
  /** Changes so far. */
  readonly changes: number;
  /** Names of nodes whose lists changed after so many changes, some perhaps twice; undefined when that is too long ago. */
  changedSince(changes: number): readonly string[] | undefined;
  /** Where the pod of that key (podKey) is nominated to. */
  nodeOf(key: string): string | undefined;
  /** In order of nomination. A list is replaced, never changed. */
  onNode(nodeName: string): readonly Pod[];
  /** Names of the nodes that have nominated pods. */
  nodeNames(): Iterable<string>;
  /** Those names, each with what onNode says of it. */
  byNode(): Iterable<readonly [nodeName: string, pods: readonly Pod[]]>;
}

// --- plugins over packed columns -----------------------------------------------------------------------------------

export const SKIP = Symbol('skip');
export type Skip = typeof SKIP;

/** What a plugin may read: the packed cluster, and the objects that are neither nodes nor pods. */
export interface View {
  readonly cluster: Cluster;
  readonly listers: Listers;
}

/** The whole pod is refused in PreFilter. */
export interface PodRejected {
  rejected: { code: RejectionCode; reasons: string[] };
}
/** The cycle fails. */
export interface PluginError {
  error: string;
}
/** Only these nodes may take the pod. */
export interface Narrowed<Facts> {
  facts: Facts | Skip;
  nodeNames: Set<string>;
}

/** What a kernel on a worker thread is handed as facts. */
export interface Posted {
  facts: unknown;
}

/** A score by what a node has left of cpu and memory, and what the pod asks for: millicores and bytes. */
export type RoomScore =
  | { of: 'Balance'; cpu: number; memory: number }
  | { of: 'LeastAllocated' | 'MostAllocated'; cpu: number; memory: number; cpuWeight: number; memoryWeight: number };

/** Facts that can be posted as they stand. */
export function posted(facts: unknown): Posted {
  return { facts };
}

/**
 * A filter and/or score plugin over columns, written once: the scan calls it for node ranges, the engine for the one
 * node that changed. `Facts` are what preFilter (preScore) learned of the pod; kernels read them and columns only.
 * Node arguments `from`, `to`, `n` are rows of the cluster's columns. Rows without a node have `exists` 0; kernels may
 * compute rubbish there, the scan never looks at it.
 */
export interface PackedPlugin<FilterFacts = unknown, ScoreFacts = unknown> {
  readonly name: string;
  /**
   * 'local': verdict and raw score of a row follow from the pod, that row's columns and pods, and facts made of the pod and
   * of what columns mean (label ids, taint sets): not from other rows, nor from listers. Its preScore may be handed an empty
   * list, its scores are whole numbers, and its normalize depends on which scores occur, not on how often or where. It may
   * be asked for scores of rows that do not fit, or hold no node, where nobody looks at what it says.
   * 'shared': anything else. The engine asks a shared score from outside anew in every decision, and leaves pods under a
   * shared filter from outside to the scan.
   */
  readonly scope: 'local' | 'shared';

  /** False: its filter and words do not depend on the pods placed, so that no eviction changes them. */
  readonly heedsPods?: false;
  /** Its filter never lets in, for one more pod on the row, a pod that it refused: it need not be asked again. */
  readonly podsOnlyTighten?: true;

  /** Absent: the filter always runs, with `undefined` as facts. */
  preFilter?(pod: PodRequest, view: View): FilterFacts | Skip | PodRejected | PluginError | Narrowed<FilterFacts>;
  /** Writes `self` into rejectedBy[n] for each n in [from, to) that it refuses and nobody refused before. */
  filter?(
    facts: FilterFacts,
    pod: PodRequest,
    view: View,
    from: number,
    to: number,
    rejectedBy: Uint8Array,
    self: number,
  ): void;
  /** Says that its filter refuses no node there is, whatever pods are placed: it need not run. */
  refusesNobody?(facts: FilterFacts, pod: PodRequest, view: View): boolean;
  /** Code and words for a node its filter refused, with the columns as they were then. */
  explain?(facts: FilterFacts, pod: PodRequest, view: View, n: number): { code: RejectionCode; reasons: string[] };
  /** Of a node its filter refused: equal numbers, equal words of explain. Absent or -1: the words themselves tell. */
  reasonKey?(facts: FilterFacts, pod: PodRequest, view: View, n: number): number;
  /** Says that the filter does nothing but compare these amounts and the number of pods with what the node has left. */
  checkedResources?(facts: FilterFacts): readonly CheckedResource[];
  /** AddPod (+1) and RemovePod (-1): `other` comes to or leaves row n in a what-if; facts follow. */
  shift?(facts: FilterFacts, pod: PodRequest, view: View, other: PodRequest, n: number, by: 1 | -1): void;

  /** `feasible` holds rows, in walking order. Absent: the score always runs. */
  preScore?(pod: PodRequest, view: View, feasible: ArrayLike<number>): ScoreFacts | Skip | PluginError;
  /** Raw scores, scores[k] for row feasible[k]. */
  score?(facts: ScoreFacts, pod: PodRequest, view: View, feasible: ArrayLike<number>, scores: Float64Array): void;
  /** Says that every node gets the same score in the end, whichever of them fit: it need not run for the choice. */
  scoresAlike?(facts: ScoreFacts): boolean;
  /** Says that the score follows from cpu and memory alone, and how: the scan has it with the filter in one pass. */
  roomScore?(facts: ScoreFacts): RoomScore | undefined;
  /** In place, to 0..100. Absent: raw scores are in that range already. */
  normalize?(facts: ScoreFacts, scores: Float64Array, feasible: ArrayLike<number>): void;

  /**
   * For a local score that looks beyond its node at something that changes with the set of nodes alone: when the text
   * changes, the engine scores all nodes of the class anew.
   */
  scoreStamp?(pod: PodRequest, view: View): string;
  /**
   * What it reads of a pod besides the fields that built-in plugins read (annotations, say), as one text: pods with equal
   * texts may share a class of the engine. A plugin from outside without it is always asked by scan.
   */
  classKey?(pod: Pod): string;

  /**
   * For built-in plugins whose kernels may run on worker threads: the facts as plain data to post, or undefined when those
   * of this pod have to stay. Such kernels read nothing else but columns and the node count, and the pod's and the rows'
   * amounts are never exact ones. Scores do not depend on a node's place among the feasible ones.
   */
  readonly onWorkers?: {
    filter?(facts: FilterFacts): Posted | undefined;
    score?(facts: ScoreFacts): Posted | undefined;
  };

  /** The pod is about to be assumed on row n. May return what takes that back if it is not bound after all. */
  reserve?(facts: FilterFacts, pod: PodRequest, view: View, n: number): (() => void) | undefined;
  /** A pod has left row n: deleted, or forgotten. */
  unreserve?(pod: PodRequest, view: View, n: number): void;
}

/** DefaultNormalizeScore: shares of the largest raw score, or 100 minus them. Source: framework/plugins/helper. */
export function defaultNormalize(scores: Float64Array | number[], reverse: boolean): void {
  let max = 0;
  for (let k = 0; k < scores.length; k++) if (scores[k] > max) max = scores[k];
  for (let k = 0; k < scores.length; k++) {
    if (max === 0) {
      if (reverse) scores[k] = MAX_NODE_SCORE;
      continue;
    }
    const share = Math.trunc((MAX_NODE_SCORE * scores[k]) / max);
    scores[k] = reverse ? MAX_NODE_SCORE - share : share;
  }
}

/** What every decider is made from. */
export interface DeciderOptions {
  listers: Listers;
  profiles: readonly Profile[];
  nominated: NominatedPods;
}
