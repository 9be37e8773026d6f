/** Round robin: one after the other, from where this worker's cursor happens to stand. Unequal weights are for EDF. */
import { GROUP_COUNT } from '../tables/layout.ts';
import type { Policy } from './policy.ts';

export const roundRobin: Policy = {
  name: 'round-robin',
  compares: 'turns: the next one in the list',
  byClient: false,
  parameters: [],
  whenWeighted: 'edf',

  choose: (reader, group, _client, attempt) =>
    (reader.cursors[reader.service] + attempt) % reader.words[group + GROUP_COUNT],

  commit(reader, group, index) {
    reader.cursors[reader.service] = (index + 1) % reader.words[group + GROUP_COUNT];
  },

  candidates(reader, group, client) {
    return [{ index: this.choose(reader, group, client, 0) }];
  },
};
