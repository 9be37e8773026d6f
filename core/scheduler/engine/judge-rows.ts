/**
 * What a class that is built knows of each row by itself: the verdict of filters that do not heed pods, and the row's cell.
 * Judged for ranges of rows, on any thread: whoever has the class's rules, the facts of rows and the columns can do it.
 */
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { CheckedResource, View } from '../framework.ts';
import type { AnyPackedPlugin } from '../plugins/registry.ts';
import { AmountsKernel, type FactsOfRows, type WeighedAmounts } from './amounts-kernel.ts';
import { STEP } from './best-rows.ts';
import { NOWHERE } from './bucket-queue.ts';

/** What a class knows of a row's filters that do not heed pods. */
export const UNKNOWN = 0;
export const PASSES = 1;
export const REFUSED = 2;

/** A built-in plugin's kernel, which some thread has. `P` is the plugin, or its name on the way to another thread. */
export interface RowFilter<P = AnyPackedPlugin> {
  plugin: P;
  facts: unknown;
  self: number;
}

export interface RowScore<P = AnyPackedPlugin> {
  plugin: P;
  facts: unknown;
  /** Whole; together with the others' small enough that every sum is a cell. */
  weight: number;
}

/** What judging takes of a class, of which no amount is an exact one. */
export interface RowRules<P = AnyPackedPlugin> {
  /** Filters that do not heed pods, and have something to refuse. */
  filters: readonly RowFilter<P>[];
  /** Of the filter and scores by amounts (AmountsKernel). */
  checked: readonly CheckedResource[];
  weighed: readonly WeighedAmounts[];
  /** Other local scores of whole numbers from 0 to 100. */
  scores: readonly RowScore<P>[];
}

/** By row; over shared memory where several threads judge. */
export interface JudgedRows {
  known: Uint8Array;
  /** The weighted local score; NOWHERE for rows that are refused, or without a node. */
  cells: Int32Array;
}

export interface ListedRows extends FactsOfRows {
  /** Those with a node, ascending. */
  readonly rows: Int32Array;
}

/** Room for `rows` rows. */
export function makeJudged(rows: number, shared: boolean): JudgedRows {
  const at = Math.ceil(rows / 4) * 4;
  const bytes = at + 4 * rows;
  // Typed arrays take either; their type only knows the one.
  const buffer = shared ? (new SharedArrayBuffer(bytes) as unknown as ArrayBuffer) : new ArrayBuffer(bytes);
  return { known: new Uint8Array(buffer, 0, rows), cells: new Int32Array(buffer, at, rows) };
}

/** Judges rows [from, to) as the columns are now. */
export function judgeRows(
  rules: RowRules,
  pod: PodRequest,
  view: View,
  listed: ListedRows,
  from: number,
  to: number,
  judged: JudgedRows,
): void {
  const kernel = new AmountsKernel(rules.checked, rules.weighed, listed, view.cluster.columns);
  let first = placeOf(from, listed.rows);
  for (let start = from; start < to; start += STEP) {
    const end = Math.min(start + STEP, to);
    judged.known.fill(0, start, end);
    for (const { plugin, facts, self } of rules.filters) {
      plugin.filter?.(facts, pod, view, start, end, judged.known, self);
    }
    settleKnown(judged.known, start, end);
    judged.cells.fill(NOWHERE, start, end);
    const last = placeOf(end, listed.rows);
    const rows = listed.rows.subarray(first, last);
    first = last;
    kernel.judge(rows, rows.length, totals);
    addScores(rules.scores, pod, view, rows);
    writeCells(rows, judged);
  }
}

/** Of the rows of one step, and scores of one plugin. */
const totals = new Float64Array(STEP);
const scores = new Float64Array(STEP);

/** From who refused a row to what is known of it. */
function settleKnown(known: Uint8Array, from: number, to: number): void {
  for (let n = from; n < to; n++) known[n] = known[n] === 0 ? PASSES : REFUSED;
}

function addScores(others: readonly RowScore[], pod: PodRequest, view: View, rows: Int32Array): void {
  for (const { plugin, facts, weight } of others) {
    const made = scores.subarray(0, rows.length);
    plugin.score?.(facts, pod, view, rows, made);
    for (let k = 0; k < rows.length; k++) if (totals[k] >= 0) totals[k] += weight * made[k];
  }
}

function writeCells(rows: Int32Array, { known, cells }: JudgedRows): void {
  for (let k = 0; k < rows.length; k++) if (known[rows[k]] === PASSES) cells[rows[k]] = totals[k];
}

/** How many of the rows come before row n. */
function placeOf(n: number, rows: Int32Array): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle] < n) low = middle + 1;
    else high = middle;
  }
  return low;
}
