/** Random: every endpoint equally likely, as kube-proxy picks. Unequal weights are for the alias table. */
import * as layout from '../tables/layout.ts';
import type { Policy } from './policy.ts';

// Names of the module's own are constants to V8; an imported one is loaded and checked at each use.
const { GROUP_COUNT } = layout;

export const random: Policy = {
  name: 'random',
  compares: 'nothing: every endpoint is equally likely',
  byClient: false,
  parameters: [],
  whenWeighted: 'weighted',

  choose: (reader, group) => reader.draws.below(reader.words[group + GROUP_COUNT]),

  candidates(reader, group) {
    return Array.from({ length: reader.words[group + GROUP_COUNT] }, (_, index) => ({ index }));
  },
};
