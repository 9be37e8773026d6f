/** Each row's place in the one order that the seed draws over node names. */
import { NODE_REMOVED } from '../../cluster/change-log.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { nodeRank, RANK_BOUND } from '../select-node.ts';

/** Which row comes first among equals: the lower rank in the order drawn from the seed, then the smaller name. */
export interface RowOrder {
  /** [row]: 53 bits. Read it anew after each sync. */
  readonly ranks: Float64Array;
  /** Rows that hold a node, the first of all before the others. */
  readonly sorted: Int32Array;
  /** Grows when a row that had a rank gets another one. */
  readonly epoch: number;
  name(row: number): string;
  /** Brings all that up to the present; before each decision. */
  sync(): void;
}

export class Ranks implements RowOrder {
  readonly #cluster: Cluster;
  readonly #seed: number;
  ranks = new Float64Array(0);
  epoch = 0;
  #sorted = new Int32Array(0);
  #count = 0;
  /** Not every class asks for the order. */
  #isSorted = false;
  /** [row]: the name that its rank was made from; '' where no node is. */
  readonly #names: string[] = [];
  /** Rows that had a rank once. */
  #ranked = new Uint8Array(0);
  #nodeEvents = -1;
  #position = -1;

  constructor(cluster: Cluster, seed: number) {
    this.#cluster = cluster;
    this.#seed = seed;
  }

  /** Of a row that holds a node. */
  rank(row: number): number {
    return this.all()[row];
  }

  /** [row]; valid until the next event. */
  all(): Float64Array {
    this.sync();
    return this.ranks;
  }

  name(row: number): string {
    return this.#names[row] ?? '';
  }

  sync(): void {
    const { nodeEvents, log, rows } = this.#cluster;
    if (nodeEvents === this.#nodeEvents) return;
    const from = this.#position;
    this.#nodeEvents = nodeEvents;
    this.#position = log.position;
    this.#grow(rows);
    if (from < 0 || !log.reaches(from)) {
      for (let row = 0; row < rows; row++) this.#rename(row);
      this.#isSorted = false;
      return;
    }
    const changed = new Set<number>();
    for (let p = from; p < log.position; p++) if (log.whatAt(p) <= NODE_REMOVED) changed.add(log.rowAt(p));
    if (this.#isSorted && changed.size * 16 <= rows) {
      this.#move(changed);
    } else {
      for (const row of changed) this.#rename(row);
      this.#isSorted = false;
    }
  }

  get sorted(): Int32Array {
    if (!this.#isSorted) this.#sortAll();
    return this.#sorted.subarray(0, this.#count);
  }

  #grow(rows: number): void {
    if (this.ranks.length >= rows) return;
    const ranks = new Float64Array(rows * 2);
    ranks.set(this.ranks);
    this.ranks = ranks;
    const sorted = new Int32Array(rows * 2);
    sorted.set(this.#sorted);
    this.#sorted = sorted;
    const ranked = new Uint8Array(rows * 2);
    ranked.set(this.#ranked);
    this.#ranked = ranked;
  }

  /** Ranks are spread evenly: each row goes to about its place at once, and is then moved past a few neighbours. */
  #sortAll(): void {
    const { rows } = this.#cluster;
    const starts = new Int32Array(rows + 1);
    const placeOf = (row: number): number => Math.floor((this.ranks[row] / RANK_BOUND) * rows);
    this.#count = 0;
    for (let row = 0; row < rows; row++) {
      if (!this.#names[row]) continue;
      this.#count++;
      starts[placeOf(row) + 1]++;
    }
    for (let i = 0; i < rows; i++) starts[i + 1] += starts[i];
    const sorted = this.#sorted.subarray(0, this.#count);
    this.#isSorted = true;
    for (let row = 0; row < rows; row++) if (this.#names[row]) sorted[starts[placeOf(row)]++] = row;
    for (let i = 1; i < sorted.length; i++) {
      const row = sorted[i];
      let at = i;
      for (; at > 0 && precedes(row, sorted[at - 1], this); at--) sorted[at] = sorted[at - 1];
      sorted[at] = row;
    }
  }

  /** Rows that hold other nodes, or none: all are taken out before the first comes back, since nodes may change places. */
  #move(changed: Iterable<number>): void {
    const moved = [...changed].filter((row) => this.#nodeOn(row) !== (this.#names[row] ?? ''));
    for (const row of moved) {
      if ((this.#names[row] ?? '') === '') continue;
      const at = this.#placeOf(row);
      this.#sorted.copyWithin(at, at + 1, this.#count--);
    }
    for (const row of moved) {
      this.#rename(row);
      if (this.#names[row] === '') continue;
      const at = this.#placeOf(row);
      this.#sorted.copyWithin(at + 1, at, this.#count++);
      this.#sorted[at] = row;
    }
  }

  #nodeOn(row: number): string {
    return this.#cluster.hasNode(row) ? this.#cluster.nameAt(row) : '';
  }

  /** How many rows come before it. */
  #placeOf(row: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (precedes(this.#sorted[middle], row, this)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #rename(row: number): void {
    const name = this.#nodeOn(row);
    if (this.#names[row] === name) return;
    this.#names[row] = name;
    if (name === '') return;
    if (this.#ranked[row] !== 0) this.epoch++;
    this.#ranked[row] = 1;
    this.ranks[row] = nodeRank(this.#seed, name);
  }
}

/** Whether row a comes before row b. */
export function precedes(a: number, b: number, order: RowOrder): boolean {
  const { ranks } = order;
  return ranks[a] < ranks[b] || (ranks[a] === ranks[b] && a !== b && order.name(a) < order.name(b));
}
