/**
 * Ring hash: the first point at or after the client's hash, clockwise. A client has 32 bits, which are the upper half of
 * a position, so only those are kept. Points are found by the leading bits of the hash and a step or two from there.
 */
import { AUX, AUX_SIZE } from '../tables/layout.ts';
import type { TableReader } from '../tables/reader.ts';
import type { MaglevMember } from './maglev-table.ts';
import type { Addition, Policy } from './policy.ts';
import { buildRing } from './ring.ts';

export const RING_PARAMETERS = [
  { name: 'minRingSize', default: 1024, min: 1, max: 1_048_576 },
  { name: 'maxRingSize', default: 65_536, min: 1, max: 1_048_576 },
];

export const ringHash: Policy = {
  name: 'ring-hash',
  compares: 'nothing: the first point of the ring from the hash of the client on',
  byClient: true,
  parameters: RING_PARAMETERS,

  choose(reader: TableReader, group: number, client: number, attempt: number): number {
    return ownerOf(reader, group, pointFrom(reader, group, client), attempt);
  },

  prepare: prepareRing,

  candidates(reader, group, client) {
    return [{ index: this.choose(reader, group, client, 0) }];
  },
};

// The words of a ring: shift, then where each bucket of leading bits begins, then positions, then owners.
const BUCKETS = 1;

/** Lays the ring of the members out. Parameters: least and greatest number of points. */
export function prepareRing(members: readonly MaglevMember[], [minSize, maxSize]: readonly number[]): Addition {
  const sorted = Array.from(members.keys()).sort((a, b) => (members[a].key < members[b].key ? -1 : 1));
  const { upper, owners } = buildRing(
    sorted.map((index) => members[index]),
    minSize,
    Math.max(minSize, maxSize),
  );
  const points = upper.length;
  const bits = Math.max(1, 32 - Math.clz32(points - 1));
  const buckets = 2 ** bits;
  return {
    words: BUCKETS + buckets + 2 * points,
    size: points,
    write(words, _halves, at) {
      words[at] = 32 - bits;
      let point = 0;
      for (let bucket = 0; bucket < buckets; bucket++) {
        while (point < points && upper[point] >>> (32 - bits) < bucket) point++;
        words[at + BUCKETS + bucket] = point;
      }
      const positions = at + BUCKETS + buckets;
      for (let i = 0; i < points; i++) {
        words[positions + i] = upper[i];
        words[positions + points + i] = sorted[owners[i]];
      }
    },
  };
}

/** The first point at or after the hash; past the last one the first. */
export function pointFrom(reader: TableReader, group: number, client: number): number {
  const { words } = reader;
  const aux = words[group + AUX];
  const points = words[group + AUX_SIZE];
  const shift = words[aux];
  const positions = aux + BUCKETS + (1 << (32 - shift));
  let point = words[aux + BUCKETS + (client >>> shift)];
  while (point < points && words[positions + point] >>> 0 < client >>> 0) point++;
  return point === points ? 0 : point;
}

/** Whose point stands so many steps on. */
export function ownerOf(reader: TableReader, group: number, point: number, steps: number): number {
  const { words } = reader;
  const aux = words[group + AUX];
  const points = words[group + AUX_SIZE];
  const owners = aux + BUCKETS + (1 << (32 - words[aux])) + points;
  return words[owners + (steps === 0 ? point : (point + steps) % points)];
}
