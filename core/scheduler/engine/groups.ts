/**
 * Nodes that a class cannot tell apart but for their local score: equal keys, one group. The key is a path of whole
 * numbers, to which each shared part adds its own.
 */
import type { RowOrder } from '../scan/ranks.ts';
import { cellOf, MAX_SCORE, SCORE_BITS } from './best-rows.ts';
import { BucketQueue, NOWHERE, type Places } from './bucket-queue.ts';

export interface Group {
  readonly id: number;
  readonly path: readonly number[];
  readonly queue: BucketQueue;
  /** Position in the list of groups. */
  index: number;
  /** Cross-node filters let the pod in, as of the present decision. */
  passes: boolean;
  /** Weighted shared score, as of the present decision. */
  shared: number;
}

interface Branch {
  next: Map<number, Branch>;
  group?: Group;
}

const NO_PATH: readonly number[] = [];

export class Groups implements Places {
  readonly #order: RowOrder;
  #root: Branch = { next: new Map() };
  /** Groups with rows; order is of no importance. */
  readonly list: Group[] = [];
  /** [id]; the id of a group without rows is free, since no row names it. */
  readonly #byId: (Group | undefined)[] = [];
  readonly #freeIds: number[] = [];
  #only: Group | undefined;
  cells: Int32Array;

  constructor(rows: number, order: RowOrder) {
    this.#order = order;
    this.cells = new Int32Array(rows).fill(NOWHERE);
  }

  /** More rows came. */
  grow(rows: number): void {
    if (rows <= this.cells.length) return;
    const cells = new Int32Array(rows).fill(NOWHERE);
    cells.set(this.cells);
    this.cells = cells;
  }

  /** The row has this key and score now. `path` is copied when a new group is made. */
  put(row: number, path: readonly number[], score: number): void {
    const cell = this.cells[row];
    const before = this.of(row);
    if (before && isPath(before.path, path)) {
      const from = cell & MAX_SCORE;
      if (from === score) return;
      this.cells[row] = cellOf(before.id, score);
      before.queue.move(row, from, score);
      return;
    }
    if (before) this.take(row);
    const { id, queue } = this.#find(path);
    this.cells[row] = cellOf(id, score);
    queue.insert(row, score);
  }

  /** The one group of a class whose keys are empty; it stays, even without rows. Its id is 0: cells are scores. */
  single(): Group {
    return (this.#only ??= this.#find(NO_PATH));
  }

  /** put of the first `count` rows, and take where the score is -1, for a class whose keys are empty. */
  putSingle(rows: Int32Array, count: number, scores: Float64Array): void {
    const { queue } = this.single();
    const { cells } = this;
    for (let k = 0; k < count; k++) {
      const row = rows[k];
      const score = scores[k];
      const before = cells[row];
      if (score === before) continue;
      cells[row] = score;
      if (score === NOWHERE) queue.remove(before);
      else if (before === NOWHERE) queue.insert(row, score);
      else queue.move(row, before, score);
    }
  }

  /** The same for all rows of a class that is built. */
  fillSingle(rows: Int32Array, count: number, scores: Float64Array): void {
    const { queue } = this.single();
    const { cells } = this;
    for (let k = 0; k < count; k++) cells[rows[k]] = scores[k];
    queue.fill();
  }

  /** The same, with the scores by row, NOWHERE for rows to leave out; they are kept, and written to. */
  adoptSingle(scores: Int32Array): void {
    const { queue } = this.single();
    this.cells = scores;
    queue.fill();
  }

  /** The row cannot take the pod. */
  take(row: number): void {
    const group = this.of(row);
    if (!group) return;
    const score = this.cells[row] & MAX_SCORE;
    this.cells[row] = NOWHERE;
    group.queue.remove(score);
    if (group.queue.size === 0 && group.path.length > 0) this.#forget(group);
  }

  of(row: number): Group | undefined {
    const cell = this.cells[row];
    return cell === NOWHERE ? undefined : this.#byId[cell >> SCORE_BITS];
  }

  /** Weighted local score of a row that has a group. */
  scoreOf(row: number): number {
    return this.cells[row] & MAX_SCORE;
  }

  #find(path: readonly number[]): Group {
    let branch = this.#root;
    for (let i = 0; i < path.length; i++) {
      let next = branch.next.get(path[i]);
      if (!next) branch.next.set(path[i], (next = { next: new Map() }));
      branch = next;
    }
    return (branch.group ??= this.#make(path));
  }

  #make(path: readonly number[]): Group {
    const id = this.#freeIds.pop() ?? this.#byId.length;
    const queue = new BucketQueue(this.#order, this, id);
    const group: Group = { id, path: [...path], queue, index: this.list.length, passes: false, shared: 0 };
    this.#byId[id] = group;
    this.list.push(group);
    return group;
  }

  #forget(group: Group): void {
    const last = this.list.pop() as Group;
    if (last !== group) {
      this.list[group.index] = last;
      last.index = group.index;
    }
    this.#byId[group.id] = undefined;
    this.#freeIds.push(group.id);
    this.#prune(this.#root, group.path, 0);
  }

  /** Takes the group's leaf away, and branches that lead nowhere any more. */
  #prune(branch: Branch, path: readonly number[], depth: number): void {
    if (depth === path.length) {
      branch.group = undefined;
      return;
    }
    const next = branch.next.get(path[depth]);
    if (!next) return;
    this.#prune(next, path, depth + 1);
    if (!next.group && next.next.size === 0) branch.next.delete(path[depth]);
  }
}

function isPath(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
