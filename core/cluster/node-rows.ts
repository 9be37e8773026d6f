/**
 * Which row a name has, and what stands on it besides columns. A row belongs to a name as long as a node or a pod has that
 * name; then it is free for the next one.
 */
import { assert } from '../assert.ts';
import type { Node, Taint } from '../objects/types.ts';
import type { Interned } from './intern.ts';

/** What one row holds. Pods may be bound to a name that no node has: then `node` is missing. */
export interface NodeRecord {
  readonly name: string;
  readonly row: number;
  node: Node | undefined;
  taintSet: Interned<readonly Taint[]> | undefined;
}

export class NodeRows {
  readonly #records: (NodeRecord | undefined)[] = [];
  readonly #free: number[] = [];
  /** Rows of nodes, and of names that only pods know. */
  readonly #rowOf = new Map<string, number>();
  #foreseen = -1;
  #foreseenName = '';
  #listed: { names: readonly string[]; rows: Int32Array } = { names: [], rows: new Int32Array(0) };

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

  /** Of names that all have one. The same array again for the same list. */
  rowsOf(names: readonly string[]): Int32Array {
    if (names !== this.#listed.names) {
      const rows = new Int32Array(names.length);
      for (let i = 0; i < rows.length; i++) rows[i] = this.#rowOf.get(names[i]) as number;
      this.#listed = { names, rows };
    }
    return this.#listed.rows;
  }

  /** By row. */
  *all(): Generator<NodeRecord> {
    for (const record of this.#records) if (record) yield record;
  }

  /** The name of that row is probably opened next: it need not be looked up. */
  foresee(row: number, name: string): void {
    this.#foreseen = row;
    this.#foreseenName = name;
  }

  /** The row of a name; a new one, perhaps one that was freed, for a name that nobody has. */
  open(name: string): number {
    if (name === this.#foreseenName && name !== '') return this.#foreseen;
    const known = this.#rowOf.get(name);
    if (known !== undefined) return known;
    const row = this.#free.pop() ?? this.#records.length;
    const record: NodeRecord = { name, row, node: undefined, taintSet: undefined };
    this.#records[row] = record;
    this.#rowOf.set(name, row);
    return row;
  }

  /** Frees a row that has no pods, if no node is left on it either; whether it did. */
  freeIfEmpty({ name, row, node }: NodeRecord): boolean {
    if (node) return false;
    this.#rowOf.delete(name);
    this.#records[row] = undefined;
    if (row === this.#foreseen) this.#foreseenName = '';
    this.#free.push(row);
    return true;
  }
}
