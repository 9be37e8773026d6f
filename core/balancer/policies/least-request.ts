/**
 * Least request by the power of two choices: of two different endpoints drawn, the one with less in flight; of equals the
 * first drawn. More choices by parameter. Unequal weights are for the heap in edf.ts, as in Envoy.
 */
import { GROUP_COUNT, PARAMETERS, SLOTS } from '../tables/layout.ts';
import type { TableReader } from '../tables/reader.ts';
import type { Policy } from './policy.ts';

export const leastRequest: Policy = {
  name: 'least-request',
  compares: 'in flight: the least of those drawn, the first of equals',
  byClient: false,
  parameters: [
    { name: 'choices', default: 2, min: 1, max: 16 },
    { name: 'bias', default: 1, min: 0, max: 16 },
  ],
  whenWeighted: 'weighted-least-request',

  choose(reader: TableReader, group: number): number {
    const { words, loads } = reader;
    const count = words[group + GROUP_COUNT];
    if (count === 1) return 0;
    const slots = words[group + SLOTS];
    const choices = reader.reals[(reader.region >> 1) + PARAMETERS];
    let best = reader.draws.below(count);
    const first = best;
    let slot = words[slots + best];
    let least = loads[2 * slot] + loads[2 * slot + 1];
    for (let drawn = 1; drawn < choices; drawn++) {
      const index = another(reader, first, count);
      slot = words[slots + index];
      const load = loads[2 * slot] + loads[2 * slot + 1];
      if (load < least) {
        least = load;
        best = index;
      }
    }
    return best;
  },

  candidates(reader, group) {
    const count = reader.words[group + GROUP_COUNT];
    if (count === 1) return [{ index: 0, score: reader.inFlight(reader.slotAt(group, 0)) }];
    const first = reader.draws.below(count);
    const drawn = [first];
    const choices = reader.reals[(reader.region >> 1) + PARAMETERS];
    for (let i = 1; i < choices; i++) drawn.push(another(reader, first, count));
    return drawn.map((index) => ({ index, score: reader.inFlight(reader.slotAt(group, index)) }));
  },
};

/** An index other than the first one: drawn from one fewer, and those from it on moved up. */
export function another(reader: TableReader, first: number, count: number): number {
  const index = reader.draws.below(count - 1);
  return index >= first ? index + 1 : index;
}
