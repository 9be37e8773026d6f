/** PreScore and Score over the feasible rows: raw and normalised scores of each plugin, and the weighted totals. */

import type { PodRequest } from '../../cluster/pod-request.ts';
import { type CycleError, MAX_NODE_SCORE, type Scores, SKIP, type View } from '../framework.ts';
import type { AnyPackedPlugin } from '../plugins/registry.ts';
import type { ScanProfile } from './scan-profile.ts';
import type { Scratch } from './scratch.ts';

/** A score plugin that is not skipped in this cycle, with what it learned of the pod. */
export interface ScoreRun {
  plugin: AnyPackedPlugin;
  weight: number;
  facts: unknown;
}

/** Where the i-th run writes its scores. What they were before being normalised is kept in the slot behind. */
export function slotOf(i: number): number {
  return 1 + 2 * i;
}

/**
 * The arrays are valid until the next call.
 * @param split has others write the scores of some runs; says of which. Nobody does by default.
 */
export function scoreRows(
  plugins: ScanProfile['scores'],
  request: PodRequest,
  view: View,
  feasible: ArrayLike<number>,
  scratch: Scratch,
  split?: (runs: readonly ScoreRun[]) => readonly boolean[],
): Scores | { error: CycleError } {
  const { length } = feasible;
  const { runs, error } = preScore(plugins, request, view, feasible);
  const done = split?.(runs) ?? [];
  const raw: Float64Array[] = [];
  const normalized: Float64Array[] = [];
  const totals = scratch.scores(0, length).fill(0);
  for (let i = 0; i < runs.length; i++) {
    const { plugin, weight, facts } = runs[i];
    const scores = scratch.scores(slotOf(i), length);
    if (!done[i]) plugin.score?.(facts, request, view, feasible, scores);
    if (plugin.normalize) {
      const before = scratch.scores(slotOf(i) + 1, length);
      before.set(scores);
      raw.push(before);
      plugin.normalize(facts, scores, feasible);
    } else {
      raw.push(scores);
    }
    const outside = addWeighted(totals, scores, weight);
    if (outside !== undefined) {
      const range = 'it should in the range of [0, 100] after normalizing';
      return failure(plugin.name, `plugin "${plugin.name}" returns an invalid score ${outside}, ${range}`);
    }
    normalized.push(scores);
  }
  if (error) return { error };
  const weights = runs.map(({ weight }) => weight);
  return { plugins: runs.map(({ plugin }) => plugin.name), weights, raw, normalized, totals };
}

/** Up to the first plugin that fails. */
function preScore(
  plugins: ScanProfile['scores'],
  request: PodRequest,
  view: View,
  feasible: ArrayLike<number>,
): { runs: ScoreRun[]; error?: CycleError } {
  const runs: ScoreRun[] = [];
  for (const { plugin, weight } of plugins) {
    const facts = plugin.preScore?.(request, view, feasible);
    if (facts === SKIP) continue;
    if (isError(facts)) {
      return { runs, ...failure(plugin.name, `running PreScore plugin "${plugin.name}": ${facts.error}`) };
    }
    runs.push({ plugin, weight, facts });
  }
  return { runs };
}

export function isError(facts: unknown): facts is { error: string } {
  return typeof facts === 'object' && facts !== null && 'error' in facts;
}

function failure(plugin: string, message: string): { error: CycleError } {
  return { error: { plugin, message } };
}

/** Adds weight × score to the totals, up to a score that lies outside 0..100, which is returned. */
export function addWeighted(totals: Float64Array, scores: Float64Array, weight: number): number | undefined {
  for (let k = 0; k < totals.length; k++) {
    const score = scores[k];
    if (!(score >= 0 && score <= MAX_NODE_SCORE)) return score;
    totals[k] += weight * score;
  }
  return undefined;
}
