/**
 * The store's one face: keys and bytes, a revision that every writing txn raises, reads at a revision and watches from
 * one until it is compacted. Three backends keep it: memory/, lmdb/ and etcd/ (etcd's v3 API has the same shape).
 */

/** The bytes are the reader's to read, not to change. */
export interface StoreEntry {
  key: string;
  value: Uint8Array;
  /** Of the txn that made the key, the last time it was made. */
  createRevision: number;
  /** Of the txn that wrote this value. */
  modRevision: number;
}

export interface ListQuery {
  /** '' lists all. */
  prefix: string;
  /** Exclusive: the last key of the page before. */
  after?: string;
  /** Entries a page; 0 or left out: all. */
  limit?: number;
  /** Left out: the newest, linearizable. */
  revision?: number;
}

/** Entries in the order of their keys' UTF-8 bytes, all as of `revision`. */
export interface ListPage {
  entries: StoreEntry[];
  revision: number;
  more: boolean;
  /** Entries that come after this page's last, at the same revision. */
  remaining: number;
}

/** Holds when the key's newest value was written at modRevision; 0: when there is no such key. */
export interface Compare {
  key: string;
  modRevision: number;
}

/** A key may stand in one write of a txn. Deleting what is not there changes nothing. A value is not to be changed after. */
export type Write = { key: string; value: Uint8Array } | { key: string; delete: true };

/** All compares hold: all writes, at one revision. One does not: none. Limits: request.ts. */
export interface TxnRequest {
  compares: readonly Compare[];
  writes: readonly Write[];
}

/** `revision`: of the writes, or the store's where nothing was changed. `current`: the entry of each compare. */
export type TxnResult =
  | { committed: true; revision: number }
  | { committed: false; revision: number; current: (StoreEntry | undefined)[] };

/** `entry`: what was put. `previous`: what the key held before, where that has not been compacted when it is asked for. */
export interface StoreEvent {
  type: 'put' | 'delete';
  key: string;
  entry?: StoreEntry;
  previous?: StoreEntry;
  revision: number;
}

/** Events with a revision above `after`; it may be one to come. */
export interface WatchQuery {
  prefix: string;
  after: number;
}

export interface StoreWatch {
  /** Nothing is given to the sink from now on. */
  close(): void;
}

/** Called from the event loop, never from within watch(). A sink that throws has failed, and is told so. */
export interface WatchSink {
  /** All events of one revision that match, in the txn's order; revisions rise, none is left out, none comes twice. */
  events(events: readonly StoreEvent[], revision: number): void;
  /** The last call. CompactedError when the watch cannot go on from where it stands. */
  failed(error: Error): void;
  /** Now and then while nothing matches: everything up to this revision has been given. */
  progress?(revision: number): void;
}

/** Errors, all by rejection: errors.ts. A call after close() fails with StoreUnavailableError. */
export interface Store {
  /** The newest, linearizable. An empty store has one above 0. */
  revision(): Promise<number>;
  get(key: string, revision?: number): Promise<StoreEntry | undefined>;
  /** CompactedError when the query's revision is gone, FutureRevisionError when it is yet to come. */
  list(query: ListQuery): Promise<ListPage>;
  /**
   * Resolves when the writes are durable. Compares see all txns answered before; those under way at once take effect in
   * the order in which they were asked in memory and LMDB, in any order in etcd.
   */
  txn(request: TxnRequest): Promise<TxnResult>;
  /** Throws InvalidRequestError, StoreUnavailableError after close(). */
  watch(query: WatchQuery, sink: WatchSink): StoreWatch;
  /** What was replaced or deleted up to `revision` is forgotten; reads below it and watches after less then fail. */
  compact(revision: number): Promise<void>;
  /** All entries of one revision, to one file: written aside, flushed and renamed. */
  save(path: string): Promise<void>;
  /** Rejects with what is wrong. */
  health(): Promise<void>;
  /** Waits for txns under way; closes watches without a word to their sinks. */
  close(): Promise<void>;
}
