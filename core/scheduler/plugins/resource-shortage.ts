/**
 * What a node lacks for a pod, as one number, so that thousands of nodes are told apart without words: bit 0 for the
 * number of pods, then a bit for each checked resource that is short, then one for each that the whole node has not got.
 */
import type { Columns } from '../../cluster/columns.ts';
import type { CheckedResource, RejectionCode } from '../framework.ts';

/** So many resources have bits; a pod that asks for more is told in words. */
export const MAX_CHECKED = 14;

/** Pods that leave and come, in a what-if: how many, and what they take, by the order of `checked`. */
export interface Shift {
  pods: number;
  amounts: Float64Array;
}

/**
 * 0 when the pod fits on row n, which is not wide: an amount beyond what doubles hold is more than such a row has, however
 * it was rounded.
 */
export function shortageOf(checked: readonly CheckedResource[], columns: Columns, n: number, shift?: Shift): number {
  const { allowedPods, podCount, allocatable, requested } = columns;
  const bits = checked.length;
  let short = podCount[n] + (shift ? shift.pods : 0) + 1 > allowedPods[n] ? 1 : 0;
  for (let i = 0; i < bits; i++) {
    const { r, asked } = checked[i];
    const taken = requested[r][n] + (shift ? shift.amounts[i] : 0);
    if (asked > allocatable[r][n] - taken) {
      short |= 2 << i;
      if (asked > allocatable[r][n]) short |= 2 << (bits + i);
    }
  }
  return short;
}

/**
 * The same for all rows in [from, to) that `self` refused, written to shortages; of wide rows it is rubbish. Bits come
 * column by column.
 */
export function shortagesOf(
  checked: readonly CheckedResource[],
  { allowedPods, podCount, allocatable, requested }: Columns,
  from: number,
  to: number,
  rejectedBy: Uint8Array,
  self: number,
  shortages: Int32Array,
): void {
  for (let n = from; n < to; n++) if (rejectedBy[n] === self && podCount[n] + 1 > allowedPods[n]) shortages[n] = 1;
  checked.forEach(({ r, asked }, i) => {
    const [has, taken] = [allocatable[r], requested[r]];
    const short = 2 << i;
    const more = 2 << (checked.length + i);
    for (let n = from; n < to; n++) {
      if (rejectedBy[n] === self && asked > has[n] - taken[n]) shortages[n] |= asked > has[n] ? short | more : short;
    }
  });
}

/** @param nameOf resource column → name. */
export function shortageInWords(
  short: number,
  checked: readonly CheckedResource[],
  nameOf: (r: number) => string,
): { code: RejectionCode; reasons: string[] } {
  const reasons = short & 1 ? ['Too many pods'] : [];
  checked.forEach(({ r }, i) => {
    if (short & (2 << i)) reasons.push(`Insufficient ${nameOf(r)}`);
  });
  const beyondTheNode = short >>> (1 + checked.length) !== 0;
  return { code: beyondTheNode ? 'UnschedulableAndUnresolvable' : 'Unschedulable', reasons };
}
