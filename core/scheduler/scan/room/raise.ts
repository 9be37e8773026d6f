/**
 * Other scores onto the keys of rows that a pass has found to fit, and out with rows that other filters refuse. The plain
 * form, for where there is no SIMD and as the check of simd-raise.ts, which does the same step by step.
 */
import { MAX_NODE_SCORE } from '../../framework.ts';
import { ASKED, FOUND, foundAt, KEYS_AT, RANKS } from './layout.ts';

/** What a plugin writes about rows, for the next raise. */
export interface RaiseInputs {
  /** Scores of up to RAISE_ROWS rows; rubbish for rows that do not fit. */
  scores: Float64Array;
  /** [row]: other than 0 for rows to take out. */
  rejectedBy: Uint8Array;
}

/**
 * Goes over rows [from, to), at most RAISE_ROWS, both even: keys of rows that stay grow by scores[row - from] times what the
 * slot ASKED.unit holds. Findings are written as a pass writes them for part 0; in FOUND.bad other than 0, too, where a row
 * that stays has a score that is no whole number from 0 to 100: its key is rubbish.
 */
export type Raise = (from: number, to: number) => void;

/** What the unit is for a score of that weight. */
export function unitOf(weight: number): number {
  return weight * RANKS;
}

export function plainRaise(values: Float64Array, { scores, rejectedBy }: RaiseInputs): Raise {
  return (from, to) => {
    const unit = values[ASKED.unit];
    let count = 0;
    let best = 0;
    let bad = 0;
    for (let n = from; n < to; n++) {
      const key = values[KEYS_AT + n];
      if (key === 0) continue;
      if (rejectedBy[n] !== 0) {
        values[KEYS_AT + n] = 0;
        continue;
      }
      const score = scores[n - from];
      if (!(score >= 0 && score <= MAX_NODE_SCORE && Math.floor(score) === score)) bad = 1;
      const raised = key + score * unit;
      values[KEYS_AT + n] = raised;
      count++;
      if (raised > best) best = raised;
    }
    const at = foundAt(0);
    values.fill(0, at, at + 2 * Object.keys(FOUND).length);
    values[at + FOUND.count] = count;
    values[at + FOUND.best] = best;
    values[at + FOUND.bad] = bad;
  };
}
