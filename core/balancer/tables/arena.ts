/**
 * Memory for regions: blocks of an arena, in words. Sizes are rounded up to one of four steps per doubling, and a freed block
 * waits in the list of its size for the next of that size: constant time, and at most a quarter of a block unused.
 */
import { assert } from '../../assert.ts';

/** Word 0 is not handed out: 0 in the directory says 'no region'. Blocks begin at even words, for doubles. */
const FIRST_WORD = 2;
const SMALLEST = 32;

export class Arena {
  readonly words: number;
  #top = FIRST_WORD;
  #used = 0;
  readonly #free = new Map<number, number[]>();

  constructor(words: number) {
    this.words = words;
  }

  /** Words in blocks that are handed out. */
  get used(): number {
    return this.#used;
  }

  /** Where the block begins; 0 where the arena has no such block any more. */
  allocate(words: number): number {
    const size = blockSize(words);
    const freed = this.#free.get(size)?.pop();
    if (freed === undefined && this.#top + size > this.words) return 0;
    this.#used += size;
    if (freed !== undefined) return freed;
    this.#top += size;
    return this.#top - size;
  }

  /** @param words as asked for. */
  free(block: number, words: number): void {
    const size = blockSize(words);
    assert(
      block >= FIRST_WORD && block + size <= this.#top,
      () => `block ${block} of ${size} words was never handed out`,
    );
    this.#used -= size;
    const list = this.#free.get(size);
    if (list) list.push(block);
    else this.#free.set(size, [block]);
  }

  /** Blocks that wait, as pairs of place and size. */
  *freeBlocks(): Generator<[number, number]> {
    for (const [size, blocks] of this.#free) for (const block of blocks) yield [block, size];
  }

  /** Words from the first block to the last. */
  get extent(): number {
    return this.#top - FIRST_WORD;
  }
}

/** The size of the block for so many words. */
export function blockSize(words: number): number {
  if (words <= SMALLEST) return SMALLEST;
  const step = 2 ** (29 - Math.clz32(words - 1));
  return Math.ceil(words / step) * step;
}
