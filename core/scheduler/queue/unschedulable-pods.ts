/**
 * unschedulablePods: pods that wait for an event, and gated pods. Found by key, and by the plugin that rejected them, so
 * that an event reaches only pods whose rejectors listen to it. An entry's plugins do not change while it is in here.
 * Source: Kubernetes v1.36, pkg/scheduler/backend/queue/unschedulable_pods.go (the index by plugin is ours).
 */
import FastPriorityQueue from 'fastpriorityqueue';
import { assert } from '../../assert.ts';
import type { QueuedPod } from './queued-pod.ts';

interface Waiting {
  entry: QueuedPod;
  /** The entry's timestamp when it came in: a later one shows that it has left since. */
  since: number;
}

export class UnschedulablePods {
  readonly #entries = new Map<string, QueuedPod>();
  readonly #byPlugin = new Map<string, Set<QueuedPod>>();
  /** Longest waiting first. Pods that have left are dropped when they come up: nothing is removed by key here. */
  #waiting = new FastPriorityQueue<Waiting>((a, b) => a.since < b.since);
  #gated = 0;

  /** Gated pods included. */
  get size(): number {
    return this.#entries.size;
  }

  get gatedCount(): number {
    return this.#gated;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): QueuedPod | undefined {
    return this.#entries.get(key);
  }

  values(): IterableIterator<QueuedPod> {
    return this.#entries.values();
  }

  /** Those that the plugin rejected, in order of coming in. */
  rejectedBy(plugin: string): Iterable<QueuedPod> {
    return this.#byPlugin.get(plugin) ?? [];
  }

  add(entry: QueuedPod): void {
    assert(!this.#entries.has(entry.key), `${entry.key} is in unschedulablePods already`);
    this.#entries.set(entry.key, entry);
    for (const plugin of rejectorsOf(entry)) {
      let entries = this.#byPlugin.get(plugin);
      if (!entries) this.#byPlugin.set(plugin, (entries = new Set()));
      entries.add(entry);
    }
    // Gated pods never time out.
    if (entry.gatingPlugin) this.#gated++;
    else this.#waiting.add({ entry, since: entry.timestamp });
  }

  remove(key: string): QueuedPod | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    for (const plugin of rejectorsOf(entry)) this.#byPlugin.get(plugin)?.delete(entry);
    if (entry.gatingPlugin) this.#gated--;
    else this.#dropLeft();
    return entry;
  }

  /** When the one that waits longest came in; ms. */
  longestWaitingSince(): number | undefined {
    for (let head = this.#waiting.peek(); head; head = this.#waiting.peek()) {
      if (this.#isWaiting(head)) return head.since;
      this.#waiting.poll();
    }
    return undefined;
  }

  /** Takes out those that came in before `timestamp`, longest waiting first. */
  removeWaitingSinceBefore(timestamp: number): QueuedPod[] {
    const removed: QueuedPod[] = [];
    for (let since = this.longestWaitingSince(); since !== undefined && since < timestamp; ) {
      const { entry } = this.#waiting.poll()!;
      removed.push(entry);
      this.remove(entry.key);
      since = this.longestWaitingSince();
    }
    return removed;
  }

  #isWaiting({ entry, since }: Waiting): boolean {
    return entry.timestamp === since && !entry.gatingPlugin && this.#entries.get(entry.key) === entry;
  }

  /** Keeps the order no larger than twice what it is for. */
  #dropLeft(): void {
    if (this.#waiting.size < 64 || this.#waiting.size < 2 * this.#entries.size) return;
    const kept = new FastPriorityQueue<Waiting>((a, b) => a.since < b.since);
    for (const entry of this.#entries.values()) if (!entry.gatingPlugin) kept.add({ entry, since: entry.timestamp });
    this.#waiting = kept;
  }
}

function* rejectorsOf(entry: QueuedPod): Iterable<string> {
  yield* entry.unschedulablePlugins;
  yield* entry.pendingPlugins;
}
