/**
 * Arrays that cycles write into, kept from one to the next and only grown. One cycle uses them at a time. Over shared
 * memory when worker threads write their slices of them.
 */

/** The arrays as they are handed to workers. */
export interface Outputs {
  rejectedBy: Uint8Array;
  feasible: Int32Array;
  /** [slot] */
  scores: readonly Float64Array[];
}

export class Scratch {
  readonly #shared: boolean;
  #rejectedBy = new Uint8Array(0);
  #oneRow = new Uint8Array(64);
  readonly #ints = new Map<string, Int32Array>();
  #feasible = new Int32Array(0);
  #everyRow = new Int32Array(0);
  #scores: Float64Array[] = [];
  #version = 0;

  constructor({ shared = false } = {}) {
    this.#shared = shared;
  }

  /** Grows when `outputs` are other arrays than before. */
  get version(): number {
    return this.#version;
  }

  get outputs(): Outputs {
    return { rejectedBy: this.#rejectedBy, feasible: this.#feasible, scores: this.#scores };
  }

  /** Drops the outputs: somebody may still be writing to them. */
  renew(): void {
    this.#rejectedBy = new Uint8Array(0);
    this.#feasible = new Int32Array(0);
    this.#scores = [];
    this.#version++;
  }

  /** Per row: who refused it first, 0 for nobody. Cleared. */
  rejectedBy(rows: number): Uint8Array {
    if (this.#rejectedBy.length < rows) this.#rejectedBy = new Uint8Array(this.#bytes(rows * 2));
    return this.#rejectedBy.fill(0, 0, rows);
  }

  /** For looks at single rows; the caller clears what it uses. */
  oneRow(rows: number): Uint8Array {
    if (this.#oneRow.length < rows) this.#oneRow = new Uint8Array(rows * 2);
    return this.#oneRow;
  }

  /** Whole numbers by row, one array for each purpose. Cleared. */
  ints(purpose: 'kinds' | 'shortages' | 'crowd' | 'feasible', rows: number): Int32Array {
    const array = this.#ints.get(purpose);
    if (array && array.length >= rows) return array.fill(0, 0, rows);
    const larger = new Int32Array(rows * 2);
    this.#ints.set(purpose, larger);
    return larger;
  }

  /** 0, 1, 2 and so on: not to be written. */
  everyRow(rows: number): Int32Array {
    if (this.#everyRow.length < rows) this.#everyRow = Int32Array.from({ length: rows * 2 }, (_, row) => row);
    return this.#everyRow.subarray(0, rows);
  }

  /** The feasible rows where workers see them. */
  feasible(rows: ArrayLike<number>): Int32Array {
    const { length } = rows;
    if (this.#feasible.length < length) this.#feasible = new Int32Array(this.#bytes(4 * (length + (length >> 1))));
    this.#feasible.set(rows);
    return this.#feasible.subarray(0, length);
  }

  /** The slot-th score array, with `length` entries. Not cleared. */
  scores(slot: number, length: number): Float64Array {
    const array = this.#scores[slot];
    if (array && array.length >= length) return array.length === length ? array : array.subarray(0, length);
    this.#scores[slot] = new Float64Array(this.#bytes(8 * (length + (length >> 1))));
    return this.#scores[slot].subarray(0, length);
  }

  /** Fresh memory; its users are to be told. */
  #bytes(count: number): ArrayBuffer {
    this.#version++;
    // Typed arrays take either; their type only knows the one.
    return this.#shared ? (new SharedArrayBuffer(count) as unknown as ArrayBuffer) : new ArrayBuffer(count);
  }
}
