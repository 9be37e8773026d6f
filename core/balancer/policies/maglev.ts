/** Maglev: the client's hash names a slot of the group's table (maglev-table.ts). Two loads, whatever the number of endpoints. */
import { AUX, AUX_SIZE, GROUP_COUNT } from '../tables/layout.ts';
import type { TableReader } from '../tables/reader.ts';
import { buildMaglev, maglevSize } from './maglev-table.ts';
import type { Policy } from './policy.ts';

export const maglev: Policy = {
  name: 'maglev',
  compares: 'nothing: the hash of the client names the slot',
  byClient: true,
  parameters: [],

  choose(reader: TableReader, group: number, client: number, attempt: number): number {
    const size = reader.words[group + AUX_SIZE];
    const slot = attempt === 0 ? (client >>> 0) % size : retrySlot(client, attempt, size);
    return reader.halves[2 * reader.words[group + AUX] + slot];
  },

  prepare(members) {
    const size = maglevSize(members.length);
    return {
      words: (size + 1) >> 1,
      size,
      write: (_words, halves, at) => buildMaglev(members, size, halves, { from: 2 * at }),
    };
  },

  candidates(reader, group, client) {
    return reader.words[group + GROUP_COUNT] === 0 ? [] : [{ index: this.choose(reader, group, client, 0) }];
  },
};

/**
 * Where another attempt looks: the client's hash, widened to 64 bits with zeros, xor 2^64 - attempt.
 * Source: Envoy, maglev_lb.cc.
 */
export function retrySlot(client: number, attempt: number, size: number): number {
  const lower = ((client ^ -attempt) >>> 0) % size;
  return ((0xffffffff % size) * (4294967296 % size) + lower) % size;
}
