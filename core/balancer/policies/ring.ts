/**
 * The ring of a consistent hash: each endpoint has points at xxHash64('KEY_0'), 'KEY_1' …, as many as its weight asks for.
 * Source: Envoy, source/extensions/load_balancing_policies/ring_hash/ring_hash_lb.cc.
 */
import { encode, encoded } from '../hashing/text.ts';
import { high, low } from '../hashing/word64.ts';
import { xxHash64 } from '../hashing/xx-hash64.ts';
import type { MaglevMember } from './maglev-table.ts';

/** Points in order of their position. */
export interface Ring {
  /** The upper and lower half of each position, unsigned. */
  upper: Uint32Array;
  lower: Uint32Array;
  /** Whose point it is: an index into the members. */
  owners: Int32Array;
}

/** @param minSize points at least, and as many for each endpoint as make them whole; at most `maxSize` in all. */
export function buildRing(members: readonly MaglevMember[], minSize: number, maxSize: number): Ring {
  const sum = members.reduce((total, { weight }) => total + weight, 0);
  const least = members.reduce((found, { weight }) => Math.min(found, weight), Number.POSITIVE_INFINITY) / sum;
  const scale = members.length === 0 ? 0 : Math.min(Math.ceil(least * minSize) / least, maxSize);
  const upper: number[] = [];
  const lower: number[] = [];
  const owners: number[] = [];
  let target = 0;
  members.forEach(({ key, weight }, owner) => {
    target += scale * (weight / sum);
    for (let i = 0; upper.length < target; i++) {
      const length = encode(`${key}_${i}`);
      xxHash64(encoded(), length);
      upper.push(high >>> 0);
      lower.push(low >>> 0);
      owners.push(owner);
    }
  });
  const order = Array.from(upper.keys()).sort((a, b) => upper[a] - upper[b] || lower[a] - lower[b]);
  return {
    upper: Uint32Array.from(order, (i) => upper[i]),
    lower: Uint32Array.from(order, (i) => lower[i]),
    owners: Int32Array.from(order, (i) => owners[i]),
  };
}
