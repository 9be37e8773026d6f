/** Maglev: the client's hash names a slot of the group's table (maglev-table.ts). Two loads, whatever the number of endpoints. */
import * as layout from '../tables/layout.ts';
import type { TableReader } from '../tables/reader.ts';
import { buildMaglev, maglevSize } from './maglev-table.ts';
import type { Policy } from './policy.ts';

// Names of the module's own are constants to V8; an imported one is loaded and checked at each use.
const { AUX, AUX_SIZE, GROUP_COUNT } = layout;

export const maglev: Policy = {
  name: 'maglev',
  compares: 'nothing: the hash of the client names the slot',
  byClient: true,
  parameters: [],

  choose(reader: TableReader, group: number, client: number, attempt: number): number {
    const { words, reals, halves } = reader;
    const size = words[group + AUX_SIZE];
    const aux = words[group + AUX];
    const slot = attempt === 0 ? slotOf(client, size, reals[aux >> 1]) : retrySlot(client, attempt, size);
    return halves[2 * (aux + TABLE) + slot];
  },

  prepare(members) {
    const size = maglevSize(members.length);
    return {
      words: TABLE + ((size + 1) >> 1),
      size,
      write(words, halves, at) {
        words.set(new Int32Array(Float64Array.of(reciprocalOf(size)).buffer), at);
        buildMaglev(members, size, halves, { from: 2 * (at + TABLE) });
      },
    };
  },

  candidates(reader, group, client) {
    return reader.words[group + GROUP_COUNT] === 0 ? [] : [{ index: this.choose(reader, group, client, 0) }];
  },
};

// The words of a table: a double, the reciprocal of its size; then its slots, two a word.
export const TABLE = 2;

/** 1 / size, greater by 2^-50 of it: so that no product with an integer falls short of the quotient. @param size below 2^17. */
export function reciprocalOf(size: number): number {
  return (1 / size) * (1 + 2 ** -50);
}

/**
 * The unsigned hash modulo the size, without a division, which takes ten times as long as all else here. The product exceeds the
 * quotient by less than 2^32 / size * 2^-49 < 1 / size, so that no whole number lies between them.
 */
export function slotOf(client: number, size: number, reciprocal: number): number {
  return (client - Math.imul((client >>> 0) * reciprocal, size)) | 0;
}

/**
 * Where another attempt looks: the client's hash, widened to 64 bits with zeros, xor 2^64 - attempt.
 * Source: Envoy, maglev_lb.cc.
 */
export function retrySlot(client: number, attempt: number, size: number): number {
  const lower = ((client ^ -attempt) >>> 0) % size;
  return ((0xffffffff % size) * (4294967296 % size) + lower) % size;
}
