/**
 * Ring hash: the first point at or after the client's hash, clockwise. A client has 32 bits, which are the upper half of
 * a position, so only those are kept. Points are found by the leading bits of the hash and a step or two from there.
 */
import * as layout from '../tables/layout.ts';
import type { TableReader } from '../tables/reader.ts';
import type { MaglevMember } from './maglev-table.ts';
import type { Addition, Policy } from './policy.ts';
import { buildRing } from './ring.ts';

// Names of the module's own are constants to V8; an imported one is loaded and checked at each use.
const { AUX, AUX_SIZE } = layout;

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

// The words of a ring: shift, then where each bucket of leading bits begins, then positions and a guard, then owners.
export const BUCKETS = 1;
/** Positions that no hash is beyond: as many as are looked at together. */
export const GUARD = 3;

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
    words: BUCKETS + buckets + 2 * points + GUARD,
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
        words[positions + points + GUARD + i] = sorted[owners[i]];
      }
      words.fill(-1, positions + points, positions + points + GUARD);
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
  const hash = client >>> 0;
  let point = words[aux + BUCKETS + (client >>> shift)];
  // A bucket has one point on average. Three are looked at without a branch, which would be guessed wrong every other time.
  for (let passed = GUARD; passed === GUARD; point += passed) {
    const at = positions + point;
    passed = Number(words[at] >>> 0 < hash) + Number(words[at + 1] >>> 0 < hash) + Number(words[at + 2] >>> 0 < hash);
  }
  return point === points ? 0 : point;
}

/** Whose point stands so many steps on. */
export function ownerOf(reader: TableReader, group: number, point: number, steps: number): number {
  const { words } = reader;
  const aux = words[group + AUX];
  const points = words[group + AUX_SIZE];
  const owners = aux + BUCKETS + (1 << (32 - words[aux])) + points + GUARD;
  return words[owners + (steps === 0 ? point : (point + steps) % points)];
}
