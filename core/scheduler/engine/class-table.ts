/** Classes by key, bounded: the one used least recently goes. */
import type { PodClass } from './pod-class.ts';

/** Bytes of class state per node, about: group and score, tables of three shared parts, entries in heaps. */
export const BYTES_PER_NODE_AND_CLASS = 96;
const MAX_BYTES = 256 * 1024 * 1024;
const MIN_CLASSES = 8;
const MAX_CLASSES = 1024;
/** Keys of pods seen once. */
const MAX_SEEN = 8192;

export class ClassTable {
  readonly #classes = new Map<string, PodClass>(); // In order of last use, oldest first.
  readonly #seen = new Set<string>();
  readonly #buildFrom: 1 | 2;

  /** @param buildFrom the how-manieth pod makes a class worth building. */
  constructor(buildFrom: 1 | 2 = 2) {
    this.#buildFrom = buildFrom;
  }

  get size(): number {
    return this.#classes.size;
  }

  find(key: string): PodClass | undefined {
    const found = this.#classes.get(key);
    if (found) {
      this.#classes.delete(key);
      this.#classes.set(key, found);
    }
    return found;
  }

  /** Whether to build a class for the pod that asks now. */
  isWorthwhile(key: string): boolean {
    if (this.#buildFrom === 1 || this.#seen.has(key)) return true;
    if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
    this.#seen.add(key);
    return false;
  }

  add(key: string, made: PodClass, rows: number): void {
    this.#classes.set(key, made);
    const limit = Math.min(
      MAX_CLASSES,
      Math.max(MIN_CLASSES, Math.floor(MAX_BYTES / (rows * BYTES_PER_NODE_AND_CLASS))),
    );
    while (this.#classes.size > limit) this.#classes.delete(this.#classes.keys().next().value as string);
  }

  entries(): Iterable<[string, PodClass]> {
    return this.#classes.entries();
  }
}
