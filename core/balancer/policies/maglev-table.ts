/**
 * Maglev's lookup table (Eisenbud et al., NSDI 2016): each endpoint has a permutation of the slots and takes, turn by
 * turn, the next one that is free. Two published rules of turns and hashes, so that a table equals that of a fleet's Envoy
 * (source/extensions/load_balancing_policies/maglev/maglev_lb.cc) or Cilium (pkg/maglev/maglev.go).
 */
import { assert } from '../../assert.ts';
import { murmur, murmur3 } from '../hashing/murmur3.ts';
import { shortRemainder, takeShort } from '../hashing/short-hash.ts';
import { encode, encoded } from '../hashing/text.ts';
import { high, low, remainder } from '../hashing/word64.ts';
import { xxHash64 } from '../hashing/xx-hash64.ts';
import { type MaglevWalk, makeWalk, takeSlot } from './maglev-walk.ts';

/** Primes; the least that has a hundred slots for each endpoint is taken, or the greatest. */
export const MAGLEV_SIZES: readonly number[] = [251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65537];
const SLOTS_PER_ENDPOINT = 100;
/** Slots of an index in 16 bits. */
export const MAX_MAGLEV_ENDPOINTS = 65535;

export type MaglevRule = 'envoy' | 'cilium';

export interface MaglevMember {
  /** What is hashed: 'address:port', or Cilium's '[address:port/TCP,State:active]'. The order of keys is that of turns. */
  key: string;
  /** Greater than 0. */
  weight: number;
}

/** The size of the table for so many endpoints. */
export function maglevSize(endpoints: number): number {
  return MAGLEV_SIZES.find((size) => size >= SLOTS_PER_ENDPOINT * endpoints) ?? MAGLEV_SIZES[MAGLEV_SIZES.length - 1];
}

/**
 * Fills `table[from, from + size)` with indexes of members.
 * @param size a prime above the number of members, up to 2^17.
 * @param seed Cilium's murmur seed; unused by Envoy's rule. @param walk what fills it; all give the same.
 */
export function buildMaglev(
  members: readonly MaglevMember[],
  size: number,
  table: Uint16Array,
  { from = 0, rule = 'envoy', seed = 0, walk = (ownWalk ??= makeWalk()) }: MaglevOptions = {},
): void {
  const count = members.length;
  assert(count <= MAX_MAGLEV_ENDPOINTS && count < size, () => `${count} endpoints in a table of ${size}`);
  if (count === 0) return;
  const order = Uint16Array.from(turnsOf(members));
  if (count === 1) {
    table.fill(order[0], from, from + size);
    return;
  }
  startWalk(walk, order, members, size, rule, seed);
  if (members.every(({ weight }) => weight === members[0].weight)) walk.takeAll(count, size);
  else if (rule === 'envoy') takeEnvoyTurns(walk, order, members, size);
  else takeCiliumTurns(walk, order, members, size);
  table.set(walk.slots.subarray(0, size), from);
}

export interface MaglevOptions {
  from?: number;
  rule?: MaglevRule;
  seed?: number;
  walk?: MaglevWalk;
}

/** A table is built at one go, so that one walk does for all. Made when first needed: threads that only pick build none. */
let ownWalk: MaglevWalk | undefined;

function startWalk(
  { next, skip, owners, free }: MaglevWalk,
  order: Uint16Array,
  members: readonly MaglevMember[],
  size: number,
  rule: MaglevRule,
  seed: number,
): void {
  owners.set(order);
  free.fill(1, 0, size);
  for (let turn = 0; turn < order.length; turn++) {
    const { key } = members[order[turn]];
    if (rule === 'envoy' && takeShort(key)) {
      next[turn] = shortRemainder(0, size);
      skip[turn] = shortRemainder(1, size - 1) + 1;
      continue;
    }
    const length = encode(key);
    if (rule === 'envoy') {
      xxHash64(encoded(), length, 0);
      next[turn] = remainder(high, low, size);
      xxHash64(encoded(), length, 1);
      skip[turn] = remainder(high, low, size - 1) + 1;
    } else {
      murmur3(encoded(), length, seed);
      next[turn] = remainder(murmur[0], murmur[1], size);
      skip[turn] = remainder(murmur[2], murmur[3], size - 1) + 1;
    }
  }
}

/** Envoy: in round r an endpoint has its turn unless r × weight is short of its target, which each turn raises by the greatest weight. */
function takeEnvoyTurns(walk: MaglevWalk, order: Uint16Array, members: readonly MaglevMember[], size: number): void {
  const sum = order.reduce((total, index) => total + members[index].weight, 0);
  const weights = Float64Array.from(order, (index) => members[index].weight / sum);
  const greatest = weights.reduce((a, b) => Math.max(a, b), 0);
  const targets = new Float64Array(order.length);
  let filled = 0;
  for (let round = 1; filled < size; round++) {
    for (let turn = 0; turn < order.length && filled < size; turn++) {
      if (round * weights[turn] < targets[turn]) continue;
      targets[turn] += greatest;
      takeSlot(walk, turn, size);
      filled++;
    }
  }
}

/** Cilium: the n-th slot goes to the next endpoint whose n × weight reaches its counter, which that raises by the sum of weights. */
function takeCiliumTurns(walk: MaglevWalk, order: Uint16Array, members: readonly MaglevMember[], size: number): void {
  const sum = order.reduce((total, index) => total + members[index].weight, 0);
  const weighted = Math.floor(sum / order.length) > 1;
  const counters = Float64Array.from(order, (index) => members[index].weight / order.length);
  for (let n = 0; n < size; n++) {
    let turn = n % order.length;
    if (weighted) {
      while ((n + 1) * members[order[turn]].weight < Math.floor(counters[turn])) turn = (turn + 1) % order.length;
      counters[turn] += sum;
    }
    takeSlot(walk, turn, size);
  }
}

/** Indexes of members in the order of their keys. */
function turnsOf(members: readonly MaglevMember[]): number[] {
  return members.map((_, i) => i).sort((a, b) => compareKeys(members[a].key, members[b].key));
}

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
