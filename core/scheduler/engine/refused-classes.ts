/** What is known of pods that fit nowhere, by make, bounded: the make that asked least recently goes. */
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { RefusalMemory, RowFilters } from '../scan/remembered.ts';
import { RefusedClass } from './refused-class.ts';

/** Bytes per node and make: refusals, prospects, the tree over them. */
export const BYTES_PER_NODE_AND_MAKE = 96;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_MAKES = 32;
/** Makes that failed once. */
const MAX_SEEN = 1024;

export class RefusedClasses implements RefusalMemory {
  readonly #makes = new Map<string, RefusedClass>(); // In order of last use, oldest first.
  readonly #seen = new Set<string>();
  readonly #keyOf: (request: PodRequest) => string;
  readonly #buildFrom: 1 | 2;

  /**
   * @param keyOf equal for pods of one make.
   * @param buildFrom the how-manieth failure makes it worth to ask every node.
   */
  constructor(keyOf: (request: PodRequest) => string, buildFrom: 1 | 2) {
    this.#keyOf = keyOf;
    this.#buildFrom = buildFrom;
  }

  get size(): number {
    return this.#makes.size;
  }

  /** Brought up to the present; undefined when pods of this make have not failed yet. */
  find(filters: RowFilters): RefusedClass | undefined {
    if (this.#makes.size === 0) return undefined;
    const make = this.#keyOf(filters.request);
    const known = this.#makes.get(make);
    if (!known) return undefined;
    this.#makes.delete(make);
    this.#makes.set(make, known);
    known.catchUp(filters);
    return known;
  }

  /** The same for a pod that has failed; undefined when its make had not before. */
  failed(filters: RowFilters): RefusedClass | undefined {
    const known = this.find(filters);
    if (known) return known;
    const make = this.#keyOf(filters.request);
    if (this.#buildFrom > 1 && !this.#seen.delete(make)) {
      if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
      this.#seen.add(make);
      return undefined;
    }
    const fitting = Math.floor(MAX_BYTES / (filters.cluster.rows * BYTES_PER_NODE_AND_MAKE));
    const limit = Math.min(MAX_MAKES, Math.max(1, fitting));
    for (const oldest of this.#makes.keys()) {
      if (this.#makes.size < limit) break;
      this.#makes.delete(oldest);
    }
    this.#makes.set(make, new RefusedClass());
    return this.find(filters);
  }

  entries(): Iterable<[string, RefusedClass]> {
    return this.#makes;
  }
}
