/**
 * Least connections: the least in flight for its weight among all endpoints, taking turns among equals. Looks at all
 * endpoints. Source: HAProxy, leastconn. It evens out what is in flight, not how many requests each one had.
 */
import { GROUP_COUNT, SLOTS, WEIGHTS } from '../tables/layout.ts';
import type { TableReader } from '../tables/reader.ts';
import { type Policy, scored } from './policy.ts';

export const leastConnections: Policy = {
  name: 'least-connections',
  compares: 'in flight / weight: the least, in turns among equals',
  byClient: false,
  parameters: [],

  choose(reader: TableReader, group: number, _client: number, attempt: number): number {
    const { words, reals, loads } = reader;
    const slots = words[group + SLOTS];
    const weights = words[group + WEIGHTS];
    const count = words[group + GROUP_COUNT];
    let index = reader.cursors[reader.service] % count;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const slot = words[slots + index];
      const load = (loads[2 * slot] + loads[2 * slot + 1]) / reals[weights + index];
      if (load < least && (attempt === 0 || !reader.wasTried(slot))) {
        least = load;
        best = index;
      }
      if (++index === count) index = 0;
    }
    return best;
  },

  commit(reader, group, index) {
    reader.cursors[reader.service] = (index + 1) % reader.words[group + GROUP_COUNT];
  },

  candidates(reader, group) {
    const { words, reals } = reader;
    return scored(
      words[group + GROUP_COUNT],
      (i) => reader.inFlight(reader.slotAt(group, i)) / reals[words[group + WEIGHTS] + i],
    );
  },
};
