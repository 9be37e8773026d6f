/** A store that keeps an index of all versions in memory and makes them durable in a log: memory/ and lmdb/. */
import { CompactedError, FutureRevisionError, StoreUnavailableError } from '../errors.ts';
import { checkGet, checkList, checkRevision, checkTxn, checkWatch } from '../request.ts';
import { saveSnapshot } from '../snapshot-file.ts';
import type {
  ListPage,
  ListQuery,
  Store,
  StoreEntry,
  StoreWatch,
  TxnRequest,
  TxnResult,
  WatchQuery,
  WatchSink,
} from '../store.ts';
import { Commits } from './commits.ts';
import { DEFAULT_RETENTION, type Retention, RetentionClock } from './retention.ts';
import type { Version, VersionIndex } from './version-index.ts';
import type { VersionLog } from './version-log.ts';
import { Watches } from './watches.ts';

export interface VersionedStoreOptions {
  /** How long history is kept; DEFAULT_RETENTION where left out. */
  retention?: Partial<Retention>;
  /** Milliseconds that never go back; performance.now where left out. */
  now?: () => number;
}

export class VersionedStore implements Store {
  private readonly index: VersionIndex;
  private readonly log: VersionLog;
  private readonly commits: Commits;
  private readonly watches: Watches;
  private readonly retention: RetentionClock;
  /** One after another; never rejects. */
  private compactions: Promise<void> = Promise.resolve();
  /** Of the last compaction by age or number, which nobody waits for: health tells it. */
  private compactionFailure: Error | undefined;
  private closing: Promise<void> | undefined;

  /** The index holds what the log does. */
  constructor(index: VersionIndex, log: VersionLog, options: VersionedStoreOptions = {}) {
    this.index = index;
    this.log = log;
    this.watches = new Watches(index, this.entryOf);
    this.commits = new Commits(index, log, this.entryOf, (versions) => {
      this.watches.deliver(versions);
      if (versions.length > 0) this.retention.wrote(index.revision, index.compacted);
    });
    const now = options.now ?? (() => performance.now());
    this.retention = new RetentionClock({ ...DEFAULT_RETENTION, ...options.retention }, now, (revision) => {
      this.forget(revision).then(
        () => void (this.compactionFailure = undefined),
        (error: Error) => void (this.compactionFailure = error),
      );
    });
    if (index.log.length > 0) this.retention.wrote(index.revision, index.compacted);
  }

  async revision(): Promise<number> {
    this.mustBeOpen();
    return this.index.revision;
  }

  async get(key: string, revision?: number): Promise<StoreEntry | undefined> {
    this.mustBeOpen();
    checkGet(key, revision);
    const version = this.index.at(key, this.readable(revision));
    return version && this.entryOf(version);
  }

  async list(query: ListQuery): Promise<ListPage> {
    this.mustBeOpen();
    checkList(query);
    const revision = this.readable(query.revision);
    const { versions, remaining } = this.index.range(query, revision);
    return { entries: versions.map(this.entryOf), revision, more: remaining > 0, remaining };
  }

  async txn(request: TxnRequest): Promise<TxnResult> {
    this.mustBeOpen();
    checkTxn(request);
    return this.commits.add(request);
  }

  watch(query: WatchQuery, sink: WatchSink): StoreWatch {
    this.mustBeOpen();
    checkWatch(query);
    return this.watches.add(query, sink);
  }

  async compact(revision: number): Promise<void> {
    this.mustBeOpen();
    checkRevision(revision);
    if (revision > this.index.revision) throw new FutureRevisionError(revision, this.index.revision);
    await this.forget(revision);
  }

  async save(path: string): Promise<void> {
    this.mustBeOpen();
    await saveSnapshot(path, this);
  }

  async health(): Promise<void> {
    this.mustBeOpen();
    if (this.compactionFailure !== undefined)
      throw new StoreUnavailableError(`compaction fails: ${this.compactionFailure.message}`, {
        cause: this.compactionFailure,
      });
    await this.log.health();
  }

  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    this.retention.close();
    this.watches.closeAll();
    await this.commits.settled();
    await this.compactions;
    await this.log.close();
  }

  private forget(revision: number): Promise<void> {
    const done = this.compactions.then(async () => {
      if (revision > this.index.compacted) await this.log.compact(revision, this.index.compact(revision));
    });
    this.compactions = done.catch(() => {});
    return done;
  }

  private mustBeOpen(): void {
    if (this.closing !== undefined) throw new StoreUnavailableError('the store is closed');
  }

  private readable(revision: number | undefined): number {
    const { compacted, revision: current } = this.index;
    if (revision === undefined) return current;
    if (revision > current) throw new FutureRevisionError(revision, current);
    if (revision < compacted) throw new CompactedError(revision, compacted);
    return revision;
  }

  private readonly entryOf = (version: Version): StoreEntry => ({
    key: version.key,
    value: version.value ?? this.log.read(version),
    createRevision: version.createRevision,
    modRevision: version.revision,
  });
}
