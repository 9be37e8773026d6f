/**
 * Smooth weighted round robin: each pick adds every endpoint's weight to its current number, takes the greatest and
 * takes the sum of weights off it, so that an endpoint's turns are spread out. Looks at all endpoints.
 * Source: nginx, src/http/ngx_http_upstream_round_robin.c; without its lowering of weights after failures.
 */
import { GROUP_COUNT, MARK, MARK_DOUBLES, SLOTS, WEIGHTS } from '../tables/layout.ts';
import type { TableReader } from '../tables/reader.ts';
import { type Policy, scored } from './policy.ts';

export const smooth: Policy = {
  name: 'smooth',
  compares: 'current number + weight: the greatest, the first of equals',
  byClient: false,
  parameters: [],

  choose(reader: TableReader, group: number, _client: number, attempt: number): number {
    const { words, reals, marks } = reader;
    const slots = words[group + SLOTS];
    const weights = words[group + WEIGHTS];
    const count = words[group + GROUP_COUNT];
    let best = -1;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const slot = words[slots + i];
      const current = marks[MARK_DOUBLES * slot + MARK] + reals[weights + i];
      if (current > greatest && (attempt === 0 || !reader.wasTried(slot))) {
        greatest = current;
        best = i;
      }
    }
    return best;
  },

  commit(reader: TableReader, group: number, index: number): void {
    const { words, reals, marks } = reader;
    const slots = words[group + SLOTS];
    const weights = words[group + WEIGHTS];
    const count = words[group + GROUP_COUNT];
    for (let i = 0; i < count; i++) marks[MARK_DOUBLES * words[slots + i] + MARK] += reals[weights + i];
    marks[MARK_DOUBLES * words[slots + index] + MARK] -= reals[weights + count];
  },

  candidates(reader, group) {
    const { words, reals, marks } = reader;
    return scored(
      words[group + GROUP_COUNT],
      (i) => marks[MARK_DOUBLES * reader.slotAt(group, i) + MARK] + reals[words[group + WEIGHTS] + i],
    );
  },
};
