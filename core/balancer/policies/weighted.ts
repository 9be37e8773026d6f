/**
 * Weighted random by an alias table (Walker, built as Vose does): one draw whatever the weights. Of its product with the
 * number of endpoints the upper half names a column, and the lower half, which is even over 32 bits, decides there.
 */

import { upperHalf } from '../tables/draws.ts';
import * as layout from '../tables/layout.ts';
import type { TableReader } from '../tables/reader.ts';
import { type Policy, scored } from './policy.ts';

// Names of the module's own are constants to V8; an imported one is loaded and checked at each use.
const { AUX, GROUP_COUNT, WEIGHTS } = layout;

export const weighted: Policy = {
  name: 'weighted',
  compares: 'shares: the probability of each endpoint',
  byClient: false,
  parameters: [],

  choose(reader: TableReader, group: number): number {
    const { words } = reader;
    const count = words[group + GROUP_COUNT];
    const draw = reader.draws.word();
    const index = upperHalf(draw, count);
    const at = words[group + AUX] + 2 * index;
    // Without a branch, which would be guessed wrong as often as not: all ones where the alias is taken.
    const other = -Number(Math.imul(draw, count) >>> 0 > words[at] >>> 0);
    return index + ((words[at + 1] - index) & other);
  },

  prepare(members) {
    const { keeps, aliases } = aliasTable(members.map(({ weight }) => weight));
    return {
      words: 2 * members.length,
      size: members.length,
      write(words, _halves, at) {
        for (let i = 0; i < keeps.length; i++) {
          words[at + 2 * i] = keeps[i];
          words[at + 2 * i + 1] = aliases[i];
        }
      },
    };
  },

  candidates(reader, group) {
    const { words, reals } = reader;
    const [weights, count] = [words[group + WEIGHTS], words[group + GROUP_COUNT]];
    return scored(count, (index) => reals[weights + index] / reals[weights + count]);
  },
};

/**
 * For every column: a draw (32 bits, unsigned) up to `keeps` stays with it, others go to its alias.
 * @param weights greater than 0.
 */
export function aliasTable(weights: readonly number[]): { keeps: Uint32Array; aliases: Int32Array } {
  const count = weights.length;
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const share = Float64Array.from(weights, (weight) => (weight * count) / sum);
  const keeps = new Uint32Array(count).fill(0xffffffff);
  const aliases = Int32Array.from({ length: count }, (_, i) => i);
  const small: number[] = [];
  const large: number[] = [];
  for (let i = 0; i < count; i++) (share[i] < 1 ? small : large).push(i);
  while (small.length > 0 && large.length > 0) {
    const poor = small.pop() as number;
    const rich = large[large.length - 1];
    keeps[poor] = Math.max(0, Math.round(share[poor] * 4294967296) - 1);
    aliases[poor] = rich;
    share[rich] -= 1 - share[poor];
    if (share[rich] < 1) small.push(large.pop() as number);
  }
  return { keeps, aliases };
}
