/**
 * Seeded draws for picks: sfc32 in int32 words, so that no draw leaves a number on the heap (an unsigned word above 2^31
 * would). Not for anything that needs an exact bound: `below` is biased by at most bound / 2^32.
 */
export class Draws {
  readonly #state: Int32Array;

  /** @param seed any integer; equal seeds give equal draws. @param state four words, where others draw from the same. */
  constructor(seed: number, state: Int32Array = new Int32Array(4)) {
    this.#state = state;
    this.#state[0] = 0x9e3779b9;
    this.#state[1] = Math.floor(seed / 4294967296);
    this.#state[2] = seed;
    this.#state[3] = 1;
    for (let i = 0; i < 15; i++) this.word();
  }

  /** An int32. */
  word(): number {
    const state = this.#state;
    const b = state[1];
    const c = state[2];
    const d = state[3];
    const sum = (state[0] + b + d) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + sum;
    state[3] = d + 1;
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
    return Int32Array.from(this.#state);
  }

  restore(state: Int32Array): void {
    this.#state.set(state);
  }
}

/** Of the product of an unsigned word and a bound of at most 2^16: what stands above its lower 32 bits. Exact, as doubles have 53. */
export function upperHalf(word: number, bound: number): number {
  return ((word >>> 0) * bound * 2 ** -32) | 0;
}
