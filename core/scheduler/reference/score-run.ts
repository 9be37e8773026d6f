/**
 * Scores of the feasible nodes: PreScore, the raw scores, their normalisation, the weighted sum.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/runtime/framework.go (RunPreScorePlugins, RunScorePlugins).
 */
import { type CycleError, MAX_NODE_SCORE, type Scores } from '../framework.ts';
import type { NodeInfo } from './node-info.ts';
import { type AnyReferencePlugin, type Context, SKIP } from './plugin.ts';

export interface WeightedPlugin {
  plugin: AnyReferencePlugin;
  weight: number;
}

export function runScore(
  plugins: readonly WeightedPlugin[],
  context: Context,
  feasible: readonly NodeInfo[],
): Scores | { error: CycleError } {
  const states = new Map<string, unknown>();
  const scoring: WeightedPlugin[] = [];
  for (const weighted of plugins) {
    const { name, preScore } = weighted.plugin;
    const result = preScore?.(context, feasible);
    if (result === SKIP) continue;
    if (result && 'error' in result) {
      return { error: { plugin: name, message: `running PreScore plugin "${name}": ${result.error}` } };
    }
    states.set(name, result?.state);
    scoring.push(weighted);
  }

  const raw: number[][] = [];
  const normalized: number[][] = [];
  const totals = feasible.map(() => 0);
  for (const { plugin, weight } of scoring) {
    const state = states.get(plugin.name);
    const scores = feasible.map((node) => plugin.score?.(state, node, context) ?? 0);
    raw.push([...scores]);
    plugin.normalize?.(scores, feasible, state);
    const bad = scores.find((score) => score < 0 || score > MAX_NODE_SCORE);
    if (bad !== undefined) return { error: outOfRange(plugin.name, bad) };
    normalized.push(scores);
    scores.forEach((score, k) => {
      totals[k] += score * weight;
    });
  }
  const names = scoring.map(({ plugin }) => plugin.name);
  return { plugins: names, weights: scoring.map(({ weight }) => weight), raw, normalized, totals };
}

function outOfRange(plugin: string, score: number): CycleError {
  const range = `it should in the range of [0, ${MAX_NODE_SCORE}] after normalizing`;
  const problem = `plugin "${plugin}" returns an invalid score ${score}, ${range}`;
  return { plugin, message: `applying score defaultWeights on Score plugins: ${problem}` };
}
