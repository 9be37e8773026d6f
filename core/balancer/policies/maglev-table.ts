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
  if (members.every(({ weight }) => weight === members[0].weight)) takeEqualTurns(walk, count, size);
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
  { next, skip, owners, taken }: MaglevWalk,
  order: Uint16Array,
  members: readonly MaglevMember[],
  size: number,
  rule: MaglevRule,
  seed: number,
): void {
  owners.set(order);
  taken.fill(0, 0, size);
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

/**
 * Where few slots are free, trying costs size / free probes a turn: from here on the free slots are compared by their
 * place in the permutation instead, a multiplication each. At 65,537 slots that is nearly half of all probes.
 */
function fewFree(size: number): number {
  return Math.floor(Math.sqrt(size) / 2);
}

/** Equal weights: every endpoint takes one slot a round. */
function takeEqualTurns(walk: MaglevWalk, count: number, size: number): void {
  const left = fewFree(size);
  const turn = walk.take(0, size - left, count, size);
  takeLast(walk, turn, left, count, size);
}

/** The last slots, from the turn of `first` on: of those free, the one that comes first in the endpoint's permutation from where it stands. */
function takeLast(walk: MaglevWalk, first: number, left: number, count: number, size: number): void {
  const { owners, next, skip, taken, slots } = walk;
  const free = freeSlots(taken, size, left);
  const inverse = new Int32Array(count);
  let remaining = left;
  for (let turn = first; remaining > 0; turn = turn + 1 === count ? 0 : turn + 1) {
    // Few turns are left, and so most endpoints have none: inverses are found when asked for.
    if (inverse[turn] === 0) inverse[turn] = inverseOf(skip[turn], size);
    const best = nearestFree(free, remaining, next[turn], inverse[turn], size);
    const slot = free[best];
    slots[slot] = owners[turn];
    next[turn] = slot + skip[turn] >= size ? slot + skip[turn] - size : slot + skip[turn];
    free[best] = free[--remaining];
  }
}

/** Four slots. */
const ALL_TAKEN = 0x01010101;

function freeSlots(taken: Uint8Array, size: number, left: number): Int32Array {
  const free = new Int32Array(left);
  let count = 0;
  // By four slots: nearly all are taken.
  const fours = new Int32Array(taken.buffer, taken.byteOffset, (size + 3) >> 2);
  for (let four = 0; four < fours.length; four++) {
    if (fours[four] === ALL_TAKEN) continue;
    for (let slot = 4 * four; slot < 4 * four + 4 && slot < size; slot++) if (taken[slot] === 0) free[count++] = slot;
  }
  assert(count === left, () => `${count} free slots where ${left} turns are left`);
  return free;
}

/** The index in `free` of the slot that is fewest steps away: (slot - start) × step^-1, modulo the size. */
function nearestFree(free: Int32Array, count: number, start: number, inverse: number, size: number): number {
  const reciprocal = 1 / size;
  let best = 0;
  let least = size;
  for (let i = 0; i < count; i++) {
    const distance = free[i] - start;
    const product = (distance < 0 ? distance + size : distance) * inverse;
    let steps = product - Math.floor(product * reciprocal) * size;
    if (steps < 0) steps += size;
    else if (steps >= size) steps -= size;
    if (steps < least) {
      least = steps;
      best = i;
    }
  }
  return best;
}

/** The inverse modulo a prime, by Euclid. */
function inverseOf(value: number, prime: number): number {
  let a = value;
  let b = prime;
  let x = 1;
  let y = 0;
  while (b !== 0) {
    const quotient = (a / b) | 0;
    const rest = a - quotient * b;
    const next = x - quotient * y;
    a = b;
    x = y;
    b = rest;
    y = next;
  }
  return x < 0 ? x + prime : x;
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
