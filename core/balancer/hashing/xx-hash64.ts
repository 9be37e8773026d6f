/**
 * xxHash64, the hash of Envoy's Maglev tables and rings. Results as two halves in word64.ts (`high`, `low`).
 * Source: the xxHash specification, XXH64 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
 */
import { add, foldRight, high, low, multiply, rotateLeft } from './word64.ts';

/** Primes 1 to 5, as halves. */
const P1H = 0x9e3779b1 | 0;
const P1L = 0x85ebca87 | 0;
const P2H = 0xc2b2ae3d | 0;
const P2L = 0x27d4eb4f | 0;
const P3H = 0x165667b1 | 0;
const P3L = 0x9e3779f9 | 0;
const P4H = 0x85ebca77 | 0;
const P4L = 0xc2b2ae63 | 0;
const P5H = 0x27d4eb2f | 0;
const P5L = 0x165667c5 | 0;

/** Four lanes of 64 bits: high, low, high, low … */
const lanes = new Int32Array(8);

/** Hashes bytes [0, length). @param seed 0 to 2^31 - 1. */
export function xxHash64(bytes: Uint8Array, length: number, seed = 0): void {
  let at = 0;
  let h: number;
  let l: number;
  if (length >= 32) {
    at = consumeStripes(bytes, length, seed);
    mergeLanes();
    h = high;
    l = low;
  } else {
    add(0, seed, P5H, P5L);
    h = high;
    l = low;
  }
  add(h, l, 0, length);
  finish(bytes, at, length);
}

/** Whole stripes of 32 bytes into the lanes; where they end. */
function consumeStripes(bytes: Uint8Array, length: number, seed: number): number {
  add(P1H, P1L, P2H, P2L);
  add(high, low, 0, seed);
  setLane(0);
  add(P2H, P2L, 0, seed);
  setLane(1);
  lanes[4] = 0;
  lanes[5] = seed;
  add(0, seed, ~P1H, ~P1L);
  add(high, low, 0, 1);
  setLane(3);
  let at = 0;
  for (; at + 32 <= length; at += 32) {
    for (let lane = 0; lane < 4; lane++) {
      round(lanes[2 * lane], lanes[2 * lane + 1], wordAt(bytes, at + 8 * lane + 4), wordAt(bytes, at + 8 * lane));
      setLane(lane);
    }
  }
  return at;
}

function mergeLanes(): void {
  let h = 0;
  let l = 0;
  for (let lane = 0; lane < 4; lane++) {
    rotateLeft(lanes[2 * lane], lanes[2 * lane + 1], [1, 7, 12, 18][lane]);
    add(h, l, high, low);
    h = high;
    l = low;
  }
  for (let lane = 0; lane < 4; lane++) {
    round(0, 0, lanes[2 * lane], lanes[2 * lane + 1]);
    multiply(h ^ high, l ^ low, P1H, P1L);
    add(high, low, P4H, P4L);
    h = high;
    l = low;
  }
}

/** The bytes after the last stripe, and the last mixing. The state stands in `high` and `low`. */
function finish(bytes: Uint8Array, from: number, length: number): void {
  let at = from;
  let h = high;
  let l = low;
  for (; at + 8 <= length; at += 8) {
    round(0, 0, wordAt(bytes, at + 4), wordAt(bytes, at));
    rotateLeft(h ^ high, l ^ low, 27);
    multiply(high, low, P1H, P1L);
    add(high, low, P4H, P4L);
    h = high;
    l = low;
  }
  if (at + 4 <= length) {
    multiply(0, wordAt(bytes, at), P1H, P1L);
    rotateLeft(h ^ high, l ^ low, 23);
    multiply(high, low, P2H, P2L);
    add(high, low, P3H, P3L);
    h = high;
    l = low;
    at += 4;
  }
  for (; at < length; at++) {
    multiply(0, bytes[at], P5H, P5L);
    rotateLeft(h ^ high, l ^ low, 11);
    multiply(high, low, P1H, P1L);
    h = high;
    l = low;
  }
  foldRight(h, l, 33);
  multiply(high, low, P2H, P2L);
  foldRight(high, low, 29);
  multiply(high, low, P3H, P3L);
  foldRight(high, low, 32);
}

function round(accHigh: number, accLow: number, inputHigh: number, inputLow: number): void {
  multiply(inputHigh, inputLow, P2H, P2L);
  add(accHigh, accLow, high, low);
  rotateLeft(high, low, 31);
  multiply(high, low, P1H, P1L);
}

function setLane(lane: number): void {
  lanes[2 * lane] = high;
  lanes[2 * lane + 1] = low;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
