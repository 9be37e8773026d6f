/**
 * The rows of one group by local score. Buckets are heaps by rank with lazy deletion: a row that moved on leaves its entry
 * behind, which is dropped when it comes to the top. Live rows are counted exactly.
 */

/** Which row comes first among equals: the lower rank in the order drawn from the seed, then the smaller name. */
export interface RowOrder {
  /** 53 bits; another one when the row comes to hold another node. */
  rank(row: number): number;
  name(row: number): string;
}

/** Whether a row sits in the bucket of that score now. */
export type IsLive = (row: number, score: number) => boolean;

class Bucket {
  readonly heap = new RankHeap();
  live = 0;
}

export class BucketQueue {
  readonly #order: RowOrder;
  readonly #isLive: IsLive;
  /** [score] */
  readonly #buckets: (Bucket | undefined)[] = [];
  /** No bucket above it has live rows. */
  #top = -1;
  #size = 0;

  constructor(order: RowOrder, isLive: IsLive) {
    this.#order = order;
    this.#isLive = isLive;
  }

  get size(): number {
    return this.#size;
  }

  /** The row's group and score are written already, so that isLive holds for it. */
  insert(row: number, score: number): void {
    let bucket = this.#buckets[score];
    if (!bucket) {
      while (this.#buckets.length <= score) this.#buckets.push(undefined);
      this.#buckets[score] = bucket = new Bucket();
    }
    bucket.live++;
    this.#size++;
    if (score > this.#top) this.#top = score;
    bucket.heap.push(row, this.#order);
    if (bucket.heap.size > 32 && bucket.heap.size > 4 * bucket.live) this.#compact(bucket, score);
  }

  /** The row has left the bucket of that score: isLive does not hold for it any more. */
  remove(score: number): void {
    const bucket = this.#buckets[score] as Bucket;
    bucket.live--;
    this.#size--;
    if (bucket.live === 0) bucket.heap.clear();
  }

  /** The highest score that a live row has; the queue is not empty. */
  topScore(): number {
    while ((this.#buckets[this.#top]?.live ?? 0) === 0) this.#top--;
    return this.#top;
  }

  /** The first row of the top bucket by rank. */
  topRow(): number {
    const score = this.topScore();
    const { heap } = this.#buckets[score] as Bucket;
    while (!this.#holds(heap, 0, score)) heap.pop(this.#order);
    return heap.rows[0];
  }

  /** Every live row of the top bucket, some perhaps twice. */
  *topRows(): Generator<number> {
    const score = this.topScore();
    const { heap } = this.#buckets[score] as Bucket;
    for (let i = 0; i < heap.size; i++) if (this.#holds(heap, i, score)) yield heap.rows[i];
  }

  /** The entry stands for a row that is in this bucket now, and for the node that the row held when it was pushed. */
  #holds(heap: RankHeap, i: number, score: number): boolean {
    const row = heap.rows[i];
    return this.#isLive(row, score) && this.#order.rank(row) === heap.ranks[i];
  }

  #compact(bucket: Bucket, score: number): void {
    const { heap } = bucket;
    const rows = new Set(heap.rows.filter((_, i) => this.#holds(heap, i, score)));
    heap.clear();
    for (const row of rows) heap.push(row, this.#order);
  }
}

/** A binary heap of rows by the rank they had when they were pushed; may hold rows that have left, and rows twice. */
class RankHeap {
  readonly rows: number[] = [];
  readonly ranks: number[] = [];

  get size(): number {
    return this.rows.length;
  }

  clear(): void {
    this.rows.length = 0;
    this.ranks.length = 0;
  }

  push(row: number, order: RowOrder): void {
    const rank = order.rank(row);
    this.rows.push(row);
    let at = this.ranks.push(rank) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(row, rank, parent, order)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, row, rank);
  }

  /** Drops the first entry. */
  pop(order: RowOrder): void {
    const row = this.rows.pop() as number;
    const rank = this.ranks.pop() as number;
    const count = this.rows.length;
    if (count === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      if (child + 1 < count && this.#before(this.rows[child + 1], this.ranks[child + 1], child, order)) child++;
      if (this.#before(row, rank, child, order)) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, row, rank);
  }

  #before(row: number, rank: number, other: number, order: RowOrder): boolean {
    if (rank !== this.ranks[other]) return rank < this.ranks[other];
    return order.name(row) < order.name(this.rows[other]);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.rows[from], this.ranks[from]);
  }

  #put(at: number, row: number, rank: number): void {
    this.rows[at] = row;
    this.ranks[at] = rank;
  }
}
