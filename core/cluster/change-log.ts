/**
 * Which nodes changed, in order: a ring of (row, what, label class of the pod, ±1). A reader remembers the position it
 * stood at; when the ring has run over it, it falls back to the rows' `changedAt`.
 */

export const NODE_CHANGED = 1;
export const NODE_REMOVED = 2;
export const POD_ADDED = 3;
export const POD_REMOVED = 4;

const FIELDS = 3;

export class ChangeLog {
  readonly #ring: Int32Array;
  readonly #entries: number;
  #position = 0;

  /** @param entries how many changes are kept. */
  constructor(entries = 65_536) {
    this.#entries = entries;
    this.#ring = new Int32Array(new SharedArrayBuffer(entries * FIELDS * 4));
  }

  /** Changes so far; the next entry gets this position. */
  get position(): number {
    return this.#position;
  }

  append(row: number, what: number, labelClass: number): void {
    const at = (this.#position % this.#entries) * FIELDS;
    this.#ring[at] = row;
    this.#ring[at + 1] = what;
    this.#ring[at + 2] = labelClass;
    this.#position++;
  }

  /** Calls `visit` for each change since `position`, oldest first. False when some were overwritten: none is visited. */
  since(position: number, visit: (row: number, what: number, labelClass: number) => void): boolean {
    if (this.#position - position > this.#entries) return false;
    for (let p = position; p < this.#position; p++) {
      const at = (p % this.#entries) * FIELDS;
      visit(this.#ring[at], this.#ring[at + 1], this.#ring[at + 2]);
    }
    return true;
  }
}
