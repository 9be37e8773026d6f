/**
 * One topology key as a class sees it. A coarse key has few values, and a node's value is part of its group's path. A fine
 * key gives every node a value of its own, as hostnames do: there the node's own amounts are part of the path instead.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { LabelDictionary } from '../../cluster/label-column.ts';
import { DomainTable } from './domain-table.ts';
import type { EngineLimits } from './limits.ts';

export class Topology {
  readonly key: string;
  readonly fine: boolean;
  ids: Int32Array;
  readonly dictionary: LabelDictionary;
  readonly #cluster: Cluster;
  readonly #epoch: number;
  readonly #limits: EngineLimits;
  /** Counts nodes per value. */
  readonly #nodes: DomainTable;

  constructor(key: string, cluster: Cluster, limits: EngineLimits) {
    this.#limits = limits;
    this.key = key;
    this.#cluster = cluster;
    const { ids, dictionary } = cluster.labelColumn(key);
    this.ids = ids;
    this.dictionary = dictionary;
    this.#epoch = dictionary.epoch;
    this.#nodes = new DomainTable(cluster.rows);
    const { exists } = cluster.columns;
    for (let n = 0; n < cluster.rows; n++) if (exists[n] !== 0) this.enter(n);
    this.fine = dictionary.size > limits.coarseValues && this.#nodes.crowded === 0;
  }

  grow(rows: number): void {
    this.#nodes.grow(rows);
  }

  /** False when value ids mean something else now. */
  renew(): boolean {
    const { ids, dictionary } = this.#cluster.labelColumn(this.key);
    this.ids = ids;
    return dictionary === this.dictionary && dictionary.epoch === this.#epoch;
  }

  enter(n: number): void {
    if (this.ids[n] === 0) this.#nodes.leave(n);
    else this.#nodes.enter(n, this.ids[n], 1);
  }

  leave(n: number): void {
    this.#nodes.leave(n);
  }

  /** Why groups by this key would be wrong or too many. */
  get broken(): string | undefined {
    if (this.fine && this.#nodes.crowded > 0) return `two nodes share a value of ${this.key}`;
    if (!this.fine && this.#nodes.domains > this.#limits.maxValues) return `${this.key} has too many values`;
    return undefined;
  }
}
