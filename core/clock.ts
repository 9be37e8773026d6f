/** Time as the core sees it: brought from outside. Runtime hands in the real one, sim and tests the virtual one. */
import { assert } from './assert.ts';

export interface Clock {
  /** Milliseconds since the epoch; never goes back. */
  now(): number;
}

/** Stands still until it is told to move. */
export class VirtualClock implements Clock {
  #now: number;

  constructor(nowMs = 0) {
    this.#now = nowMs;
  }

  now(): number {
    return this.#now;
  }

  /** @param nowMs not before the present. */
  set(nowMs: number): void {
    assert(nowMs >= this.#now, `the clock cannot go back from ${this.#now} to ${nowMs} ms`);
    this.#now = nowMs;
  }

  advance(ms: number): void {
    this.set(this.#now + ms);
  }
}
