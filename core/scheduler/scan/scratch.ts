/** Arrays that cycles write into, kept from one to the next and only grown. One cycle uses them at a time. */

export class Scratch {
  #rejectedBy = new Uint8Array(64);
  #oneRow = new Uint8Array(64);
  readonly #scores: Float64Array[] = [];

  /** Per row: who refused it first, 0 for nobody. Cleared. */
  rejectedBy(rows: number): Uint8Array {
    if (this.#rejectedBy.length < rows) this.#rejectedBy = new Uint8Array(rows * 2);
    return this.#rejectedBy.fill(0, 0, rows);
  }

  /** For looks at single rows; the caller clears what it uses. */
  oneRow(rows: number): Uint8Array {
    if (this.#oneRow.length < rows) this.#oneRow = new Uint8Array(rows * 2);
    return this.#oneRow;
  }

  /** The slot-th score array, with `length` entries. Not cleared. */
  scores(slot: number, length: number): Float64Array {
    const array = this.#scores[slot];
    if (array && array.length >= length) return array.length === length ? array : array.subarray(0, length);
    this.#scores[slot] = new Float64Array(length + (length >> 1));
    return this.#scores[slot].subarray(0, length);
  }
}
