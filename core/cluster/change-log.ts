/**
 * Which nodes changed, in order: a ring of (row, what, label class of the pod, ±1). A reader remembers the position it
 * stood at; when the ring has run over it, it falls back to the rows' `changedAt`.
 */

import { assert } from '../assert.ts';

export const NODE_CHANGED = 1;
export const NODE_REMOVED = 2;
export const POD_ADDED = 3;
export const POD_REMOVED = 4;
/** A pod is another object of the same make: what its row holds is the same, their order and start times need not be. */
export const POD_RENEWED = 5;

/** Entries are this far apart: row, what, label class, and one that is spare. */
const FIELDS = 4;

export class ChangeLog {
  readonly #ring: Int32Array;
  readonly #entries: number;
  readonly #mask: number;
  /** Changes so far; the next entry gets this position. Written here only. */
  position = 0;

  /** @param entries how many changes are kept: a power of two. */
  constructor(entries = 65_536) {
    assert(Number.isInteger(Math.log2(entries)), `${entries} entries are no power of two`);
    this.#entries = entries;
    this.#mask = entries - 1;
    this.#ring = new Int32Array(new SharedArrayBuffer(entries * FIELDS * 4));
  }

  append(row: number, what: number, labelClass: number): void {
    const at = (this.position & this.#mask) * FIELDS;
    this.#ring[at] = row;
    this.#ring[at + 1] = what;
    this.#ring[at + 2] = labelClass;
    this.position++;
  }

  /** Whether everything since that position is still there. */
  reaches(position: number): boolean {
    return this.position - position <= this.#entries;
  }

  /** Of a position that the log reaches. */
  rowAt(position: number): number {
    return this.#ring[(position & this.#mask) * FIELDS];
  }

  whatAt(position: number): number {
    return this.#ring[(position & this.#mask) * FIELDS + 1];
  }

  /** Calls `visit` for each change since `position`, oldest first. False when some were overwritten: none is visited. */
  since(position: number, visit: (row: number, what: number, labelClass: number) => void): boolean {
    if (!this.reaches(position)) return false;
    for (let p = position; p < this.position; p++) {
      const at = (p & this.#mask) * FIELDS;
      visit(this.#ring[at], this.#ring[at + 1], this.#ring[at + 2]);
    }
    return true;
  }
}
