/**
 * Keys waiting to be looked at: each at most once, never by two at the same time, and one that failed later each time.
 * Source: client-go/util/workqueue (queue.go, delaying_queue.go, default_rate_limiters.go).
 */

/** Pause after the first failure; it doubles with each further one. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 1_000_000;

export interface WorkQueueOptions {
  /** Looks at a key; a rejection is a reason to look again. Keys that are given out count as worked on until it settles. */
  work(key: string): Promise<void>;
  /** Keys worked on at once. */
  workers: number;
  failed(key: string, error: unknown): void;
}

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** In the order in which they came. */
  readonly #waiting = new Set<string>();
  /** Stands behind those taken: from the beginning it would walk over the places of all that have gone. */
  #oldest = this.#waiting.values();
  /** Worked on; true: came again meanwhile. */
  readonly #working = new Map<string, boolean>();
  readonly #timers = new Map<string, { atMs: number; timer: NodeJS.Timeout }>();
  readonly #failures = new Map<string, number>();
  #running = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Waiting and worked on. */
  get size(): number {
    return this.#waiting.size + this.#working.size;
  }

  start(): void {
    this.#running = true;
    this.#drain();
  }

  /** What is worked on ends by itself. */
  stop(): void {
    this.#running = false;
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting.clear();
  }

  add(key: string): void {
    if (this.#working.has(key)) this.#working.set(key, true);
    else this.#waiting.add(key);
    this.#drain();
  }

  /** The earliest time counts where a key waits for several. */
  addAfter(key: string, ms: number): void {
    const atMs = performance.now() + ms;
    const before = this.#timers.get(key);
    if (before && before.atMs <= atMs) return;
    clearTimeout(before?.timer);
    const fire = (): void => {
      this.#timers.delete(key);
      this.add(key);
    };
    // Timers of Node end at 2^31 ms, and would fire at once beyond.
    this.#timers.set(key, { atMs, timer: setTimeout(fire, Math.min(ms, 2 ** 31 - 1)).unref() });
  }

  #drain(): void {
    while (this.#running && this.#working.size < this.#options.workers) {
      const key = this.#next();
      if (key === undefined) return;
      this.#waiting.delete(key);
      this.#working.set(key, false);
      this.#options
        .work(key)
        .then(
          () => void this.#failures.delete(key),
          (error: unknown) => this.#again(key, error),
        )
        .finally(() => this.#done(key));
    }
  }

  #next(): string | undefined {
    const { value, done } = this.#oldest.next();
    if (!done) return value;
    this.#oldest = this.#waiting.values();
    return this.#oldest.next().value;
  }

  #again(key: string, error: unknown): void {
    if (!this.#running) return;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS));
    this.#options.failed(key, error);
  }

  #done(key: string): void {
    const again = this.#working.get(key);
    this.#working.delete(key);
    if (again) this.#waiting.add(key);
    this.#drain();
  }
}
