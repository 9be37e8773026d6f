/**
 * backoffQ: pods worth another attempt that must wait a little first, in two heaps: after a plugin's no, and after an
 * error. The first may be popped early when activeQ is empty; the second never.
 * Source: Kubernetes v1.36, pkg/scheduler/backend/queue/backoff_queue.go.
 */
import type { Clock } from '../../clock.ts';
import { prioritySort } from '../plugins/priority-sort.ts';
import { IndexedHeap } from './indexed-heap.ts';
import { failedByError, type QueuedPod } from './queued-pod.ts';

/** Expiries are whole seconds, and pods of one second leave together. */
export const WINDOW_MS = 1000;

export interface BackoffOptions {
  initialBackoffMs: number;
  /** 0 switches backoff off. */
  maxBackoffMs: number;
}

export class BackoffQueue {
  readonly #clock: Clock;
  readonly #options: BackoffOptions;
  readonly #unschedulable: IndexedHeap<QueuedPod>;
  readonly #errors: IndexedHeap<QueuedPod>;

  constructor(clock: Clock, options: BackoffOptions) {
    this.#clock = clock;
    this.#options = options;
    const before = (a: QueuedPod, b: QueuedPod): boolean => {
      const byExpiry = this.expiryOf(a) - this.expiryOf(b);
      return byExpiry !== 0 ? byExpiry < 0 : prioritySort.before(a, b);
    };
    this.#unschedulable = new IndexedHeap(({ key }) => key, before);
    // Kubernetes leaves equal expiries of this heap unordered; the same order as the other's makes it deterministic.
    this.#errors = new IndexedHeap(({ key }) => key, before);
  }

  get size(): number {
    return this.#unschedulable.size + this.#errors.size;
  }

  isAfterError(entry: QueuedPod): boolean {
    return this.#errors.has(entry.key);
  }

  get errorCount(): number {
    return this.#errors.size;
  }

  has(key: string): boolean {
    return this.#unschedulable.has(key) || this.#errors.has(key);
  }

  get(key: string): QueuedPod | undefined {
    return this.#unschedulable.get(key) ?? this.#errors.get(key);
  }

  *values(): IterableIterator<QueuedPod> {
    yield* this.#unschedulable.values();
    yield* this.#errors.values();
  }

  push(entry: QueuedPod): void {
    (failedByError(entry) ? this.#errors : this.#unschedulable).push(entry);
  }

  /** The pod changed in place. */
  update(entry: QueuedPod): void {
    (this.#errors.has(entry.key) ? this.#errors : this.#unschedulable).update(entry);
  }

  remove(key: string): QueuedPod | undefined {
    return this.#unschedulable.remove(key) ?? this.#errors.remove(key);
  }

  /** The next to expire after a plugin's no, whether or not its time has come. */
  popEarly(): QueuedPod | undefined {
    return this.#unschedulable.pop();
  }

  /** All whose time has come: first those of the one heap, then those of the other. */
  popExpired(): QueuedPod[] {
    const expired: QueuedPod[] = [];
    for (const heap of [this.#unschedulable, this.#errors]) {
      for (let head = heap.peek(); head && !this.isBackingOff(head); head = heap.peek()) expired.push(heap.pop()!);
    }
    return expired;
  }

  /** When popExpired next has something to give; ms. */
  nextExpiry(): number | undefined {
    const heads = [this.#unschedulable.peek(), this.#errors.peek()].filter((head) => head !== undefined);
    return heads.length === 0 ? undefined : Math.min(...heads.map((head) => this.expiryOf(head))) + WINDOW_MS;
  }

  /** The second in which a backoff expires belongs to the backoff as a whole. */
  isBackingOff(entry: QueuedPod): boolean {
    return this.expiryOf(entry) >= wholeSecond(this.#clock.now());
  }

  /** A whole second in ms; -Infinity for a pod that owes no backoff. */
  expiryOf(entry: QueuedPod): number {
    const durationMs = this.durationOf(entry);
    if (durationMs === 0) return Number.NEGATIVE_INFINITY;
    entry.backoffExpiration ??= wholeSecond(entry.timestamp + durationMs);
    return entry.backoffExpiration;
  }

  /** 1 s, 2 s, 4 s, 8 s, then 10 s: doubled per error in a row, or else per attempt that a plugin rejected; ms. */
  durationOf(entry: QueuedPod): number {
    const count = entry.consecutiveErrorsCount || entry.unschedulableCount;
    const { initialBackoffMs, maxBackoffMs } = this.#options;
    return count === 0 ? 0 : Math.min(initialBackoffMs * 2 ** (count - 1), maxBackoffMs);
  }
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / WINDOW_MS) * WINDOW_MS;
}
