/**
 * Pods that were popped and are not done yet, and the cluster events that came since the oldest of them was popped: a
 * pod that fails looks at those events, as it may have been judged by what was true before them.
 * Source: Kubernetes v1.36, pkg/scheduler/backend/queue/active_queue.go.
 */
import { assert } from '../../assert.ts';
import type { ClusterEvent } from './events.ts';
import type { QueuedPod } from './queued-pod.ts';

interface Flight {
  entry: QueuedPod;
  /** Number of the first event that came after its start. */
  from: number;
}

export class InFlight {
  /** In order of starting, so the first is the one that needs the oldest event. */
  readonly #flights = new Map<string, Flight>();
  #events: ClusterEvent[] = [];
  /** Number of #events[0]. */
  #first = 0;

  get size(): number {
    return this.#flights.size;
  }

  /** Events kept for somebody. */
  get eventCount(): number {
    return this.#events.length;
  }

  has(key: string): boolean {
    return this.#flights.has(key);
  }

  get(key: string): QueuedPod | undefined {
    return this.#flights.get(key)?.entry;
  }

  *entries(): IterableIterator<QueuedPod> {
    for (const { entry } of this.#flights.values()) yield entry;
  }

  start(entry: QueuedPod): void {
    assert(!this.#flights.has(entry.key), `${entry.key} is in flight already`);
    this.#flights.set(entry.key, { entry, from: this.#first + this.#events.length });
  }

  /** Kept only while somebody is in flight. */
  record(event: ClusterEvent): void {
    if (this.#flights.size > 0) this.#events.push(event);
  }

  /** What came since the pod was popped, in order. */
  since(key: string): readonly ClusterEvent[] {
    const flight = this.#flights.get(key);
    return flight ? this.#events.slice(flight.from - this.#first) : [];
  }

  /** Forgets the pod, and the events nobody else needs. */
  done(key: string): void {
    if (!this.#flights.delete(key)) return;
    const oldest = this.#flights.values().next().value;
    const from = oldest ? oldest.from : this.#first + this.#events.length;
    if (from === this.#first) return;
    this.#events = this.#events.slice(from - this.#first);
    this.#first = from;
  }
}
