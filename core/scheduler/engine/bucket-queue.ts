/**
 * The rows of one group by local score. Only the best scores have buckets, down to a floor: rows below it are looked for
 * when the buckets are used up, all at once, so that a row which moves among the many below costs nothing. A bucket is a
 * run of rows by rank, and a heap of those that came later. A row that moved on leaves its entry behind, which is dropped
 * when it comes to the top.
 */

import { precedes, type RowOrder } from '../scan/ranks.ts';
import { bestRows, cellOf, SCORE_BITS } from './best-rows.ts';

/** Where each row is now. */
export interface Places {
  /** [row]: its cell, or NOWHERE. */
  readonly cells: Int32Array;
}

/** In no group: some filter refuses the row, or no node is there. */
export const NOWHERE = -1;
/** Ids of groups are below that. */
export const MAX_GROUPS = 2 ** (31 - SCORE_BITS);

/** Entries beyond this, and beyond so many times the live rows, are looked through for those that have left. */
const COMPACT_FROM = 32;
const COMPACT_SHARE = 4;
const NO_ROWS = new Int32Array(0);

class Bucket {
  /** By rank, from `next` on. */
  run: Int32Array = NO_ROWS;
  next = 0;
  /** Rows that came later; the first `heaped` of them are a heap by the ranks of that epoch. */
  late: number[] = [];
  heaped = 0;
  epoch = 0;
  /** Rows that are in the bucket now. */
  live = 0;

  clear(): void {
    this.run = NO_ROWS;
    this.next = 0;
    if (this.late.length > 0) this.late = [];
    this.heaped = 0;
    this.live = 0;
  }
}

export class BucketQueue {
  readonly #order: RowOrder;
  readonly #places: Places;
  readonly #id: number;
  /** [score] */
  readonly #buckets: (Bucket | undefined)[] = [];
  /** No bucket above it has live rows. */
  #top = -1;
  /** Rows with a lower score have no entry. */
  #floor = 0;
  size = 0;

  /** @param id of the group whose rows these are. */
  constructor(order: RowOrder, places: Places, id: number) {
    this.#order = order;
    this.#places = places;
    this.#id = id;
  }

