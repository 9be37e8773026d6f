/** Each row's place in the one order that the seed draws over node names. */
import type { Cluster } from '../../cluster/cluster.ts';
import { nodeRank } from '../select-node.ts';

export class Ranks {
  readonly #cluster: Cluster;
  readonly #seed: number;
  /** [row]: the rank, and the name it was made from. */
  #ranks = new Float64Array(0);
  readonly #names: string[] = [];
  #shape = -1;

  constructor(cluster: Cluster, seed: number) {
    this.#cluster = cluster;
    this.#seed = seed;
  }

  rank(row: number): number {
    return this.all()[row];
  }

  /** [row]; valid until the next event. */
  all(): Float64Array {
    if (this.#shape !== this.#cluster.shape) this.#renew();
    return this.#ranks;
  }

  name(row: number): string {
    return this.#cluster.nodeAt(row)?.metadata.name ?? '';
  }

  #renew(): void {
    const { rows, shape } = this.#cluster;
    this.#shape = shape;
    if (this.#ranks.length < rows) {
      const ranks = new Float64Array(rows * 2);
      ranks.set(this.#ranks);
      this.#ranks = ranks;
    }
    for (let row = 0; row < rows; row++) {
      const name = this.name(row);
      if (this.#names[row] === name) continue;
      this.#names[row] = name;
      this.#ranks[row] = nodeRank(this.#seed, name);
    }
  }
}
