/**
 * Which row a name has, and what stands on it besides columns. A row belongs to a name as long as a node or a pod has that
 * name; then it is free for the next one.
 */
import { assert } from '../assert.ts';
import type { Node, Taint } from '../objects/types.ts';
import type { Interned } from './intern.ts';
import type { PlacedPod } from './placed-pod.ts';

/** What one row holds. Pods may be bound to a name that no node has: then `node` is missing. */
export interface NodeRecord {
  readonly name: string;
  readonly row: number;
  node: Node | undefined;
  taintSet: Interned<readonly Taint[]> | undefined;
  /** In NodeInfo order: appended when they come, swap-removed when they leave. */
  pods: PlacedPod[];
}

/** The pods of a row without any: one list for all, which is never written to. */
export const NOBODY: PlacedPod[] = [];

export class NodeRows {
  readonly #records: (NodeRecord | undefined)[] = [];
  readonly #free: number[] = [];
  /** Rows of nodes, and of names that only pods know. */
  readonly #rowOf = new Map<string, number>();
  #foreseen = -1;

  /** Rows in use are below this; some of them may be empty. */
  get bound(): number {
    return this.#records.length;
  }

  at(row: number): NodeRecord | undefined {
    return this.#records[row];
  }

  /** Of a row that is not empty. */
  record(row: number): NodeRecord {
    const record = this.#records[row];
    if (!record) assert(record, `row ${row} is empty`);
    return record as NodeRecord;
  }

  /** Of a node, or of a name that only pods know; undefined for one that nobody has. */
  find(name: string): number | undefined {
    return this.#rowOf.get(name);
  }

  /** By row. */
  *all(): Generator<NodeRecord> {
    for (const record of this.#records) if (record) yield record;
  }

  /** The name that is probably opened next: it need not be looked up. */
  foresee(row: number): void {
    this.#foreseen = row;
  }

  /** The record of a name; a new one, perhaps on a row that was freed, for a name that nobody has. */
  open(name: string): NodeRecord {
    const foreseen = this.#records[this.#foreseen];
    if (foreseen?.name === name) return foreseen;
    const known = this.#rowOf.get(name);
    if (known !== undefined) return this.record(known);
    const row = this.#free.pop() ?? this.#records.length;
    const record: NodeRecord = { name, row, node: undefined, taintSet: undefined, pods: NOBODY };
    this.#records[row] = record;
    this.#rowOf.set(name, row);
    return record;
  }

  /** Frees the row if neither a node nor a pod is left on it; whether it did. */
  freeIfEmpty({ name, row, node, pods }: NodeRecord): boolean {
    if (node || pods.length > 0) return false;
    this.#rowOf.delete(name);
    this.#records[row] = undefined;
    this.#free.push(row);
    return true;
  }
}
