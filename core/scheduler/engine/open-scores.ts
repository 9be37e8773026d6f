/**
 * Scores from outside that look at all nodes that fit: they are asked anew in every decision, with the same nodes in the
 * same order as the scan asks them. What fits, and the scores of all other plugins, the class knows.
 */
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { Scores, Tie, View } from '../framework.ts';
import type { ScanProfile } from '../scan/scan-profile.ts';
import { scoreRows } from '../scan/score-run.ts';
import { Scratch } from '../scan/scratch.ts';
import { HostSelector } from '../select-node.ts';
import { MAX_SCORE } from './best-rows.ts';
import { NOWHERE } from './bucket-queue.ts';
import type { Groups } from './groups.ts';
import type { Unfactored } from './part.ts';

export type OpenScores = ScanProfile['scores'];

export function openScoresOf({ scores, outside }: ScanProfile): OpenScores {
  return scores.filter(({ plugin }) => plugin.scope === 'shared' && outside.has(plugin));
}

export class OpenScoring {
  readonly #view: View;
  readonly #scratch = new Scratch();
  #selector: HostSelector | undefined;
  /** Rows in groups that pass, in walking order, and their totals. Kept from decision to decision, only grown. */
  #rows = new Int32Array(0);
  #totals = new Float64Array(0);

  constructor(view: View) {
    this.#view = view;
  }

  /** The chosen row of two or more in groups that pass. */
  pick(plugins: OpenScores, groups: Groups, pod: PodRequest, tie: Tie): number | Unfactored {
    const { cluster } = this.#view;
    const count = this.#walk(groups, tie.start);
    const rows = this.#rows.subarray(0, count);
    const totals = this.#totals.subarray(0, count);
    const scores = scoreRows(plugins, pod, this.#view, rows, this.#scratch);
    if ('error' in scores) return { unfactored: 'a score from outside fails' };
    // All others are whole, and sums of whole numbers are the same in any order.
    if (!areWhole(scores)) return { unfactored: 'a score is no whole number' };
    const best = addTotals(totals, scores.totals);
    if (best >= 0) return rows[best];
    this.#selector ??= new HostSelector(tie.rule, tie.seed);
    const names = { nodeName: (n: number) => cluster.nodeAt(n)?.metadata.name ?? '' };
    return rows[this.#selector.select(names, rows, totals, tie.decision)];
  }

  /** Finds the rows, with the totals of what the class knows; returns how many. */
  #walk(groups: Groups, start: number): number {
    const order = this.#view.cluster.order();
    if (this.#rows.length < order.length) {
      this.#rows = new Int32Array(order.length * 2);
      this.#totals = new Float64Array(order.length * 2);
    }
    const rows = this.#rows;
    const totals = this.#totals;
    const { cells, list } = groups;
    const only = list.length === 1 ? list[0] : undefined;
    let count = 0;
    let at = start % order.length;
    for (let i = 0; i < order.length; i++) {
      const row = order[at];
      if (++at === order.length) at = 0;
      if (cells[row] === NOWHERE) continue;
      const group = only ?? groups.of(row);
      if (!group?.passes) continue;
      rows[count] = row;
      totals[count++] = group.shared + (cells[row] & MAX_SCORE);
    }
    return count;
  }
}

/** Adds them to the first; returns where the highest sum is, or -1 when several are. */
function addTotals(totals: Float64Array, more: ArrayLike<number>): number {
  let most = Number.NEGATIVE_INFINITY;
  let at = -1;
  for (let k = 0; k < totals.length; k++) {
    const total = totals[k] + more[k];
    totals[k] = total;
    if (total < most) continue;
    at = total > most ? k : -1;
    most = total;
  }
  return at;
}

function areWhole({ normalized }: Scores): boolean {
  return normalized.every((scores) => {
    // Scores are 0 to 100: those that survive as int32 are whole.
    for (let k = 0; k < scores.length; k++) if (scores[k] !== (scores[k] | 0)) return false;
    return true;
  });
}
