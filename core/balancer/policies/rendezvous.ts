/**
 * Rendezvous: the endpoint whose hash together with the client's is greatest; with weights, the one with the least
 * -ln(u) / weight. Removing an endpoint moves its own clients only. Looks at all endpoints.
 */
import { clientHash, mix32 } from '../hashing/text.ts';
import { AUX, AUX_SIZE, GROUP_COUNT, WEIGHTS } from '../tables/layout.ts';
import type { TableReader } from '../tables/reader.ts';
import { type Policy, scored } from './policy.ts';

export const rendezvous: Policy = {
  name: 'rendezvous',
  compares: '-ln(hash of client and endpoint) / weight: the least',
  byClient: true,
  parameters: [],

  choose(reader: TableReader, group: number, client: number, attempt: number): number {
    const count = reader.words[group + GROUP_COUNT];
    const equal = reader.words[group + AUX_SIZE] === 1;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const score = equal ? -hashAt(reader, group, i, client) : distance(reader, group, i, client);
      if (score < least && (attempt === 0 || !reader.wasTried(reader.slotAt(group, i)))) {
        least = score;
        best = i;
      }
    }
    return best;
  },

  prepare(members) {
    return {
      words: members.length,
      size: members.every(({ weight }) => weight === members[0].weight) ? 1 : 0,
      write(words, _halves, at) {
        members.forEach(({ key }, i) => {
          words[at + i] = clientHash(key);
        });
      },
    };
  },

  candidates(reader, group, client) {
    return scored(reader.words[group + GROUP_COUNT], (i) => distance(reader, group, i, client));
  },
};

function hashAt({ words }: TableReader, group: number, index: number, client: number): number {
  return mix32(words[words[group + AUX] + index] ^ mix32(client)) >>> 0;
}

function distance(reader: TableReader, group: number, index: number, client: number): number {
  const uniform = (hashAt(reader, group, index, client) + 0.5) * 2 ** -32;
  return -Math.log(uniform) / reader.reals[reader.words[group + WEIGHTS] + index];
}
