/** Groups and their queues against a plain list: enough rows that most have no entry, and ranks that change meanwhile. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MAX_SCORE } from '../../../../core/scheduler/engine/best-rows.ts';
import { NOWHERE } from '../../../../core/scheduler/engine/bucket-queue.ts';
import { Groups } from '../../../../core/scheduler/engine/groups.ts';
import type { RowOrder } from '../../../../core/scheduler/scan/ranks.ts';

const ROWS = 300;

class Order implements RowOrder {
  readonly ranks: Float64Array;
  sorted = new Int32Array(0);
  epoch = 0;

  constructor(ranks: readonly number[]) {
    this.ranks = Float64Array.from(ranks);
    this.sync();
  }

  name(row: number): string {
    return `n${String(row).padStart(4, '0')}`;
  }

  sync(): void {
    this.sorted = Int32Array.from({ length: ROWS }, (_, row) => row);
    this.sorted.sort((a, b) => this.ranks[a] - this.ranks[b] || a - b);
  }

  /** The row holds another node now. */
  change(row: number, rank: number): void {
    this.ranks[row] = rank;
    this.epoch++;
    this.sync();
  }
}

type Event =
  | { op: 'put'; row: number; path: number; score: number }
  | { op: 'take'; row: number }
  | { op: 'other node'; row: number; rank: number }
  | { op: 'use top'; times: number };

const row = fc.nat(ROWS - 1);
// Few scores and ranks: ties of every kind. Scores fall more often than they rise, as those of nodes do.
const score = fc.oneof(
  { weight: 4, arbitrary: fc.nat(5) },
  { weight: 1, arbitrary: fc.constantFrom(9, 40, MAX_SCORE) },
);
const rank = fc.nat(60);
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ op: fc.constant('put' as const), row, path: fc.constantFrom(0, 0, 0, 1, -1), score }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('take' as const), row }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('other node' as const), row, rank }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('use top' as const), times: fc.integer({ min: 1, max: 40 }) }) },
);

/** What groups are, row by row. */
interface Model {
  path: number[];
  score: number[];
}

function best(model: Model, order: Order, path: number): { score: number; row: number; size: number } {
  let size = 0;
  let top = { score: -1, row: -1 };
  for (const row of order.sorted) {
    if (model.score[row] === NOWHERE || model.path[row] !== path) continue;
    size++;
    if (model.score[row] > top.score) top = { score: model.score[row], row };
  }
  return { ...top, size };
}

function compare(groups: Groups, model: Model, order: Order): void {
  let rows = 0;
  for (const { path, queue } of groups.list) {
    const expected = best(model, order, path[0] ?? 0);
    assert.is(queue.size, expected.size);
    rows += queue.size;
    if (queue.size === 0) continue;
    assert.is(queue.topScore(), expected.score);
    assert.is(queue.topRow(), expected.row);
    const seen = new Set<number>();
    queue.eachTop((row) => void seen.add(row));
    const ties = [...order.sorted].filter((n) => model.score[n] === expected.score && model.path[n] === (path[0] ?? 0));
    assert.equal([...seen].sort(), ties.sort());
  }
  assert.is(rows, model.score.filter((score) => score !== NOWHERE).length);
}

test('groups: the same as a plain list of rows, whatever moves', () => {
  const ranks = fc.array(rank, { minLength: ROWS, maxLength: ROWS });
  const law = (initial: readonly number[], scores: readonly number[], events: readonly Event[]): void => {
    const order = new Order(initial);
    const groups = new Groups(ROWS, order);
    const model: Model = { path: new Array(ROWS).fill(0), score: [...scores] };
    scores.forEach((score, row) => void (score === NOWHERE || groups.put(row, [0], score)));
    for (const event of events) {
      if (event.op === 'put') {
        groups.put(event.row, [event.path], event.score);
        model.path[event.row] = event.path;
        model.score[event.row] = event.score;
      } else if (event.op === 'take') {
        groups.take(event.row);
        model.score[event.row] = NOWHERE;
      } else if (event.op === 'other node') {
        groups.take(event.row);
        order.change(event.row, event.rank);
        groups.put(event.row, [0], 5);
        model.path[event.row] = 0;
        model.score[event.row] = 5;
      } else {
        for (let i = 0; i < event.times; i++) useTop(groups, model, order, 0);
      }
      compare(groups, model, order);
    }
  };
  fc.assert(
    fc.property(
      ranks,
      fc.array(fc.integer({ min: -1, max: 5 }), { minLength: ROWS, maxLength: ROWS }),
      fc.array(event, { maxLength: 40, size: 'max' }),
      law,
    ),
    { numRuns: 150 },
  );
});

test('groups of a class without parts: filled at once, and then the same as a plain list', () => {
  let unlisted = 0;
  const change = fc.record({ row, score: fc.integer({ min: -1, max: 5 }), times: fc.nat(60), rank });
  const law = (
    initial: readonly number[],
    scores: readonly number[],
    changes: readonly (typeof change extends fc.Arbitrary<infer C> ? C : never)[],
  ): void => {
    const order = new Order(initial);
    const groups = new Groups(ROWS, order);
    const all = Int32Array.from({ length: ROWS }, (_, n) => n);
    const model: Model = { path: new Array(ROWS).fill(0), score: [...scores] };
    groups.fillSingle(all, ROWS, Float64Array.from(scores));
    compare(groups, model, order);
    for (const { row, score, times, rank } of changes) {
      for (let i = 0; i < times; i++) useTop(groups, model, order, undefined);
      if (times % 7 === 0) {
        groups.take(row);
        model.score[row] = NOWHERE;
        order.change(row, rank);
      }
      groups.putSingle(Int32Array.of(row), 1, Float64Array.of(score));
      model.score[row] = score;
      compare(groups, model, order);
      unlisted += model.score.filter((known) => known !== NOWHERE).length > 200 ? 1 : 0;
    }
  };
  fc.assert(
    fc.property(
      fc.array(rank, { minLength: ROWS, maxLength: ROWS }),
      fc.array(fc.integer({ min: -1, max: 5 }), { minLength: ROWS, maxLength: ROWS }),
      fc.array(change, { maxLength: 30, size: 'max' }),
      law,
    ),
    { numRuns: 150 },
  );
  assert.ok(unlisted > 500, `${unlisted} comparisons with more rows than buckets are filled with`);
});

/** What a decision does: the best row gets a pod and falls. */
function useTop(groups: Groups, model: Model, order: Order, path: number | undefined): void {
  const { row, score } = best(model, order, path ?? 0);
  if (row < 0) return;
  const lower = score - 1;
  model.score[row] = lower;
  if (path === undefined) groups.putSingle(Int32Array.of(row), 1, Float64Array.of(lower));
  else if (lower < 0) groups.take(row);
  else groups.put(row, [path], lower);
  const group = groups.list.find((other) => (other.path[0] ?? 0) === (path ?? 0));
  if (group && group.queue.size > 0) group.queue.topRow();
}

test.run();
