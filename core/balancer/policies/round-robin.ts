/** Round robin: one after the other, from where this worker's cursor happens to stand. Unequal weights are for EDF. */
import * as layout from '../tables/layout.ts';
import type { TableReader } from '../tables/reader.ts';
import type { Policy } from './policy.ts';

// Names of the module's own are constants to V8; an imported one is loaded and checked at each use.
const { GROUP_COUNT } = layout;

export const roundRobin: Policy = {
  name: 'round-robin',
  compares: 'turns: the next one in the list',
  byClient: false,
  parameters: [],
  whenWeighted: 'edf',

  choose(reader: TableReader, group: number, _client: number, attempt: number): number {
    const count = reader.words[group + GROUP_COUNT];
    const turn = reader.cursors[reader.service] + attempt;
    // A division only where the set has shrunk, or at the beginning.
    return turn < count ? turn : turn % count;
  },

  commit(reader: TableReader, group: number, index: number): void {
    reader.cursors[reader.service] = index + 1 < reader.words[group + GROUP_COUNT] ? index + 1 : 0;
  },

  candidates(reader, group, client) {
    return [{ index: this.choose(reader, group, client, 0) }];
  },
};
