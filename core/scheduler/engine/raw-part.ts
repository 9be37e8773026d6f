/**
 * A score that is local but for its normalisation: the raw score is the key. Serves TaintToleration, NodeAffinity and
 * every plugin that declares itself local and normalises over the values it sees.
 */
import type { PodRequest } from '../../cluster/pod-request.ts';
import { SKIP, type View } from '../framework.ts';
import type { AnyPackedPlugin } from '../plugins/registry.ts';
import type { Group } from './groups.ts';
import type { Part } from './part.ts';

export class RawPart implements Part {
  readonly name: string;
  readonly width: number;
  /** Every node has the same raw score. */
  readonly idle: boolean;
  readonly filters = false;
  broken: string | undefined;
  readonly #plugin: AnyPackedPlugin;
  readonly #weight: number;
  readonly #pod: PodRequest;
  readonly #view: View;
  #facts: unknown;
  readonly #one = new Int32Array(1);
  readonly #raw = new Float64Array(1);
  #scores = new Float64Array(16);
  #rows = new Int32Array(16);

  constructor(plugin: AnyPackedPlugin, weight: number, facts: unknown, pod: PodRequest, view: View) {
    this.name = plugin.name;
    this.#plugin = plugin;
    this.#weight = weight;
    this.#facts = facts;
    this.#pod = pod;
    this.#view = view;
    this.idle = plugin.scoresAlike?.(facts) ?? false;
    this.width = this.idle ? 0 : 1;
  }

  grow(): void {}

  renew(): boolean {
    const facts = this.#plugin.preScore?.(this.#pod, this.#view, []);
    if (facts === SKIP || (typeof facts === 'object' && facts !== null && 'error' in facts)) return false;
    this.#facts = facts;
    return (this.#plugin.scoresAlike?.(facts) ?? false) === this.idle;
  }

  enter(): void {}
  leave(): void {}

  write(n: number, path: number[], at: number): void {
    this.#one[0] = n;
    this.#plugin.score?.(this.#facts, this.#pod, this.#view, this.#one, this.#raw);
    path[at] = this.#raw[0];
  }

  score(groups: readonly Group[], at: number): void {
    if (this.#scores.length < groups.length) {
      this.#scores = new Float64Array(groups.length * 2);
      this.#rows = new Int32Array(groups.length * 2);
    }
    let count = 0;
    for (const group of groups) {
      if (!group.passes) continue;
      this.#rows[count] = 0;
      this.#scores[count++] = group.path[at];
    }
    const scores = this.#scores.subarray(0, count);
    this.#plugin.normalize?.(this.#facts, scores, this.#rows.subarray(0, count));
    let k = 0;
    for (const group of groups) {
      if (!group.passes) continue;
      if (!(scores[k] >= 0 && scores[k] <= 100)) this.broken = `${this.name} scores outside 0..100`;
      group.shared += this.#weight * scores[k++];
    }
  }
}
