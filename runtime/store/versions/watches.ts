/** Watches over a version index: each is caught up from the log, then given every batch as it becomes durable. */
import { CompactedError } from '../errors.ts';
import type { StoreEntry, StoreEvent, StoreWatch, WatchQuery, WatchSink } from '../store.ts';
import type { Version, VersionIndex } from './version-index.ts';

/** Versions that a watch is caught up by before others have their turn. */
const CATCH_UP = 1_000;
/** Revisions that pass without a match until a sink is told of progress. */
const PROGRESS_REVISIONS = 500;

interface Watch {
  readonly prefix: string;
  readonly sink: WatchSink;
  /** Everything that matches up to this revision has been given. */
  given: number;
  /** What progress or events told last. */
  told: number;
  live: boolean;
}

export class Watches {
  private readonly index: VersionIndex;
  private readonly entryOf: (version: Version) => StoreEntry;
  private readonly all = new Set<Watch>();

  constructor(index: VersionIndex, entryOf: (version: Version) => StoreEntry) {
    this.index = index;
    this.entryOf = entryOf;
  }

  add({ prefix, after }: WatchQuery, sink: WatchSink): StoreWatch {
    const watch: Watch = { prefix, sink, given: after, told: after, live: false };
    this.all.add(watch);
    setImmediate(() => this.catchUp(watch));
    return { close: () => void this.all.delete(watch) };
  }

  /** Versions that have just become the newest. */
  deliver(versions: readonly Version[]): void {
    if (this.all.size === 0 || versions.length === 0) return;
    const events = new Map<Version, StoreEvent>();
    for (const watch of [...this.all]) if (watch.live) this.give(watch, versions, events);
  }

  closeAll(): void {
    this.all.clear();
  }

  private catchUp(watch: Watch): void {
    if (!this.all.has(watch)) return;
    const { index } = this;
    if (watch.given < index.compacted) {
      this.fail(watch, new CompactedError(watch.given, index.compacted));
      return;
    }
    const from = index.positionAfter(watch.given);
    let to = Math.min(from + CATCH_UP, index.log.length);
    while (to < index.log.length && index.log[to].revision === index.log[to - 1].revision) to++;
    this.give(watch, index.log.slice(from, to), new Map());
    if (to >= index.log.length) watch.live = true;
    else setImmediate(() => this.catchUp(watch));
  }

  /** Whole revisions, in order. `events` holds those already made for other watches. */
  private give(watch: Watch, versions: readonly Version[], events: Map<Version, StoreEvent>): void {
    let i = 0;
    while (i < versions.length && this.all.has(watch)) {
      const { revision } = versions[i];
      const matching: StoreEvent[] = [];
      for (; i < versions.length && versions[i].revision === revision; i++) {
        if (revision <= watch.given || !versions[i].key.startsWith(watch.prefix)) continue;
        let event = events.get(versions[i]);
        if (event === undefined) events.set(versions[i], (event = this.eventOf(versions[i])));
        matching.push(event);
      }
      if (revision <= watch.given) continue;
      watch.given = revision;
      if (matching.length > 0) this.tell(watch, revision, () => watch.sink.events(matching, revision));
    }
    if (watch.given - watch.told >= PROGRESS_REVISIONS && this.all.has(watch))
      this.tell(watch, watch.given, () => watch.sink.progress?.(watch.given));
  }

  private tell(watch: Watch, revision: number, call: () => void): void {
    watch.told = revision;
    try {
      call();
    } catch (error) {
      this.fail(watch, error instanceof Error ? error : new Error(String(error)));
    }
  }

  private fail(watch: Watch, error: Error): void {
    this.all.delete(watch);
    watch.sink.failed(error);
  }

  private eventOf(version: Version): StoreEvent {
    return new VersionEvent(version, this.entryOf);
  }
}

/** What was replaced is read from the log only for who asks: most do not. */
class VersionEvent implements StoreEvent {
  readonly type: 'put' | 'delete';
  readonly key: string;
  readonly entry: StoreEntry | undefined;
  readonly revision: number;
  private readonly version: Version;
  private readonly entryOf: (version: Version) => StoreEntry;

  constructor(version: Version, entryOf: (version: Version) => StoreEntry) {
    this.type = version.deleted ? 'delete' : 'put';
    this.key = version.key;
    this.entry = version.deleted ? undefined : entryOf(version);
    this.revision = version.revision;
    this.version = version;
    this.entryOf = entryOf;
  }

  get previous(): StoreEntry | undefined {
    const { previous } = this.version;
    return previous === undefined || previous.deleted ? undefined : this.entryOf(previous);
  }
}
