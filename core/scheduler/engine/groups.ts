/**
 * Nodes that a class cannot tell apart but for their local score: equal keys, one group. The key is a path of whole
 * numbers, to which each shared part adds its own.
 */
import { BucketQueue, type RowOrder } from './bucket-queue.ts';

export interface Group {
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

export const NO_GROUP = -1;

export class Groups {
  readonly #order: RowOrder;
  #root: Branch = { next: new Map() };
  /** Groups with rows; order is of no importance. */
  readonly list: Group[] = [];
  /** Group ids are never reused while rows may still name them. */
  readonly #byId = new Map<number, Group>();
  #nextId = 0;
  readonly #ids = new WeakMap<Group, number>();
  /** [row]: id of its group, or NO_GROUP. */
  groupOf: Int32Array;
  /** [row]: weighted local score; of meaning where the row has a group. */
  localOf: Int32Array;

  constructor(rows: number, order: RowOrder) {
    this.#order = order;
    this.groupOf = new Int32Array(rows).fill(NO_GROUP);
    this.localOf = new Int32Array(rows);
  }

  /** More rows came. */
  grow(rows: number): void {
    if (rows <= this.groupOf.length) return;
    const groupOf = new Int32Array(rows).fill(NO_GROUP);
    groupOf.set(this.groupOf);
    const localOf = new Int32Array(rows);
    localOf.set(this.localOf);
    this.groupOf = groupOf;
    this.localOf = localOf;
  }

  /** The row has this key and score now. `path` is copied when a new group is made. */
  put(row: number, path: readonly number[], local: number): void {
    const group = this.#find(path);
    const id = this.#ids.get(group) as number;
    const before = this.groupOf[row];
    if (before === id) {
      if (this.localOf[row] === local) return;
      group.queue.remove(this.localOf[row]); // It comes back at once: the group stays.
    } else {
      this.take(row);
    }
    this.groupOf[row] = id;
    this.localOf[row] = local;
    group.queue.insert(row, local);
  }

  /** The row cannot take the pod. */
  take(row: number): void {
    const group = this.#byId.get(this.groupOf[row]);
    if (!group) return;
    this.groupOf[row] = NO_GROUP;
    group.queue.remove(this.localOf[row]);
    if (group.queue.size === 0) this.#forget(group);
  }

  of(row: number): Group | undefined {
    return this.#byId.get(this.groupOf[row]);
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
    const id = this.#nextId++;
    const isLive = (row: number, score: number): boolean => this.groupOf[row] === id && this.localOf[row] === score;
    const queue = new BucketQueue(this.#order, isLive);
    const group: Group = { path: [...path], queue, index: this.list.length, passes: false, shared: 0 };
    this.#ids.set(group, id);
    this.#byId.set(id, group);
    this.list.push(group);
    return group;
  }

  #forget(group: Group): void {
    const last = this.list.pop() as Group;
    if (last !== group) {
      this.list[group.index] = last;
      last.index = group.index;
    }
    this.#byId.delete(this.#ids.get(group) as number);
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
