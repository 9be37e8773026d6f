/** The plugins that look at one node alone: their filters, and the weighted sum of their scores. */
import type { PodRequest } from '../../cluster/pod-request.ts';
import { SKIP, type View } from '../framework.ts';
import type { AnyPackedPlugin } from '../plugins/registry.ts';
import type { ActiveFilter } from '../scan/pre-filter.ts';

interface LocalScore {
  plugin: AnyPackedPlugin;
  weight: number;
  facts: unknown;
}

export class LocalRules {
  readonly #pod: PodRequest;
  readonly #view: View;
  #filters: readonly ActiveFilter[];
  #scores: readonly LocalScore[];
  #verdict = new Uint8Array(64);
  readonly #one = new Int32Array(1);
  readonly #score = new Float64Array(1);

  constructor(filters: readonly ActiveFilter[], scores: readonly LocalScore[], pod: PodRequest, view: View) {
    this.#filters = filters;
    this.#scores = scores;
    this.#pod = pod;
    this.#view = view;
  }

  /** Weighted local score of row n; -1 when some filter refuses it, NaN when a score is no whole number. */
  judge(n: number): number {
    if (this.#verdict.length <= n) this.#verdict = new Uint8Array(n * 2);
    const verdict = this.#verdict;
    verdict[n] = 0;
    const pod = this.#pod;
    const view = this.#view;
    for (const { plugin, facts, self } of this.#filters) {
      plugin.filter?.(facts, pod, view, n, n + 1, verdict, self);
      if (verdict[n] !== 0) return -1;
    }
    let sum = 0;
    this.#one[0] = n;
    for (const { plugin, weight, facts } of this.#scores) {
      plugin.score?.(facts, pod, view, this.#one, this.#score);
      const score = this.#score[0];
      if (!(score >= 0 && score <= 100)) return Number.NaN;
      sum += weight * score;
    }
    return Number.isInteger(sum) ? sum : Number.NaN;
  }
}

/** Which of the profile's scores are local, with what they learned of the pod. */
export function localScores(
  scores: readonly { plugin: AnyPackedPlugin; weight: number }[],
  pod: PodRequest,
  view: View,
): LocalScore[] | { unfactored: string } {
  const local: LocalScore[] = [];
  for (const { plugin, weight } of scores) {
    if (plugin.scope !== 'local' || plugin.normalize) continue;
    const facts = plugin.preScore?.(pod, view, []);
    if (facts === SKIP) continue;
    if (typeof facts === 'object' && facts !== null && 'error' in facts) {
      return { unfactored: `${plugin.name} fails` };
    }
    local.push({ plugin, weight, facts });
  }
  return local;
}
