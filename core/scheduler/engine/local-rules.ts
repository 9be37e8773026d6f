/**
 * The plugins that look at one node alone: their filters, and the weighted sum of their scores. Filters that do not heed
 * pods are asked once for each node, and again when the node changes.
 */
import type { PodRequest } from '../../cluster/pod-request.ts';
import { type CheckedResource, SKIP, type View } from '../framework.ts';
import type { AnyPackedPlugin } from '../plugins/registry.ts';
import type { ActiveFilter } from '../scan/pre-filter.ts';
import { AmountsKernel, type WeighedAmounts } from './amounts-kernel.ts';
import { MAX_SCORE, STEP } from './best-rows.ts';
import { PASSES, REFUSED, type RowRules, UNKNOWN } from './judge-rows.ts';
import type { RowFacts } from './row-facts.ts';

export interface LocalScore {
  plugin: AnyPackedPlugin;
  weight: number;
  facts: unknown;
}

export class LocalRules {
  readonly #pod: PodRequest;
  readonly #view: View;
  readonly #rows: RowFacts;
  /** Filters that pods have no part in, and the others. */
  #still: readonly ActiveFilter[] = [];
  #heeding: readonly ActiveFilter[] = [];
  #scores: readonly LocalScore[] = [];
  /** Stands for #heeding and #scores while no row is wide. */
  #fused: FusedRules | undefined;
  #verdict = new Uint8Array(0);
  /** [row]: what #still says of it. */
  #known: Uint8Array = new Uint8Array(0);
  /** Entries of #known that are not PASSES. */
  #unsure = 0;
  readonly #score = new Float64Array(1);
  readonly #row = new Int32Array(1);
  /** Scores of many rows. */
  #many = new Float64Array(0);

