/** The rows of a group with its best scores, by score and rank: what its buckets are filled with. */

/** A cell is a group's id and a weighted local score, in that many bits. */
export const SCORE_BITS = 16;
export const MAX_SCORE = 2 ** SCORE_BITS - 1;

export function cellOf(group: number, score: number): number {
  return (group << SCORE_BITS) | score;
}

/** So many rows are listed, and one of so many of all rows: what a look at all of them buys. */
const FILL = 64;
const FILL_SHARE = 32;

export interface BestRows {
  /** How many rows the group has. */
  size: number;
  /** [score]: rows that have it; up to the highest. */
  counts: Int32Array;
  /** Rows with a lower score are not listed. */
  floor: number;
  /** By score, from the floor up, and of equal scores by rank. */
  rows: Int32Array;
}

/** @param cells by row. @param sorted every row that may be listed, by rank. */
export function bestRows(cells: Int32Array, group: number, sorted: Int32Array): BestRows {
  const counts = countScores(cells, cellOf(group, 0), cellOf(group, MAX_SCORE));
  let size = 0;
  for (let score = 0; score < counts.length; score++) size += counts[score];
  const wanted = Math.max(FILL, Math.floor(sorted.length / FILL_SHARE));
  let floor = counts.length;
  let found = 0;
  while (floor > 0 && found < wanted) found += counts[--floor];
  const starts = new Int32Array(counts.length - floor);
  for (let i = 1; i < starts.length; i++) starts[i] = starts[i - 1] + counts[floor + i - 1];
  const rows = new Int32Array(found);
  list(cells, sorted, cellOf(group, floor), starts, rows);
  return { size, counts, floor, rows };
}

/** V8 compiles what is called often better than one long loop: loops over all rows go in steps of so many. */
export const STEP = 512;

function countScores(cells: Int32Array, lowest: number, highest: number): Int32Array {
  let top = lowest - 1;
  for (let from = 0; from < cells.length; from += STEP) {
    top = highestIn(cells, from, Math.min(from + STEP, cells.length), highest, top);
  }
  const counts = new Int32Array(top - lowest + 1);
  for (let from = 0; from < cells.length; from += STEP) {
    countIn(cells, from, Math.min(from + STEP, cells.length), lowest, counts);
  }
  return counts;
}

/** The highest cell up to `highest`, if it is above `least`. */
function highestIn(cells: Int32Array, from: number, to: number, highest: number, least: number): number {
  let top = least;
  for (let row = from; row < to; row++) {
    const cell = cells[row];
    if (cell > top && cell <= highest) top = cell;
  }
  return top;
}

function countIn(cells: Int32Array, from: number, to: number, lowest: number, counts: Int32Array): void {
  for (let row = from; row < to; row++) {
    const at = cells[row] - lowest;
    if (at >= 0 && at < counts.length) counts[at]++;
  }
}

/** @param starts where rows of each score go, from the lowest cell on. */
function list(cells: Int32Array, sorted: Int32Array, lowest: number, starts: Int32Array, rows: Int32Array): void {
  for (let from = 0; from < sorted.length; from += STEP) {
    listIn(cells, sorted, from, Math.min(from + STEP, sorted.length), lowest, starts, rows);
  }
}

function listIn(
  cells: Int32Array,
  sorted: Int32Array,
  from: number,
  to: number,
  lowest: number,
  starts: Int32Array,
  rows: Int32Array,
): void {
  for (let i = from; i < to; i++) {
    const row = sorted[i];
    const at = cells[row] - lowest;
    if (at >= 0 && at < starts.length) rows[starts[at]++] = row;
  }
}
