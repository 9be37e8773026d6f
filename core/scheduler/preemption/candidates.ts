/**
 * Nodes where evicting pods of lower priority would let the pod in.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/preemption/preemption.go (findCandidates, DryRunPreemption).
 */
import type { Cycle } from '../framework.ts';
import type { Diagnosis } from '../message.ts';
import type { PluginArgs } from '../profile.ts';
import { ByAmounts } from './by-amounts.ts';
import { DryRuns } from './dry-runs.ts';
import type { Candidate, Circumstances, VictimFinder } from './victim-finder.ts';
import type { NoVictims } from './victims.ts';

export interface Candidates {
  /** Those that break no budget first; within each half in the order of the search. */
  candidates: Candidate[];
  /** The others that were tried, in the order of the search. */
  rejected: number[];
  /** Why one of those is no candidate; valid while the cycle is. */
  whyNot(n: number): NoVictims;
}

export interface Search extends Circumstances {
  /** Where in the potential nodes to begin. */
  offset: number;
  /** Candidates that are enough, once one of them breaks no budget. */
  enough: number;
}

/** Nodes whose status says that preemption may help, in walking order. */
export function potentialNodes(cycle: Cycle, diagnosis: Diagnosis): number[] {
  let count = 0;
  const { order } = cycle;
  const potential = new Array<number>(order.length);
  const { rejections, absent } = diagnosis;
  const { kinds, kindOf } = rejections;
  const helps = [absent, ...kinds.map(({ rejection }) => rejection)].map(({ code }) => code === 'Unschedulable');
  for (let i = 0; i < order.length; i++) if (helps[kindOf[order[i]] ?? 0]) potential[count++] = order[i];
  potential.length = count;
  return potential;
}

/** How many candidates are enough among `count` potential nodes. */
export function candidatesWanted(count: number, args: PluginArgs['defaultPreemption']): number {
  const share = Math.trunc((count * args.minCandidateNodesPercentage) / 100);
  return Math.min(count, Math.max(args.minCandidateNodesAbsolute, share));
}

export function findCandidates(cycle: Cycle, potential: readonly number[], search: Search): Candidates {
  const { offset, enough } = search;
  const finder = finderFor(cycle, search);
  const sparing: Candidate[] = [];
  const violating: Candidate[] = [];
  const rejected: number[] = [];
  for (let i = 0, at = offset; i < potential.length; i++, at++) {
    if (at >= potential.length) at -= potential.length;
    const n = potential[at];
    const found = finder.find(n);
    if (!found) {
      rejected.push(n);
      continue;
    }
    const list = found.pdbViolations === 0 ? sparing : violating;
    if (list.length < enough) list.push(found);
    if (sparing.length > 0 && sparing.length + violating.length >= enough) break;
  }
  return { candidates: [...sparing, ...violating], rejected, whyNot: (n) => finder.whyNot(n) };
}

/** Sums where the cycle has them; dry runs elsewhere. */
function finderFor(cycle: Cycle, circumstances: Circumstances): VictimFinder {
  const dryRuns = new DryRuns(cycle, circumstances);
  const sums = cycle.evictionSums?.();
  return sums ? new ByAmounts(sums, circumstances, dryRuns) : dryRuns;
}