  /**
   * askAll or adopt comes next: nothing is known yet.
   * @param rows in step with the cluster whenever rows are judged.
   */
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
    this.#take(filters, scores);
  }

  /** Facts were made anew; what is known of nodes that did not change stays true. */
  renew(filters: readonly ActiveFilter[], scores: readonly LocalScore[]): void {
    const before = this.#still;
    this.#take(filters, scores);
    this.#makeRoom(this.#view.cluster.rows);
    const same =
      before.length === this.#still.length && this.#still.every(({ plugin }, i) => plugin === before[i].plugin);
    if (!same) this.askAll();
  }

  #take(filters: readonly ActiveFilter[], scores: readonly LocalScore[]): void {
    this.#still = filters.filter(({ plugin }) => plugin.heedsPods === false);
    this.#heeding = filters.filter(({ plugin }) => plugin.heedsPods !== false);
    this.#scores = scores.filter(({ plugin, facts }) => !plugin.scoresAlike?.(facts));
    this.#fused = this.#pod.exact ? undefined : fusedRules(this.#heeding, this.#scores, this.#view, this.#rows);
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
  askAll(): void {
    const { rows } = this.#view.cluster;
    this.#makeRoom(rows);
    const verdict = this.#verdict.fill(0);
    for (const { plugin, facts, self } of this.#refusing()) {
      plugin.filter?.(facts, this.#pod, this.#view, 0, rows, verdict, self);
    }
    for (let n = 0; n < rows; n++) this.#known[n] = verdict[n] === 0 ? PASSES : REFUSED;
    this.adopt(this.#known);
  }

  /** What others have found out about every row (judge-rows.ts); it is kept, and written to. */
  adopt(known: Uint8Array): void {
    this.#known = known;
    if (this.#verdict.length < known.length) this.#verdict = new Uint8Array(known.length);
    this.#unsure = 0;
    for (let from = 0; from < known.length; from += STEP) this.#unsure += unsureIn(known, from, from + STEP);
  }

  /** Filters that do not heed pods and have something to refuse. */
  #refusing(): readonly ActiveFilter[] {
    return this.#still.filter(({ plugin, facts }) => !plugin.refusesNobody?.(facts, this.#pod, this.#view));
  }

  /**
   * What judging all rows takes, where the kernel for amounts does most of it.
   * @param may says of a plugin that its scores are whole numbers from 0 to 100.
   */
  rowRules(may: (plugin: AnyPackedPlugin) => boolean): RowRules | undefined {
    const fused = this.#view.cluster.wideRows === 0 ? this.#fused : undefined;
    if (!fused || fused.filters.length > 0 || !fused.scores.every(({ plugin }) => may(plugin))) return undefined;
    let most = 0;
    for (const { weight } of this.#scores) {
      if (!Number.isInteger(weight)) return undefined;
      most += 100 * weight;
    }
    if (most > MAX_SCORE) return undefined;
    const { checked, weighed, scores } = fused;
    return { filters: this.#refusing(), checked, weighed, scores };
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

  /** Whether the filters let row n have the pod, with the columns as they are now: in a what-if, say. */
  fits(n: number): boolean {
    return this.#passes(this.#still, n) && this.#passes(this.#heeding, n);
  }

  /**
   * Weighted local scores of the first `count` rows, which hold nodes, written to scores[k] for rows[k]: -1 when some filter
   * refuses the row, NaN when a score is no whole number.
   */
  judgeRows(rows: Int32Array, count: number, scores: Float64Array): void {
    const fused = this.#view.cluster.wideRows === 0 ? this.#fused : undefined;
    fused?.kernel.judge(rows, count, scores);
    if (!fused || this.#unsure > 0 || fused.filters.length > 0) this.#judgeEach(rows, count, scores, fused);
    if (fused && fused.scores.length > 0) this.#addScores(fused.scores, rows, count, scores);
  }

  /** Filters row by row, but for what the kernel has judged. */
  #judgeEach(rows: Int32Array, count: number, scores: Float64Array, fused: FusedRules | undefined): void {
    const known = this.#known;
    for (let k = 0; k < count; k++) {
      const n = rows[k];
      if (known[n] === UNKNOWN) {
        known[n] = this.#passes(this.#still, n) ? PASSES : REFUSED;
        if (known[n] === PASSES) this.#unsure--;
      }
      if (known[n] === REFUSED) scores[k] = -1;
      else if (!fused) scores[k] = this.#passes(this.#heeding, n) ? this.#sum(n) : -1;
      else if (scores[k] >= 0 && fused.filters.length > 0 && !this.#passes(fused.filters, n)) scores[k] = -1;
    }
  }

  /** To the totals of rows that fit; NaN for a score that is no whole number from 0 to 100. */
  #addScores(scores: readonly LocalScore[], rows: Int32Array, count: number, totals: Float64Array): void {
    this.#row[0] = rows[0];
    if (this.#many.length < count) this.#many = new Float64Array(2 * count);
    const asked = count === 1 ? this.#row : rows.subarray(0, count);
    const made = count === 1 ? this.#score : this.#many.subarray(0, count);
    for (const { plugin, weight, facts } of scores) {
      plugin.score?.(facts, this.#pod, this.#view, asked, made);
      for (let k = 0; k < count; k++) {
        if (totals[k] < 0) continue;
        const score = made[k];
        const whole = score | 0;
        totals[k] += whole === score && whole >= 0 && whole <= 100 ? weight * score : Number.NaN;
      }
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

/** Entries that are not PASSES. */
function unsureIn(known: Uint8Array, from: number, to: number): number {
  let unsure = 0;
  for (let n = from; n < to && n < known.length; n++) if (known[n] !== PASSES) unsure++;
  return unsure;
}

/** A kernel that knows amounts, and who else has a say. */
interface FusedRules {
  kernel: AmountsKernel;
  /** What the kernel is made of. */
  checked: readonly CheckedResource[];
  weighed: readonly WeighedAmounts[];
  filters: readonly ActiveFilter[];
  scores: readonly LocalScore[];
}

/** Undefined when not exactly one plugin filters by amounts. */
function fusedRules(
  filters: readonly ActiveFilter[],
  scores: readonly LocalScore[],
  { cluster }: View,
  rows: RowFacts,
): FusedRules | undefined {
  const asked = filters.filter(({ plugin }) => plugin.filter);
  const byAmounts = asked.filter(({ plugin, facts }) => plugin.checkedResources?.(facts));
  if (byAmounts.length !== 1) return undefined;
  const [{ plugin: fit, facts: amounts }] = byAmounts;
  const weighed: WeighedAmounts[] = [];
  const others: LocalScore[] = [];
  for (const local of scores) {
    const score = local.plugin.roomScore?.(local.facts);
    const isTaken = weighed.some((other) => (other.score.of === 'Balance') === (score?.of === 'Balance'));
    if (score && !isTaken) weighed.push({ weight: local.weight, score });
    else others.push(local);
  }
  const checked = fit.checkedResources?.(amounts) ?? [];
  const kernel = new AmountsKernel(checked, weighed, rows, cluster.columns);
  const rest = asked.filter((filter) => filter !== byAmounts[0]);
  return { kernel, checked, weighed, filters: rest, scores: others };
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
