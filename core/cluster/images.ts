/**
 * Which nodes have which image. A node scores with the count it saw when its record was last copied: the counts are
 * frozen per node at the first snapshot after the node changed (semantics 4.4).
 * Source: Kubernetes v1.36, pkg/scheduler/backend/cache/cache.go (addNodeImageStates), framework/types.go.
 */
import type { Node } from '../objects/types.ts';

interface ImageState {
  /** Bytes, as the first node reported them. */
  size: number;
  rows: Set<number>;
}

export class Images {
  readonly #states = new Map<string, ImageState>();
  /** row → image name → nodes that had it when the row was last copied. */
  readonly #frozen = new Map<number, Map<string, number>>();
  readonly #held = new Map<number, string[]>();

  /** The node of `row` now reports these images; what it reported before is gone. */
  report(row: number, node: Node | undefined): void {
    const before = this.#held.get(row);
    if (!node) this.#frozen.delete(row);
    if (!before && !node?.status?.images?.length) return;
    for (const name of before ?? []) {
      const state = this.#states.get(name);
      state?.rows.delete(row);
      if (state?.rows.size === 0) this.#states.delete(name);
    }
    this.#held.delete(row);
    const names: string[] = [];
    for (const image of node?.status?.images ?? []) {
      for (const name of image.names ?? []) {
        let state = this.#states.get(name);
        if (!state) this.#states.set(name, (state = { size: image.sizeBytes ?? 0, rows: new Set() }));
        state.rows.add(row);
        names.push(name);
      }
    }
    if (names.length > 0) this.#held.set(row, names);
  }

  /** No row has images, or had them when it was last copied. */
  get areAbsent(): boolean {
    return this.#held.size === 0 && this.#frozen.size === 0;
  }

  /** The row is copied into a snapshot: its counts are those of now. True when it has, or had, images. */
  freeze(row: number): boolean {
    const names = this.#held.get(row);
    if (!names) return this.#frozen.delete(row);
    this.#frozen.set(row, new Map(names.map((name) => [name, this.#states.get(name)?.rows.size ?? 0])));
    return true;
  }

  /** Nodes that had the image when the row was last copied; 0 when this node lacks it. */
  frozenCount(row: number, name: string): number {
    return this.#frozen.get(row)?.get(name) ?? 0;
  }

  /** Whether the row holds images, or did when it was last copied. */
  isKnown(row: number): boolean {
    return this.#held.has(row) || this.#frozen.has(row);
  }

  /** Image → bytes. */
  *sizes(): Generator<[name: string, bytes: number]> {
    for (const [name, { size }] of this.#states) yield [name, size];
  }

  /** Row → image → nodes that had it when the row was last copied. */
  frozen(): ReadonlyMap<number, ReadonlyMap<string, number>> {
    return this.#frozen;
  }

  /** What sizes() and frozen() once gave. All rows have reported what they hold. */
  restore(
    sizes: Iterable<readonly [name: string, bytes: number]>,
    frozen: Iterable<readonly [row: number, counts: Iterable<readonly [name: string, count: number]>]>,
  ): void {
    for (const [name, size] of sizes) {
      const state = this.#states.get(name);
      if (state) state.size = size;
    }
    this.#frozen.clear();
    for (const [row, counts] of frozen) this.#frozen.set(row, new Map(counts));
  }

  sizeOf(name: string): number {
    return this.#states.get(name)?.size ?? 0;
  }

  /** Rows that hold images. */
  rows(): Iterable<number> {
    return this.#held.keys();
  }
}
