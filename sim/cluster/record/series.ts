/** Numbers that stay as they are until they change, recorded when they do and read off in even steps afterwards. */

export class Series<T extends string> {
  readonly #names: readonly T[];
  readonly #times: number[] = [];
  /** Point after point, in the order of the names. */
  readonly #values: number[] = [];

  constructor(names: readonly T[]) {
    this.#names = names;
  }

  /** Of several records at one time the last counts. */
  record(atMs: number, values: Readonly<Record<T, number>>): void {
    if (this.#times.at(-1) === atMs) this.#values.length -= this.#names.length;
    else this.#times.push(atMs);
    for (const name of this.#names) this.#values.push(values[name]);
  }

  /**
   * At 0, one step later, and so on up to the end, it included: the value then; with 'least' the lowest since the step
   * before. 0 before the first record.
   */
  steps(name: T, endMs: number, stepMs: number, take: 'last' | 'least' = 'last'): number[] {
    const column = this.#names.indexOf(name);
    const steps: number[] = [];
    let [point, value] = [0, 0];
    for (let atMs = 0; atMs <= endMs; atMs += stepMs) {
      let least = point === 0 && steps.length === 0 ? Number.POSITIVE_INFINITY : value;
      for (; point < this.#times.length && this.#times[point] <= atMs; point++) {
        value = this.#values[point * this.#names.length + column];
        least = Math.min(least, value);
      }
      steps.push(take === 'least' && least !== Number.POSITIVE_INFINITY ? least : value);
    }
    return steps;
  }

  /** Each time at which something changed, until when it stayed so, and the values in between. */
  *spans(endMs: number): Generator<{ fromMs: number; toMs: number; values: Record<T, number> }> {
    for (const [i, fromMs] of this.#times.entries()) {
      const at = i * this.#names.length;
      const values = Object.fromEntries(this.#names.map((name, c) => [name, this.#values[at + c]])) as Record<
        T,
        number
      >;
      yield { fromMs, toMs: this.#times[i + 1] ?? endMs, values };
    }
  }
}
