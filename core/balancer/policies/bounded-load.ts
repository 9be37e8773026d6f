/**
 * Consistent hashing with bounded loads (Mirrokni et al.): the ring of ring-hash.ts, but an endpoint at its bound is passed
 * over. The bound is its share, by weight, of what is in flight at the service with this request, times `factor`, rounded up.
 */
import { AUX_SIZE, GROUP_COUNT, PARAMETERS, WEIGHTS } from '../tables/layout.ts';
import type { TableReader } from '../tables/reader.ts';
import { type Policy, scored } from './policy.ts';
import { ownerOf, pointFrom, prepareRing, RING_PARAMETERS } from './ring-hash.ts';

/** The place of `factor` among the parameters. */
const FACTOR = 2;

export const boundedLoad: Policy = {
  name: 'bounded-load',
  compares: 'in flight below the bound: the first point of the ring whose endpoint is',
  byClient: true,
  parameters: [...RING_PARAMETERS, { name: 'factor', default: 1.25, min: 1, max: 100 }],

  choose(reader: TableReader, group: number, client: number, attempt: number): number {
    const points = reader.words[group + AUX_SIZE];
    const first = pointFrom(reader, group, client);
    for (let step = 0; step < points; step++) {
      const index = ownerOf(reader, group, first, step);
      const slot = reader.slotAt(group, index);
      if (attempt > 0 && reader.wasTried(slot)) continue;
      if (reader.inFlight(slot) < boundOf(reader, group, index)) return index;
    }
    return ownerOf(reader, group, first, attempt);
  },

  prepare: prepareRing,

  candidates(reader, group) {
    return scored(
      reader.words[group + GROUP_COUNT],
      (i) => reader.inFlight(reader.slotAt(group, i)) - boundOf(reader, group, i),
    );
  },
};

/** How many requests the endpoint may have in flight, the one in hand included. */
export function boundOf(reader: TableReader, group: number, index: number): number {
  const { words, reals } = reader;
  const weights = words[group + WEIGHTS];
  const factor = reals[(reader.region >> 1) + PARAMETERS + FACTOR];
  const share = reals[weights + index] / reals[weights + words[group + GROUP_COUNT]];
  return Math.max(1, Math.ceil(factor * (reader.serviceInFlight(reader.service) + 1) * share));
}
