/** A watch's sink that writes down what it is told, and waits for it. */
import type { Store, StoreEvent, StoreWatch, WatchQuery, WatchSink } from '../../../runtime/store/store.ts';

export class Watching implements WatchSink {
  readonly calls: { revision: number; events: readonly StoreEvent[] }[] = [];
  progressed = 0;
  failure: Error | undefined;
  readonly handle: StoreWatch;
  private readonly wakes = new Set<() => void>();

  constructor(store: Store, query: WatchQuery) {
    this.handle = store.watch(query, this);
  }

  events(events: readonly StoreEvent[], revision: number): void {
    this.calls.push({ revision, events });
    this.wake();
  }

  failed(error: Error): void {
    this.failure = error;
    this.wake();
  }

  progress(revision: number): void {
    this.progressed = revision;
    this.wake();
  }

  /** 'put a/1' and so on, calls apart by '|'. */
  get told(): string {
    return this.calls.map(({ events }) => events.map(({ type, key }) => `${type} ${key}`).join(', ')).join(' | ');
  }

  get count(): number {
    return this.calls.reduce((sum, { events }) => sum + events.length, 0);
  }

  /** Rejects after 20 s, with what has been told until then. */
  async until(holds: (watching: this) => boolean): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      late = setTimeout(
        () => reject(new Error(`told after 20 s: ${this.told.slice(-500)}; failure: ${this.failure?.message}`)),
        20_000,
      );
    });
    try {
      while (!holds(this)) await Promise.race([limit, new Promise<void>((resolve) => this.wakes.add(resolve))]);
    } finally {
      clearTimeout(late);
    }
  }

  private wake(): void {
    for (const wake of this.wakes) wake();
    this.wakes.clear();
  }
}
