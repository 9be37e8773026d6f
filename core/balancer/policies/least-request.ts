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
    const { words, loads, draws } = reader;
    const count = words[group + GROUP_COUNT];
    if (count === 1) return 0;
    const slots = words[group + SLOTS];
    const first = draws.below(count);
    let best = first;
    let slot = words[slots + first];
    let least = loads[2 * slot] + loads[2 * slot + 1];
    for (let more = reader.reals[(reader.region >> 1) + PARAMETERS] - 1; more > 0; more--) {
      const index = another(draws.below(count - 1), first);
      slot = words[slots + index];
      const load = loads[2 * slot] + loads[2 * slot + 1];
      // Without a branch, which would be guessed wrong every other time: all ones where the new load is less.
      const less = (load - least) >> 31;
      least += (load - least) & less;
      best += (index - best) & less;
    }
    return best;
  },

  candidates(reader, group) {
    const count = reader.words[group + GROUP_COUNT];
    if (count === 1) return [{ index: 0, score: reader.inFlight(reader.slotAt(group, 0)) }];
    const first = reader.draws.below(count);
    const drawn = [first];
    const choices = reader.reals[(reader.region >> 1) + PARAMETERS];
    for (let i = 1; i < choices; i++) drawn.push(another(reader.draws.below(count - 1), first));
    return drawn.map((index) => ({ index, score: reader.inFlight(reader.slotAt(group, index)) }));
  },
};

/** An index other than the first one: `drawn` is from one fewer, and those from the first on move up. */
export function another(drawn: number, first: number): number {
  return drawn + ((first - drawn - 1) >>> 31);
}
