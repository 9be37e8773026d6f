/**
 * Least request by the power of two choices: of two different endpoints drawn, the one with less in flight; of equals the
 * first drawn. Both are of one draw; more choices, by parameter, take one each. Unequal weights are for the heap in edf.ts, as in Envoy.
 */
import { upperHalf } from '../tables/draws.ts';
import * as layout from '../tables/layout.ts';
import type { TableReader } from '../tables/reader.ts';
import type { Policy } from './policy.ts';

// Names of the module's own are constants to V8; an imported one is loaded and checked at each use.
const { GROUP_COUNT, PARAMETERS, SLOTS } = layout;

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
    const choices = reader.reals[(reader.region >> 1) + PARAMETERS];
    if (choices !== 2) return leastOf(reader, group, choices);
    const slots = words[group + SLOTS];
    const draw = draws.word();
    const first = upperHalf(draw, count);
    const second = secondOf(draw, count, first);
    const slot = words[slots + first];
    const other = words[slots + second];
    const more = loads[2 * other] + loads[2 * other + 1] - loads[2 * slot] - loads[2 * slot + 1];
    // Without a branch, which would be guessed wrong every other time: all ones where the second has less.
    return first + ((second - first) & (more >> 31));
  },

  candidates(reader, group) {
    const count = reader.words[group + GROUP_COUNT];
    if (count === 1) return [{ index: 0, score: reader.inFlight(reader.slotAt(group, 0)) }];
    const draw = reader.draws.word();
    const first = upperHalf(draw, count);
    const drawn = [first];
    const choices = reader.reals[(reader.region >> 1) + PARAMETERS];
    if (choices > 1) drawn.push(secondOf(draw, count, first));
    while (drawn.length < choices) drawn.push(another(reader.draws.below(count - 1), first));
    return drawn.map((index) => ({ index, score: reader.inFlight(reader.slotAt(group, index)) }));
  },
};

/** The least of any number of choices. */
function leastOf(reader: TableReader, group: number, choices: number): number {
  const { draws, words } = reader;
  const count = words[group + GROUP_COUNT];
  const draw = draws.word();
  const first = upperHalf(draw, count);
  let best = first;
  for (let drawn = 1; drawn < choices; drawn++) {
    const index = drawn === 1 ? secondOf(draw, count, first) : another(draws.below(count - 1), first);
    if (reader.inFlight(reader.slotAt(group, index)) < reader.inFlight(reader.slotAt(group, best))) best = index;
  }
  return best;
}

/**
 * Another index than the first one, which is the upper half of `draw` × count: from the lower half, which is even over 32 bits
 * whatever the first one is. (Of 1,000 endpoints each pair comes as often as any other within 1 / 4,000.)
 */
export function secondOf(draw: number, count: number, first: number): number {
  return another(upperHalf(Math.imul(draw, count), count - 1), first);
}

/** An index other than the first one: `drawn` is from one fewer, and those from the first on move up. */
function another(drawn: number, first: number): number {
  return drawn + ((first - drawn - 1) >>> 31);
}
