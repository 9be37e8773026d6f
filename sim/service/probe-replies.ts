/**
 * What a server says when it is probed (policy prequal): its requests in flight, and its latency at about that load: the
 * median of what recent requests took that came when as many were present. Source: Wydrowski et al., NSDI 2024, section 4.
 */

/** Loads told apart; whatever is above counts as the last. */
const LOADS = 64;
/** By how much an answer above or below moves the median. */
const STEP = 1.1;

export class ProbeReplies {
  /** [server × LOADS + present at arrival], µs; 0 where nothing was seen. */
  readonly #medians: Float64Array;

  constructor(servers: number) {
    this.#medians = new Float64Array(servers * LOADS);
  }

  /** A request ended. @param present how many were at the server when it came, itself not counted. */
  observe(server: number, present: number, latencyUs: number): void {
    const at = server * LOADS + Math.min(present, LOADS - 1);
    const median = this.#medians[at];
    if (median === 0) this.#medians[at] = latencyUs;
    else this.#medians[at] = latencyUs > median ? median * STEP : median / STEP;
  }

  /** Of the load seen that is nearest, the lower of two; 0 of a server that has answered nothing yet. */
  latencyUs(server: number, present: number): number {
    const from = server * LOADS;
    const load = Math.min(present, LOADS - 1);
    for (let away = 0; away < LOADS; away++) {
      if (load >= away && this.#medians[from + load - away] > 0) return this.#medians[from + load - away];
      if (load + away < LOADS && this.#medians[from + load + away] > 0) return this.#medians[from + load + away];
    }
    return 0;
  }
}
