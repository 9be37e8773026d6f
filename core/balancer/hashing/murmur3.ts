/**
 * MurmurHash3, 128 bits in 64-bit steps (x64_128): the hash of Cilium's Maglev tables.
 * Source: github.com/aappleby/smhasher, src/MurmurHash3.cpp.
 */
import { add, foldRight, high, low, multiply, rotateLeft } from './word64.ts';

const C1H = 0x87c37b91 | 0;
const C1L = 0x114253d5 | 0;
const C2H = 0x4cf5ad43 | 0;
const C2L = 0x2745937f | 0;

/** Both 64-bit halves of the result: first high, first low, second high, second low. */
export const murmur = new Int32Array(4);

/** Hashes bytes [0, length) into `murmur`. @param seed a 32-bit word. */
export function murmur3(bytes: Uint8Array, length: number, seed: number): void {
  murmur[0] = 0;
  murmur[1] = seed;
  murmur[2] = 0;
  murmur[3] = seed;
  const blocks = length - (length % 16);
  for (let at = 0; at < blocks; at += 16) {
    mixFirst(wordAt(bytes, at + 4, length), wordAt(bytes, at, length));
    rotateLeft(murmur[0], murmur[1], 27);
    add(high, low, murmur[2], murmur[3]);
    multiply(high, low, 0, 5);
    add(high, low, 0, 0x52dce729);
    store(0);
    mixSecond(wordAt(bytes, at + 12, length), wordAt(bytes, at + 8, length));
    rotateLeft(murmur[2], murmur[3], 31);
    add(high, low, murmur[0], murmur[1]);
    multiply(high, low, 0, 5);
    add(high, low, 0, 0x38495ab5);
    store(2);
  }
  if (length > blocks) {
    mixSecond(wordAt(bytes, blocks + 12, length), wordAt(bytes, blocks + 8, length));
    mixFirst(wordAt(bytes, blocks + 4, length), wordAt(bytes, blocks, length));
  }
  murmur[1] ^= length;
  murmur[3] ^= length;
  addHalves();
  avalanche(0);
  avalanche(2);
  addHalves();
}

function mixFirst(wordHigh: number, wordLow: number): void {
  multiply(wordHigh, wordLow, C1H, C1L);
  rotateLeft(high, low, 31);
  multiply(high, low, C2H, C2L);
  murmur[0] ^= high;
  murmur[1] ^= low;
}

function mixSecond(wordHigh: number, wordLow: number): void {
  multiply(wordHigh, wordLow, C2H, C2L);
  rotateLeft(high, low, 33);
  multiply(high, low, C1H, C1L);
  murmur[2] ^= high;
  murmur[3] ^= low;
}

function addHalves(): void {
  add(murmur[0], murmur[1], murmur[2], murmur[3]);
  store(0);
  add(murmur[0], murmur[1], murmur[2], murmur[3]);
  store(2);
}

function avalanche(at: number): void {
  foldRight(murmur[at], murmur[at + 1], 33);
  multiply(high, low, 0xff51afd7 | 0, 0xed558ccd | 0);
  foldRight(high, low, 33);
  multiply(high, low, 0xc4ceb9fe | 0, 0x1a85ec53 | 0);
  foldRight(high, low, 33);
  store(at);
}

function store(at: number): void {
  murmur[at] = high;
  murmur[at + 1] = low;
}

/** Four bytes, little-endian; what lies past the end is 0. */
function wordAt(bytes: Uint8Array, at: number, length: number): number {
  let word = 0;
  for (let i = 0; i < 4 && at + i < length; i++) word |= bytes[at + i] << (8 * i);
  return word;
}
