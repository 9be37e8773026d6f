/**
 * What is done, and said, when no node fits: the PostFilter plugins in the profile's order. DynamicResources has no
 * claims to free here and only speaks; DefaultPreemption looks for victims.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/runtime/framework.go (RunPostFilterPlugins),
 * pkg/scheduler/framework/preemption/preemption.go (Preempt).
 */
import type { Pod, PodDisruptionBudget } from '../../objects/types.ts';
import { boundTo } from '../bound-pod.ts';
import type { PreemptionResult } from '../decision.ts';
import type { Cycle } from '../framework.ts';
import { type Diagnosis, histogramText } from '../message.ts';
import type { Profile } from '../profile.ts';
import { type Candidates, candidatesWanted, findCandidates, potentialNodes } from './candidates.ts';
import { compileBudgets } from './disruption.ts';
import { whyNotEligible } from './eligibility.ts';
import { pickNode } from './pick-node.ts';
import type { NoVictims } from './victims.ts';

const NOT_HELPFUL = 'Preemption is not helpful for scheduling';

export interface PostFilterOutcome {
  /** For the end of the failure text; '' when a node was nominated, or nobody spoke. */
  text: string;
  /** Absent when DefaultPreemption is off, or was never reached. */
  preemption?: PreemptionResult;
}

export interface PostFilterOptions {
  budgets: Iterable<PodDisruptionBudget>;
  /** Time for pods without a start time, in ms. */
  now: number;
  /** Where to begin among so many potential nodes: 0 to count - 1. */
  offset(count: number): number;
}

export function runPostFilter(
  cycle: Cycle,
  profile: Profile,
  diagnosis: Diagnosis,
  options: PostFilterOptions,
): PostFilterOutcome {
  const said: string[] = [];
  let preemption: PreemptionResult | undefined;
  for (const plugin of profile.postFilter) {
    if (plugin === 'DynamicResources') {
      // Its PostFilter needs what its PreFilter stored; without it it fails, and nobody after it is asked.
      if (!preFilterReached(plugin, profile, diagnosis)) return { text: 'not found' };
      said.push('no new claims to deallocate');
    } else if (plugin === 'DefaultPreemption') {
      const { text, ...result } = preempt(cycle, profile, diagnosis, options);
      preemption = result;
      if (result.nominatedNode) return { text: '', preemption };
      said.push(`preemption: ${text}`);
    }
  }
  return { text: said.join(', '), preemption };
}

function preFilterReached(plugin: string, profile: Profile, { preFilter }: Diagnosis): boolean {
  const own = profile.preFilter.indexOf(plugin);
  if (own < 0 || preFilter?.code !== 'UnschedulableAndUnresolvable') return own >= 0;
  return profile.preFilter.indexOf(preFilter.plugin) >= own;
}

function preempt(
  cycle: Cycle,
  profile: Profile,
  diagnosis: Diagnosis,
  { budgets, now, offset }: PostFilterOptions,
): PreemptionResult & { text: string } {
  const nothing = { victims: [], clearedNominations: [] };
  const why = whyNotEligible(cycle, diagnosis);
  if (why) return { eligible: false, why, text: why, ...nothing };
  const compiled = compileBudgets(budgets);
  const wantedOf = (count: number): number => candidatesWanted(count, profile.args.defaultPreemption);
  const remembered = compiled.length === 0 ? cycle.prospects?.(now) : undefined;
  if (remembered) {
    const { potential } = remembered;
    const best = potential > 0 ? remembered.pick(offset(potential), wantedOf(potential)) : undefined;
    if (best) return nominated(best);
    return {
      eligible: true,
      text: histogramText(diagnosis.nodeCount, remembered.rejected(), [NOT_HELPFUL]),
      ...nothing,
    };
  }
  const potential = potentialNodes(cycle, diagnosis);
  if (potential.length === 0) {
    return { eligible: true, text: histogramText(diagnosis.nodeCount, [], [NOT_HELPFUL]), ...nothing };
  }
  const found = findCandidates(cycle, potential, {
    budgets: compiled,
    now,
    offset: offset(potential.length),
    enough: wantedOf(potential.length),
  });
  if (found.candidates.length === 0) {
    return { eligible: true, text: noCandidateText(diagnosis, found), ...nothing };
  }
  return nominated(pickNode(found.candidates, now));
}

function nominated({ nodeName, victims }: { nodeName: string; victims: readonly Pod[] }) {
  const bound = victims.map((pod) => boundTo(pod, nodeName)); // Those that are assumed may not say where.
  return { eligible: true, text: '', nominatedNode: nodeName, victims: bound, clearedNominations: [] };
}

/** A node that contradicted itself makes the whole search an error, if nothing else was found. */
function noCandidateText({ nodeCount }: Diagnosis, { rejected, whyNot }: Candidates): string {
  const errors: string[] = [];
  const counted: { rejection: NoVictims; nodes: number }[] = [];
  for (const n of rejected) {
    const why = whyNot(n);
    if (why.code === 'Error') errors.push(...why.reasons);
    const last = counted.at(-1); // Neighbours are often alike.
    if (last?.rejection === why) last.nodes++;
    else counted.push({ rejection: why, nodes: 1 });
  }
  if (errors.length > 0) return errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`;
  return histogramText(nodeCount, counted, [NOT_HELPFUL]);
}
