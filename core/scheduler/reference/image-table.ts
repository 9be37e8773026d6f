/**
 * Which nodes report which image. The size is that of the first node that reported the name, cluster-wide, until no node
 * has it. A node sees the counts as they were when its own record was last copied.
 * Source: Kubernetes v1.36, pkg/scheduler/backend/cache/cache.go.
 */
import type { Node } from '../../objects/types.ts';
import type { ImageSummary } from './node-info.ts';

interface ImageState {
  size: number;
  nodes: Set<string>;
}

export class ImageTable {
  readonly #states = new Map<string, ImageState>();

  add(node: Node): void {
    for (const { name, size } of reported(node)) {
      let state = this.#states.get(name);
      if (!state) this.#states.set(name, (state = { size, nodes: new Set() }));
      state.nodes.add(node.metadata.name);
    }
  }

  remove(node: Node): void {
    for (const { name } of reported(node)) {
      const state = this.#states.get(name);
      state?.nodes.delete(node.metadata.name);
      if (state?.nodes.size === 0) this.#states.delete(name);
    }
  }

  /** Image → bytes. */
  *sizes(): Generator<[name: string, bytes: number]> {
    for (const [name, { size }] of this.#states) yield [name, size];
  }

  /** As sizes() once gave them, of images that nodes have reported. */
  restoreSizes(sizes: Iterable<readonly [name: string, bytes: number]>): void {
    for (const [name, size] of sizes) {
      const state = this.#states.get(name);
      if (state) state.size = size;
    }
  }

  sizeOf(name: string): number {
    return this.#states.get(name)?.size ?? 0;
  }

  /** The node's images, with sizes and counts of this moment. */
  summaries(node: Node): Map<string, ImageSummary> {
    const summaries = new Map<string, ImageSummary>();
    for (const { name } of reported(node)) {
      const state = this.#states.get(name);
      if (state) summaries.set(name, { size: state.size, nodeCount: state.nodes.size });
    }
    return summaries;
  }
}

function* reported(node: Node): Generator<{ name: string; size: number }> {
  for (const { names = [], sizeBytes = 0 } of node.status?.images ?? []) {
    for (const name of names) yield { name, size: sizeBytes };
  }
}
