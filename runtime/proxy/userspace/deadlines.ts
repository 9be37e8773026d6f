/** Who waits for what until when: swept now and then, as one timer for each of 50,000 connections would cost more. */

export interface Waiting {
  /** When it is late, ms of the thread's clock; may move while it waits. */
  deadlineMs: number;
  /** It is late, and waits no longer. */
  onLate(): void;
}

export class Deadlines {
  readonly #waiting = new Set<Waiting>();

  add(one: Waiting): void {
    this.#waiting.add(one);
  }

  delete(one: Waiting): void {
    this.#waiting.delete(one);
  }

  sweep(nowMs: number): void {
    for (const one of this.#waiting) {
      if (one.deadlineMs > nowMs) continue;
      this.#waiting.delete(one);
      one.onLate();
    }
  }
}
