/** What is known of pods that fit nowhere, by make, bounded: the make that asked least recently goes. */
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { RefusalMemory, RowFilters } from '../scan/remembered.ts';
import { RefusedClass } from './refused-class.ts';

/** Bytes per node and make: refusals, prospects, the tree over them. */
export const BYTES_PER_NODE_AND_MAKE = 96;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_MAKES = 32;
/** Makes whose last pod fitted nowhere. */
const MAX_FAILING = 1024;

export class RefusedClasses implements RefusalMemory {
  readonly #makes = new Map<string, RefusedClass>(); // In order of last use, oldest first.
  readonly #failing = new Set<string>();
  readonly #keyOf: (request: PodRequest) => string;
  readonly #buildFrom: 1 | 2;

  /**
   * @param keyOf equal for pods of one make.
   * @param buildFrom the how-manieth pod after a failure makes it worth to ask every node: 1 is the one that fails.
   */
  constructor(keyOf: (request: PodRequest) => string, buildFrom: 1 | 2) {
    this.#keyOf = keyOf;
    this.#buildFrom = buildFrom;
  }

  get size(): number {
    return this.#makes.size;
  }

  /** The last pod of this make fitted nowhere. */
  isFailing(request: PodRequest): boolean {
    return this.#failing.size > 0 && this.#failing.has(this.#keyOf(request));
  }

  find(filters: RowFilters): RefusedClass | undefined {
    if (this.#failing.size === 0 && this.#makes.size === 0) return undefined;
    const make = this.#keyOf(filters.request);
    const known = this.#makes.get(make) ?? (this.#failing.has(make) ? new RefusedClass() : undefined);
    if (!known) return undefined;
    if (!this.#makes.delete(make)) this.#makeRoom(filters.cluster.rows);
    this.#makes.set(make, known);
    known.catchUp(filters);
    if (!known.nothingFits) this.#failing.delete(make);
    return known;
  }

  failed(filters: RowFilters): RefusedClass | undefined {
    const make = this.#keyOf(filters.request);
    if (this.#failing.size >= MAX_FAILING) this.#failing.clear();
    this.#failing.add(make);
    return this.#buildFrom === 1 || this.#makes.has(make) ? this.find(filters) : undefined;
  }

  #makeRoom(rows: number): void {
    const fitting = Math.floor(MAX_BYTES / (rows * BYTES_PER_NODE_AND_MAKE));
    const limit = Math.min(MAX_MAKES, Math.max(1, fitting));
    for (const oldest of this.#makes.keys()) {
      if (this.#makes.size < limit) break;
      this.#makes.delete(oldest);
    }
  }

  entries(): Iterable<[string, RefusedClass]> {
    return this.#makes;
  }
}
