/** What one scheduling cycle says: the values that flow from schedule-one.ts to queue, binder, simulator and explain. */
import type { Pod } from '../objects/types.ts';
import type { CycleError } from './framework.ts';

/**
 * Choice among nodes with equal totals. `order`: one node order drawn from the seed, the lowest rank wins. `first`:
 * kube-scheduler 1.36, the first maximum in heap pre-order over the feasible list. `random`: uniform, from the seed.
 */
export type TieRule = 'order' | 'first' | 'random';

export interface Decision {
  pod: Pod;
  result: 'scheduled' | 'unschedulable' | 'error';
  /** The chosen node, when scheduled. */
  host?: string;
  /** Nodes the filters looked at, and how many of them fit. */
  evaluated: number;
  feasible: number;
  /** The whole failure text, as in the pod's PodScheduled condition. */
  message?: string;
  error?: CycleError;
  /** Plugins that rejected some examined node, or the whole pod: they decide on requeueing. Sorted. */
  unschedulablePlugins: readonly string[];
  /** What preemption found, when it ran. */
  preemption?: PreemptionResult;
}

export interface PreemptionResult {
  eligible: boolean;
  /** Why it is not eligible. */
  why?: string;
  /** The node the pod is nominated to, when preemption succeeded. */
  nominatedNode?: string;
  /** Pods to delete there, most important first. */
  victims: readonly Pod[];
  /** Pods of lower priority that lost their nomination to that node, in order of nomination. */
  clearedNominations: readonly Pod[];
}
