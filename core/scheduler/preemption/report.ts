/** Everything preemption could do for a failed pod: all nodes tried, as if no candidate limit stopped the search. */
import type { PodDisruptionBudget } from '../../objects/types.ts';
import type { Cycle } from '../framework.ts';
import type { Diagnosis } from '../message.ts';
import { findCandidates, potentialNodes } from './candidates.ts';
import { compileBudgets } from './disruption.ts';
import { whyNotEligible } from './eligibility.ts';
import { bestCandidates } from './pick-node.ts';
import type { Candidate } from './victim-finder.ts';
import type { NoVictims } from './victims.ts';

export interface PreemptionReport {
  eligible: boolean;
  why?: string;
  /** Node names in walking order; absent if not eligible. */
  potentialNodes?: string[];
  candidates: Candidate[];
  /** By node name: why evictions there do not help. */
  rejected: Map<string, NoVictims>;
  /** Names of the nodes that may be picked. More than one: the real scheduler takes any of them. */
  bestAnyOf: string[];
}

/** @param now for pods without a start time, in ms. */
export function preemptionReport(
  cycle: Cycle,
  diagnosis: Diagnosis,
  budgets: Iterable<PodDisruptionBudget>,
  now: number,
): PreemptionReport {
  const why = whyNotEligible(cycle, diagnosis);
  if (why) return { eligible: false, why, candidates: [], rejected: new Map(), bestAnyOf: [] };
  const potential = potentialNodes(cycle, diagnosis);
  const search = { budgets: compileBudgets(budgets), now, offset: 0, enough: Number.POSITIVE_INFINITY };
  const { candidates, rejected, whyNot } = findCandidates(cycle, potential, search);
  return {
    eligible: true,
    potentialNodes: potential.map((n) => cycle.nodeName(n)),
    candidates,
    rejected: new Map(rejected.map((n) => [cycle.nodeName(n), whyNot(n)])),
    bestAnyOf: bestCandidates(candidates, now).map(({ nodeName }) => nodeName),
  };
}
