/** Amounts summed per value of one topology key, kept by entering and leaving rows. */

const NOWHERE = -1;

export class DomainTable {
  /** [row]: its amount, and the value id it is counted under; NOWHERE when it is not counted. */
  #own: Float64Array;
  #at: Int32Array;
  /** [value id] */
  readonly #sums: number[] = [];
  /** [value id]: rows counted there. */
  readonly #rows: number[] = [];
  /** Sum over all counted rows. */
  total = 0;
  /** Values with at least one counted row. */
  domains = 0;
  /** Values with two counted rows or more. */
  crowded = 0;

  constructor(rows: number) {
    this.#own = new Float64Array(rows);
    this.#at = new Int32Array(rows).fill(NOWHERE);
  }

  grow(rows: number): void {
    if (rows <= this.#own.length) return;
    const own = new Float64Array(rows);
    own.set(this.#own);
    const at = new Int32Array(rows).fill(NOWHERE);
    at.set(this.#at);
    this.#own = own;
    this.#at = at;
  }

  /** The row counts `amount` under that value id, 0 or more, from now on. */
  enter(row: number, value: number, amount: number): void {
    if (this.#at[row] === value && this.#own[row] === amount) return;
    this.leave(row);
    while (this.#sums.length <= value) {
      this.#sums.push(0);
      this.#rows.push(0);
    }
    this.#at[row] = value;
    this.#own[row] = amount;
    this.#sums[value] += amount;
    this.total += amount;
    const rows = ++this.#rows[value];
    if (rows === 1) this.domains++;
    else if (rows === 2) this.crowded++;
  }

  /** The row is not counted. */
  leave(row: number): void {
    const value = this.#at[row];
    if (value === NOWHERE) return;
    this.#sums[value] -= this.#own[row];
    this.total -= this.#own[row];
    const rows = --this.#rows[value];
    if (rows === 0) this.domains--;
    else if (rows === 1) this.crowded--;
    this.#at[row] = NOWHERE;
    this.#own[row] = 0;
  }

  /** 0 for a value that no counted row has. */
  sum(value: number): number {
    return this.#sums[value] ?? 0;
  }

  /** Whether the row is counted. */
  has(row: number): boolean {
    return this.#at[row] !== NOWHERE;
  }

  /** The row's own amount; 0 where it is not counted. */
  own(row: number): number {
    return this.#own[row];
  }

  /** The smallest sum of any domain, Infinity when there is none. O(values). */
  least(): number {
    let least = Infinity;
    for (let value = 0; value < this.#sums.length; value++) {
      if (this.#rows[value] > 0 && this.#sums[value] < least) least = this.#sums[value];
    }
    return least;
  }
}
