/** A column of JSON values, where few are different: each once, and a small index per row. */
import { assert } from '../../assert.ts';

/** As it stands in the payload. Without an index, row i has values[i]. */
export interface ValueColumn {
  values: readonly unknown[];
  index?: Uint8Array | Uint16Array | Int32Array;
}

/** Share of different values from which an index does not pay. */
const WORTH_AN_INDEX = 0.5;

/** Strings, and null where there is none. */
export function packStrings(rows: readonly (string | null)[]): ValueColumn {
  const ids = new Map<string | null, number>();
  const index = new Int32Array(rows.length);
  const most = Math.max(1, rows.length * WORTH_AN_INDEX);
  for (let i = 0; i < rows.length; i++) {
    let id = ids.get(rows[i]);
    if (id === undefined) {
      if (ids.size >= most) return { values: rows };
      ids.set(rows[i], (id = ids.size));
    }
    index[i] = id;
  }
  return { values: [...ids.keys()], index: packIndex(index, ids.size) };
}

/** In the narrowest array that holds ids below `bound`. */
export function packIndex(index: Int32Array, bound: number): NonNullable<ValueColumn['index']> {
  if (bound <= 256) return Uint8Array.from(index);
  return bound <= 65_536 ? Uint16Array.from(index) : index;
}

/** Row → value. */
export function unpackColumn({ values, index }: ValueColumn): (row: number) => unknown {
  return index ? (row) => values[index[row]] : (row) => values[row];
}

/** Gathers values that are equal as JSON under dense ids. */
export class ValueTable {
  readonly values: unknown[] = [];
  readonly #ids = new Map<string, number>();
  /** Shared by pods that one controller stamped: found again without their text. */
  readonly #byIdentity = new WeakMap<object, number>();

  /** @param of the object that the value is made from, when equal objects make equal values. */
  idOf(value: object, of?: object): number {
    const known = of && this.#byIdentity.get(of);
    if (known !== undefined) return known;
    const text = JSON.stringify(value);
    assert(text !== undefined, 'objects have a text');
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.values.push(value) - 1;
      this.#ids.set(text, id);
    }
    if (of) this.#byIdentity.set(of, id);
    return id;
  }
}