  /** The row's group and score are written already. */
  insert(row: number, score: number): void {
    this.size++;
    if (score >= this.#floor) this.#enter(row, score);
  }

  /** The row has left the bucket of that score, and what was written of it says so. */
  remove(score: number): void {
    this.size--;
    if (score >= this.#floor) this.#leave(score);
  }

  /** The row had the one score and has the other. */
  move(row: number, from: number, to: number): void {
    if (to >= this.#floor) this.#enter(row, to);
    if (from >= this.#floor) this.#leave(from);
  }

  /** Rows were written to be in the group, none of which has been inserted. */
  fill(): void {
    this.size = this.#refill();
  }

  /** The highest score that a live row has; the queue is not empty. */
  topScore(): number {
    let top = this.#top;
    while (top >= 0 && (this.#buckets[top]?.live ?? 0) === 0) top--;
    this.#top = top;
    if (top < 0) this.#refill();
    return this.#top;
  }

  /** The first row of the top bucket by rank. */
  topRow(): number {
    const score = this.topScore();
    const bucket = this.#buckets[score] as Bucket;
    const order = this.#order;
    if (bucket.epoch !== order.epoch) this.#rebuild(bucket, score);
    const { run, late } = bucket;
    const { cells } = this.#places;
    const cell = cellOf(this.#id, score);
    let { next } = bucket;
    while (next < run.length && cells[run[next]] !== cell) next++;
    bucket.next = next;
    if (late.length === 0) return run[next];
    if (bucket.heaped < late.length) heap(late, bucket.heaped, order);
    while (late.length > 0 && cells[late[0]] !== cell) {
      const last = late.pop() as number;
      if (late.length > 0) sink(late, 0, last, order);
    }
    bucket.heaped = late.length;
    if (next === run.length || (late.length > 0 && precedes(late[0], run[next], order))) return late[0];
    return run[next];
  }

  /** Every live row of the top bucket, some perhaps twice. */
  eachTop(visit: (row: number) => void): void {
    const score = this.topScore();
    const { run, next, late } = this.#buckets[score] as Bucket;
    const { cells } = this.#places;
    const cell = cellOf(this.#id, score);
    for (let i = next; i < run.length; i++) if (cells[run[i]] === cell) visit(run[i]);
    for (let i = 0; i < late.length; i++) if (cells[late[i]] === cell) visit(late[i]);
  }

  #enter(row: number, score: number): void {
    const bucket = this.#buckets[score] ?? this.#open(score);
    bucket.live++;
    if (score > this.#top) this.#top = score;
    const { late, run, next } = bucket;
    late.push(row);
    const entries = late.length + run.length - next;
    if (entries > COMPACT_FROM && entries > COMPACT_SHARE * bucket.live) this.#rebuild(bucket, score);
  }

  #leave(score: number): void {
    const bucket = this.#buckets[score] as Bucket;
    if (--bucket.live === 0) bucket.clear();
  }

  #open(score: number): Bucket {
    const bucket = new Bucket();
    while (this.#buckets.length <= score) this.#buckets.push(undefined);
    this.#buckets[score] = bucket;
    return bucket;
  }

  /** Keeps one entry of each live row: a heap of them. */
  #rebuild(bucket: Bucket, score: number): void {
    const kept = new Set<number>();
    const { cells } = this.#places;
    const cell = cellOf(this.#id, score);
    for (let i = bucket.next; i < bucket.run.length; i++) if (cells[bucket.run[i]] === cell) kept.add(bucket.run[i]);
    for (const row of bucket.late) if (cells[row] === cell) kept.add(row);
    bucket.run = NO_ROWS;
    bucket.next = 0;
    bucket.late = [...kept];
    heap(bucket.late, 0, this.#order);
    bucket.heaped = bucket.late.length;
    bucket.epoch = this.#order.epoch;
  }

  /**
   * All buckets are empty, and some rows have none: lowers the floor and finds those above it, in order of rank. Returns how
   * many rows the group has.
   */
  #refill(): number {
    const { sorted, epoch } = this.#order;
    const { size, counts, floor, rows } = bestRows(this.#places.cells, this.#id, sorted);
    this.#floor = floor;
    this.#top = counts.length - 1;
    let at = 0;
    for (let score = floor; score < counts.length; score++) {
      const live = counts[score];
      const bucket = this.#buckets[score] ?? (live > 0 ? this.#open(score) : undefined);
      if (!bucket) continue;
      bucket.clear();
      bucket.epoch = epoch;
      bucket.live = live;
      if (live > 0) bucket.run = rows.subarray(at, at + live);
      at += live;
    }
    return size;
  }
}

/** The rows from `from` on join the heap before them. */
function heap(rows: number[], from: number, order: RowOrder): void {
  if (rows.length - from > from) {
    for (let at = (rows.length >> 1) - 1; at >= 0; at--) sink(rows, at, rows[at], order);
  } else {
    for (let at = from; at < rows.length; at++) rise(rows, at, order);
  }
}

/** Moves rows[at] up to where it belongs. */
function rise(rows: number[], at: number, order: RowOrder): void {
  const row = rows[at];
  let hole = at;
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    if (!precedes(row, rows[parent], order)) break;
    rows[hole] = rows[parent];
    hole = parent;
  }
  rows[hole] = row;
}

/** Puts the row at or below `at`. */
function sink(rows: number[], at: number, row: number, order: RowOrder): void {
  const count = rows.length;
  let hole = at;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= count) break;
    if (child + 1 < count && precedes(rows[child + 1], rows[child], order)) child++;
    if (!precedes(rows[child], row, order)) break;
    rows[hole] = rows[child];
    hole = child;
  }
  rows[hole] = row;
}
