/**
 * Seeded randomness with the state passed in: sfc32 for streams, and a stateless hash for choices that must not
 * depend on the order in which nodes are looked at.
 */

/** A stream of 32-bit integers. The state is four words and can be copied. */
export class Random {
  readonly #state = new Uint32Array(4);

  /** @param seed any integer; equal seeds give equal streams. */
  constructor(seed: number) {
    this.#state[0] = 0x9e3779b9;
    this.#state[1] = 0x243f6a88;
    this.#state[2] = Math.floor(seed / 4294967296) >>> 0;
    this.#state[3] = seed >>> 0;
    for (let i = 0; i < 15; i++) this.next();
  }

  /** The next word, 0 to 2^32 - 1. */
  next(): number {
    const s = this.#state;
    const sum = (s[0] + s[1] + s[3]) >>> 0;
    s[3] = s[3] + 1;
    s[0] = s[1] ^ (s[1] >>> 9);
    s[1] = s[2] + (s[2] << 3);
    s[2] = ((s[2] << 21) | (s[2] >>> 11)) + sum;
    return sum;
  }

  /** A uniform integer in [0, bound); bound is 1 to 2^32. Rejects the words that would bias it. */
  below(bound: number): number {
    const limit = 4294967296 - (4294967296 % bound);
    let word = this.next();
    while (word >= limit) word = this.next();
    return word % bound;
  }

  /** Fisher-Yates, in place. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
    return items;
  }
}

/** FNV-1a over UTF-16 units and a seed, finished by murmur3's mixer: a 53-bit integer, uniform for any set of texts. */
export function hashText(seed: number, text: string): number {
  let a = (0x811c9dc5 ^ (seed | 0)) | 0;
  let b = (0x9747b28c ^ Math.imul(seed | 0, 0x85ebca6b) ^ Math.floor(seed / 4294967296)) | 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995);
    b ^= b >>> 15;
  }
  return (mix(a) >>> 0) * 2097152 + (mix(b ^ a) >>> 11);
}

/** A 53-bit integer from a 53-bit hash and a counter: a fresh uniform order of the same texts for every counter. */
export function hashAgain(hash: number, counter: number): number {
  const low = hash >>> 0;
  const high = Math.floor(hash / 4294967296) | 0;
  const a = mix(low ^ mix(counter | 0));
  const b = mix(high ^ mix((counter + 0x9e3779b9) | 0) ^ a);
  return (mix(a ^ b) >>> 0) * 2097152 + (b >>> 11);
}

function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
