/**
 * Nodes where evicting pods of lower priority would let the pod in.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/preemption/preemption.go (findCandidates, DryRunPreemption).
 */
import type { Cycle } from '../framework.ts';
import { type Diagnosis, statusOf } from '../message.ts';
import type { PluginArgs } from '../profile.ts';
import type { Budget } from './disruption.ts';
import { type NoVictims, selectVictims, type Victims } from './victims.ts';

export interface Candidate extends Victims {
  n: number;
  nodeName: string;
}

export interface Candidates {
  /** Those that break no budget first; within each half in the order of the search. */
  candidates: Candidate[];
  /** Why the others that were tried are none, by node index. */
  rejected: Map<number, NoVictims>;
}

export interface Search {
  budgets: readonly Budget[];
  /** Time for pods without a start time, in ms. */
  now: number;
  /** Where in the potential nodes to begin. */
  offset: number;
  /** Candidates that are enough, once one of them breaks no budget. */
  enough: number;
}

/** Nodes whose status says that preemption may help, in walking order. */
export function potentialNodes(cycle: Cycle, diagnosis: Diagnosis): number[] {
  const potential: number[] = [];
  const { order } = cycle;
  for (let i = 0; i < order.length; i++) {
    if (statusOf(diagnosis, order[i]).code === 'Unschedulable') potential.push(order[i]);
  }
  return potential;
}

/** How many candidates are enough among `count` potential nodes. */
export function candidatesWanted(count: number, args: PluginArgs['defaultPreemption']): number {
  const share = Math.trunc((count * args.minCandidateNodesPercentage) / 100);
  return Math.min(count, Math.max(args.minCandidateNodesAbsolute, share));
}

export function findCandidates(cycle: Cycle, potential: readonly number[], search: Search): Candidates {
  const { budgets, now, offset, enough } = search;
  const sparing: Candidate[] = [];
  const violating: Candidate[] = [];
  const rejected = new Map<number, NoVictims>();
  for (let i = 0; i < potential.length; i++) {
    const n = potential[(offset + i) % potential.length];
    const found = selectVictims(cycle, n, budgets, now);
    if (!('victims' in found)) {
      rejected.set(n, found);
      continue;
    }
    const list = found.pdbViolations === 0 ? sparing : violating;
    if (list.length < enough) list.push({ n, nodeName: cycle.nodeName(n), ...found });
    if (sparing.length > 0 && sparing.length + violating.length >= enough) break;
  }
  return { candidates: [...sparing, ...violating], rejected };
}
