/** What a plugin of the reference decider may implement, and what it may read. One pod, plain objects, no columns. */
import type { Listers } from '../../cluster/listers.ts';
import type { Pod } from '../../objects/types.ts';
import { type RejectionCode, SKIP, type Skip } from '../framework.ts';
import type { PluginArgs } from '../profile.ts';
import type { NodeInfo } from './node-info.ts';

/** One pod against one snapshot. */
export interface Context {
  readonly pod: Pod;
  /** Every node of the snapshot, in walking order. */
  readonly nodes: readonly NodeInfo[];
  readonly listers: Listers;
  readonly args: PluginArgs;
}

/** Why not. */
export interface Refusal {
  code: RejectionCode;
  reasons: string[];
}

export interface PreFilterResult<State> {
  state: State;
  /** Only these nodes may take the pod. */
  nodeNames?: Set<string>;
}

export interface ReferencePlugin<FilterState = undefined, ScoreState = undefined> {
  readonly name: string;

  /** Absent: the filter always runs, with `undefined` for its state. */
  preFilter?(context: Context): PreFilterResult<FilterState> | Skip | { refusal: Refusal } | { error: string };
  filter?(state: FilterState, node: NodeInfo, context: Context): Refusal | undefined;
  /** Absent: adding and removing pods does not change the state. */
  clone?(state: FilterState): FilterState;
  /** `pod` came to (by 1) or left (by -1) the node in a what-if. */
  shift?(state: FilterState, pod: Pod, node: NodeInfo, by: 1 | -1, context: Context): void;

  /** Absent: the score always runs. */
  preScore?(context: Context, feasible: readonly NodeInfo[]): { state: ScoreState } | Skip | { error: string };
  score?(state: ScoreState, node: NodeInfo, context: Context): number;
  /** In place; scores[k] belongs to feasible[k]. Absent: scores are 0 to 100 already. */
  normalize?(scores: number[], feasible: readonly NodeInfo[], state: ScoreState): void;

  /** The pod is about to be assumed on the node. Returns what undoes it, when there is something to undo. */
  reserve?(state: FilterState, node: NodeInfo, context: Context): (() => void) | undefined;
}

/** A plugin whose states are its own business. */
export type AnyReferencePlugin = ReferencePlugin<unknown, unknown>;

export function unschedulable(...reasons: string[]): Refusal {
  return { code: 'Unschedulable', reasons };
}

export function unresolvable(...reasons: string[]): Refusal {
  return { code: 'UnschedulableAndUnresolvable', reasons };
}

export { SKIP, type Skip };
