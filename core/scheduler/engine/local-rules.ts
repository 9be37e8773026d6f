/**
 * The plugins that look at one node alone: their filters, and the weighted sum of their scores. Filters that do not heed
 * pods are asked once for each node, and again when the node changes.
 */
import type { PodRequest } from '../../cluster/pod-request.ts';
import { SKIP, type View } from '../framework.ts';
import type { AnyPackedPlugin } from '../plugins/registry.ts';
import type { ActiveFilter } from '../scan/pre-filter.ts';
import { AmountsKernel, type WeighedAmounts } from './amounts-kernel.ts';
import type { RowFacts } from './row-facts.ts';

export interface LocalScore {
  plugin: AnyPackedPlugin;
  weight: number;
  facts: unknown;
}

const UNKNOWN = 0;
const PASSES = 1;
const REFUSED = 2;

export class LocalRules {
  readonly #pod: PodRequest;
  readonly #view: View;
  readonly #rows: RowFacts;
  /** Filters that pods have no part in, and the others. */
  #still: readonly ActiveFilter[] = [];
  #heeding: readonly ActiveFilter[] = [];
  #scores: readonly LocalScore[] = [];
  /** Stands for #heeding and #scores while no row is wide. */
  #kernel: AmountsKernel | undefined;
  #verdict = new Uint8Array(0);
  /** [row]: what #still says of it. */
  #known = new Uint8Array(0);
  /** Entries of #known that are not PASSES. */
  #unsure = 0;
  readonly #one = new Int32Array(1);
  readonly #score = new Float64Array(1);
  readonly #total = new Float64Array(1);
  readonly #row = new Int32Array(1);

  /** @param rows in step with the cluster whenever rows are judged. */
  constructor(
    filters: readonly ActiveFilter[],
    scores: readonly LocalScore[],
    pod: PodRequest,
    view: View,
    rows: RowFacts,
  ) {
    this.#pod = pod;
    this.#view = view;
    this.#rows = rows;
    this.renew(filters, scores);
  }

  /** Facts were made anew; what is known of nodes that did not change stays true. */
  renew(filters: readonly ActiveFilter[], scores: readonly LocalScore[]): void {
    const still = filters.filter(({ plugin }) => plugin.heedsPods === false);
    const same =
      still.length === this.#still.length && still.every(({ plugin }, i) => plugin === this.#still[i].plugin);
    this.#still = still;
    this.#heeding = filters.filter(({ plugin }) => plugin.heedsPods !== false);
    this.#scores = scores.filter(({ plugin, facts }) => !plugin.scoresAlike?.(facts));
    this.#kernel = this.#pod.exact ? undefined : kernelOf(this.#heeding, this.#scores, this.#view, this.#rows);
    const { rows } = this.#view.cluster;
    this.#makeRoom(rows);
    if (!same) this.#askAll();
  }

  #makeRoom(rows: number): void {
    if (this.#known.length >= rows) return;
    const known = new Uint8Array(rows);
    known.set(this.#known);
    this.#unsure += known.length - this.#known.length;
    this.#known = known;
    this.#verdict = new Uint8Array(rows);
  }

  /** Asks the filters that do not heed pods about every row at once. */
  #askAll(): void {
    const { rows } = this.#view.cluster;
    const verdict = this.#verdict.fill(0);
    for (const { plugin, facts, self } of this.#still) {
      plugin.filter?.(facts, this.#pod, this.#view, 0, rows, verdict, self);
    }
    this.#unsure = this.#known.length;
    for (let n = 0; n < rows; n++) {
      this.#known[n] = verdict[n] === 0 ? PASSES : REFUSED;
      if (verdict[n] === 0) this.#unsure--;
    }
  }

  /** What is refused stays so when pods come. */
  get podsOnlyTighten(): boolean {
    return this.#heeding.every(({ plugin }) => plugin.podsOnlyTighten || !plugin.filter);
  }

  /** The node of the row changed, or went. */
  forget(n: number): void {
    if (this.#known[n] === PASSES) this.#unsure++;
    this.#known[n] = UNKNOWN;
  }

  /** Weighted local score of row n; -1 when some filter refuses it, NaN when a score is no whole number. */
  judge(n: number): number {
    this.#one[0] = n;
    this.judgeRows(this.#one, 1, this.#total);
    return this.#total[0];
  }

  /** Whether the filters let row n have the pod, with the columns as they are now: in a what-if, say. */
  fits(n: number): boolean {
    return this.#passes(this.#still, n) && this.#passes(this.#heeding, n);
  }

  /** What judge says of the first `count` rows, which hold nodes, written to scores[k] for rows[k]. */
  judgeRows(rows: Int32Array, count: number, scores: Float64Array): void {
    const fast = this.#kernel !== undefined && this.#view.cluster.wideRows === 0;
    if (fast) this.#kernel?.judge(rows, count, scores);
    if (fast && this.#unsure === 0) return;
    const known = this.#known;
    for (let k = 0; k < count; k++) {
      const n = rows[k];
      if (known[n] === UNKNOWN) {
        known[n] = this.#passes(this.#still, n) ? PASSES : REFUSED;
        if (known[n] === PASSES) this.#unsure--;
      }
      if (known[n] === REFUSED) scores[k] = -1;
      else if (!fast) scores[k] = this.#passes(this.#heeding, n) ? this.#sum(n) : -1;
    }
  }

  #passes(filters: readonly ActiveFilter[], n: number): boolean {
    const verdict = this.#verdict;
    verdict[n] = 0;
    for (const { plugin, facts, self } of filters) {
      plugin.filter?.(facts, this.#pod, this.#view, n, n + 1, verdict, self);
      if (verdict[n] !== 0) return false;
    }
    return true;
  }

  #sum(n: number): number {
    let sum = 0;
    this.#row[0] = n;
    for (const { plugin, weight, facts } of this.#scores) {
      plugin.score?.(facts, this.#pod, this.#view, this.#row, this.#score);
      const score = this.#score[0];
      if (!(score >= 0 && score <= 100)) return Number.NaN;
      sum += weight * score;
    }
    return Number.isInteger(sum) ? sum : Number.NaN;
  }
}

/** Undefined when some plugin does more than the kernel knows. */
function kernelOf(
  filters: readonly ActiveFilter[],
  scores: readonly LocalScore[],
  { cluster }: View,
  rows: RowFacts,
): AmountsKernel | undefined {
  const asked = filters.filter(({ plugin }) => plugin.filter);
  if (asked.length !== 1) return undefined;
  const checked = asked[0].plugin.checkedResources?.(asked[0].facts);
  if (!checked) return undefined;
  const weighed: WeighedAmounts[] = [];
  for (const { plugin, weight, facts } of scores) {
    const score = plugin.roomScore?.(facts);
    if (!score || weighed.some((other) => other.score.of === score.of)) return undefined;
    weighed.push({ weight, score });
  }
  return new AmountsKernel(checked, weighed, rows, cluster.columns);
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
