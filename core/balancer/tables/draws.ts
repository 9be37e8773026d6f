/**
 * Seeded draws for picks: sfc32 in int32 words, so that no draw leaves a number on the heap (an unsigned word above 2^31
 * would). Not for anything that needs an exact bound: `below` is biased by at most bound / 2^32.
 */
export class Draws {
  readonly #state = new Int32Array(4);

  /** @param seed any integer; equal seeds give equal draws. */
  constructor(seed: number) {
    this.#state[0] = 0x9e3779b9;
    this.#state[1] = Math.floor(seed / 4294967296);
    this.#state[2] = seed;
    this.#state[3] = 1;
    for (let i = 0; i < 15; i++) this.word();
  }

  /** An int32. */
  word(): number {
    const s = this.#state;
    const sum = (s[0] + s[1] + s[3]) | 0;
    s[3] = s[3] + 1;
    s[0] = s[1] ^ (s[1] >>> 9);
    s[1] = s[2] + (s[2] << 3);
    s[2] = ((s[2] << 21) | (s[2] >>> 11)) + sum;
    return sum;
  }

  /** An integer in [0, bound). @param bound 1 to 2^16. */
  below(bound: number): number {
    return upperHalf(this.word(), bound);
  }

  /** In [0, 1), in steps of 2^-32. */
  unit(): number {
    return (this.word() >>> 0) * 2 ** -32;
  }

  /** The four words of the state, for `restore`. */
  save(): Int32Array {
    return this.#state.slice();
  }

  restore(state: Int32Array): void {
    this.#state.set(state);
  }
}

/** Of the product of an unsigned word and a bound of at most 2^16: what stands above its lower 32 bits. No step leaves 32 bits. */
export function upperHalf(word: number, bound: number): number {
  return (Math.imul(word >>> 16, bound) + (Math.imul(word & 0xffff, bound) >>> 16)) >>> 16;
}
