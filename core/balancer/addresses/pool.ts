/**
 * Numbers from 0 up, each with at most one owner. Asked for none in particular, it gives one of the upper band, so that
 * the lower one stays free for those who ask by number; when the upper is full, the lower gives too.
 * Source: Kubernetes v1.36, pkg/registry/core/service/{ipallocator,portallocator}; KEP-3070, KEP-3668.
 */
import { assert } from '../../assert.ts';
import type { Random } from '../../random.ts';

/** Of a larger range only so many are given unasked; the others can be asked for. */
const MOST_GIVEN = 2n ** 32n;

interface Band {
  from: bigint;
  size: bigint;
  taken: bigint;
}

export class Pool {
  readonly size: bigint;
  readonly #bands: readonly Band[];
  readonly #ownerOf = new Map<bigint, string>();
  readonly #ownedBy = new Map<string, Set<bigint>>();

  /** @param reserved how many of the lowest are kept for those who ask. */
  constructor(size: bigint, reserved: bigint) {
    assert(size > 0n && reserved >= 0n && reserved < size, () => `a pool of ${size} with ${reserved} reserved`);
    this.size = size;
    const upper = size - reserved < MOST_GIVEN ? size - reserved : MOST_GIVEN;
    this.#bands = [
      { from: reserved, size: upper, taken: 0n },
      { from: 0n, size: reserved, taken: 0n },
    ];
  }

  get taken(): number {
    return this.#ownerOf.size;
  }

  ownerOf(offset: bigint): string | undefined {
    return this.#ownerOf.get(offset);
  }

  /** False when another has it. Taking what one has already changes nothing. */
  take(offset: bigint, owner: string): boolean {
    assert(offset >= 0n && offset < this.size, () => `${offset} taken from a pool of ${this.size}`);
    const before = this.#ownerOf.get(offset);
    if (before !== undefined) return before === owner;
    this.#ownerOf.set(offset, owner);
    const owned = this.#ownedBy.get(owner);
    if (owned) owned.add(offset);
    else this.#ownedBy.set(owner, new Set([offset]));
    this.#count(offset, 1n);
    return true;
  }

  /** A free one from a random place on, or undefined when there is none left. */
  next(owner: string, random: Random): bigint | undefined {
    for (const band of this.#bands) {
      if (band.taken >= band.size) continue;
      let step = BigInt(random.below(Number(band.size)));
      while (this.#ownerOf.has(band.from + step)) step = step + 1n === band.size ? 0n : step + 1n;
      this.take(band.from + step, owner);
      return band.from + step;
    }
    return undefined;
  }

  /** Gives back all of an owner's, but those in `keep`. */
  release(owner: string, keep: ReadonlySet<bigint> = new Set()): void {
    const owned = this.#ownedBy.get(owner) ?? [];
    const kept = new Set<bigint>();
    for (const offset of owned) {
      if (keep.has(offset)) {
        kept.add(offset);
      } else {
        this.#ownerOf.delete(offset);
        this.#count(offset, -1n);
      }
    }
    if (kept.size > 0) this.#ownedBy.set(owner, kept);
    else this.#ownedBy.delete(owner);
  }

  ownedBy(owner: string): ReadonlySet<bigint> {
    return new Set(this.#ownedBy.get(owner));
  }

  #count(offset: bigint, change: bigint): void {
    const band = this.#bands.find(({ from, size }) => offset >= from && offset < from + size);
    if (band) band.taken += change;
  }
}
