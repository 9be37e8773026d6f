/** What will happen when, on the virtual clock: in order of time, and of equal times in the order in which it was planned. */
import { setImmediate } from 'node:timers/promises';
import FastPriorityQueue from 'fastpriorityqueue';
import { VirtualClock } from '../../../core/index.ts';

/** Between two looks at what else the process has to do, Ctrl-C for instance. */
const ENTRIES_IN_A_ROW = 10_000;

interface Entry {
  atMs: number;
  order: number;
  run: () => void;
}

export class Agenda {
  readonly clock: VirtualClock;
  readonly #entries = new FastPriorityQueue<Entry>(
    (a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order),
  );
  #order = 0;

  constructor(startMs: number) {
    this.clock = new VirtualClock(startMs);
  }

  get nowMs(): number {
    return this.clock.now();
  }

  /** A time that is past counts as now. */
  at(ms: number, run: () => void): void {
    this.#entries.add({ atMs: Math.max(ms, this.nowMs), order: this.#order++, run });
  }

  after(ms: number, run: () => void): void {
    this.at(this.nowMs + ms, run);
  }

  /** Everything up to this time, it included; the clock then stands there. */
  async runUntil(endMs: number): Promise<void> {
    for (let done = 1; this.#step(endMs); done++) if (done % ENTRIES_IN_A_ROW === 0) await setImmediate();
    this.clock.set(endMs);
  }

  #step(endMs: number): boolean {
    const next = this.#entries.peek();
    if (!next || next.atMs > endMs) return false;
    this.#entries.poll();
    this.clock.set(next.atMs);
    next.run();
    return true;
  }
}
