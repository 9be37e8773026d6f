/** Waiting longer each time: 10 s doubling to 5 min, forgotten after twice that. Source: client-go/util/flowcontrol/backoff.go. */

export const INITIAL_MS = 10_000;
export const MAX_MS = 300_000;

interface Entry {
  durationMs: number;
  updatedMs: number;
}

export class BackOff {
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** When the next try is due after what happened at `eventMs` (the last try, unless told); undefined: now. */
  until(key: string, eventMs?: number): number | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const since = eventMs ?? entry.updatedMs;
    if (since - entry.updatedMs > 2 * MAX_MS) return undefined;
    const due = since + entry.durationMs;
    return this.#now() < due ? due : undefined;
  }

  durationMs(key: string): number {
    return this.#entries.get(key)?.durationMs ?? 0;
  }

  /** A try is made after what happened at `eventMs`: the next one waits longer. */
  next(key: string, eventMs: number): void {
    const entry = this.#entries.get(key);
    const fresh = !entry || eventMs - entry.updatedMs > 2 * MAX_MS;
    const durationMs = fresh ? INITIAL_MS : Math.min(2 * entry.durationMs, MAX_MS);
    this.#entries.set(key, { durationMs, updatedMs: this.#now() });
  }
}
