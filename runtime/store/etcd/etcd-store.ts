/** The store of several machines: etcd's v3 API has the interface's shape, so little more happens here than translation. */
import { StoreNotEmptyError, StoreUnavailableError } from '../errors.ts';
import { checkGet, checkList, checkRevision, checkTxn, checkWatch, MAX_TXN_BYTES, MAX_TXN_PARTS } from '../request.ts';
import { checkSnapshot, readSnapshot, saveSnapshot } from '../snapshot-file.ts';
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
  Write,
} from '../store.ts';
import { DEFAULT_RETENTION, type Retention, RetentionClock } from '../versions/retention.ts';
import { EtcdClient } from './client.ts';
import { EtcdWatch } from './etcd-watch.ts';
import { EtcdKeys } from './keys.ts';
import {
  compactionRequest,
  type KeyValue,
  type RangeAnswer,
  type RangeQuery,
  rangeRequest,
  readRange,
  readTxn,
  txnRequest,
} from './messages.ts';

/** Entries that are asked for at once, as kube-apiserver does. */
const CHUNK = 10_000;

export interface EtcdStoreOptions {
  /** etcd://host:port, or several IPv4 addresses apart by commas. Without TLS: for a network that is trusted. */
  url: string;
  /** What all keys begin with in etcd; not empty. */
  prefix?: string;
  /** After which a call is given up with StoreUnavailableError. */
  timeoutMs?: number;
  /** How long history is kept after this store's writes; compaction is of the whole etcd, not of the prefix alone. */
  retention?: Partial<Retention>;
  /** Milliseconds that never go back; performance.now where left out. */
  now?: () => number;
}

/** Does not wait for etcd: calls do, each for its time. Throws InvalidRequestError. */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  return new EtcdStore(options);
}

/**
 * Puts a snapshot's entries below the prefix, at new revisions. Not at once: when it is interrupted a part is there;
 * `replace` deletes it, or anything else, first. Throws SnapshotError, StoreNotEmptyError; then nothing was changed.
 */
export async function restoreEtcdStore(path: string, options: EtcdStoreOptions & { replace?: boolean }): Promise<void> {
  await checkSnapshot(path);
  const store = await openEtcdStore(options);
  try {
    await empty(store, options);
    for await (const entries of readSnapshot(path)) await writeAll(store, entries);
  } finally {
    await store.close();
  }
}

async function empty(store: Store, { url, replace = false }: EtcdStoreOptions & { replace?: boolean }): Promise<void> {
  for (;;) {
    const { entries } = await store.list({ prefix: '', limit: MAX_TXN_PARTS });
    if (entries.length === 0) return;
    if (!replace) throw new StoreNotEmptyError(`${url} holds a store already`);
    await store.txn({ compares: [], writes: entries.map(({ key }) => ({ key, delete: true })) });
  }
}

async function writeAll(store: Store, entries: readonly StoreEntry[]): Promise<void> {
  let writes: Write[] = [];
  let bytes = 0;
  for (const { key, value } of entries) {
    const more = Buffer.byteLength(key) + value.length;
    if (writes.length === MAX_TXN_PARTS || bytes + more > MAX_TXN_BYTES) {
      await store.txn({ compares: [], writes });
      writes = [];
      bytes = 0;
    }
    writes.push({ key, value });
    bytes += more;
  }
  if (writes.length > 0) await store.txn({ compares: [], writes });
}

class EtcdStore implements Store {
  private readonly client: EtcdClient;
  private readonly keys: EtcdKeys;
  private readonly retention: RetentionClock;
  private readonly watches = new Set<EtcdWatch>();
  private readonly underWay = new Set<Promise<unknown>>();
  /** By this store. */
  private compacted = 0;
  private closing: Promise<void> | undefined;

  constructor({ url, prefix = '/keelson/', timeoutMs = 5_000, retention, now }: EtcdStoreOptions) {
    this.client = new EtcdClient(url, timeoutMs);
    this.keys = new EtcdKeys(prefix);
    const clock = now ?? (() => performance.now());
    this.retention = new RetentionClock({ ...DEFAULT_RETENTION, ...retention }, clock, (revision) => {
      // What cannot be compacted now is compacted with what is written next.
      this.compact(revision).catch(() => {});
    });
  }

  async revision(): Promise<number> {
    const key = this.keys.bytes('');
    return (await this.range({ key, countOnly: true })).revision;
  }

  async get(key: string, revision?: number): Promise<StoreEntry | undefined> {
    checkGet(key, revision);
    const { entries } = await this.range({ key: this.keys.bytes(key), revision: atLeastOne(revision) });
    return entries.length === 0 ? undefined : this.entryOf(entries[0]);
  }

  async list(query: ListQuery): Promise<ListPage> {
    checkList(query);
    const { prefix, after, limit = 0 } = query;
    const end = this.keys.end(prefix);
    let key = this.keys.bytes(prefix);
    if (after !== undefined && Buffer.compare(this.keys.bytes(after), key) >= 0) key = this.keys.following(after);
    let revision = atLeastOne(query.revision);
    const entries: StoreEntry[] = [];
    // etcd takes a range that ends before it begins for an error.
    if (Buffer.compare(key, end) >= 0)
      return { entries, revision: revision ?? (await this.revision()), more: false, remaining: 0 };
    for (;;) {
      const most = limit === 0 ? CHUNK : Math.min(limit - entries.length, CHUNK);
      const answer = await this.range({ key, end, limit: most, revision });
      revision ??= answer.revision;
      for (const entry of answer.entries) entries.push(this.entryOf(entry));
      const remaining = answer.count - answer.entries.length;
      if (remaining === 0 || entries.length === limit) return { entries, revision, more: remaining > 0, remaining };
      key = this.keys.following(entries[entries.length - 1].key);
    }
  }

  async txn(request: TxnRequest): Promise<TxnResult> {
    checkTxn(request);
    const compares = request.compares.map(({ key, modRevision }) => ({ key: this.keys.bytes(key), modRevision }));
    const writes = request.writes.map((write) => ({ ...write, key: this.keys.bytes(write.key) }));
    const { succeeded, revision, current } = readTxn(await this.call('KV/Txn', txnRequest(compares, writes)));
    if (!succeeded)
      return { committed: false, revision, current: current.map((entry) => entry && this.entryOf(entry)) };
    this.retention.wrote(revision, this.compacted);
    return { committed: true, revision };
  }

  watch(query: WatchQuery, sink: WatchSink): StoreWatch {
    this.mustBeOpen();
    checkWatch(query);
    const watch = new EtcdWatch(this.client, this.keys, query, sink, (closed) => this.watches.delete(closed));
    this.watches.add(watch);
    return watch;
  }

  async compact(revision: number): Promise<void> {
    checkRevision(revision);
    if (revision === 0) return;
    try {
      await this.call('KV/Compact', compactionRequest(revision), revision);
    } catch (error) {
      // Another store on this etcd may have come first.
      if (!(error instanceof Error && error.name === 'CompactedError')) throw error;
    }
    this.compacted = Math.max(this.compacted, revision);
  }

  async save(path: string): Promise<void> {
    this.mustBeOpen();
    await saveSnapshot(path, this);
  }

  async health(): Promise<void> {
    await this.revision();
  }

  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    this.retention.close();
    for (const watch of this.watches) watch.close();
    await Promise.allSettled(this.underWay);
    this.client.close();
  }

  private async range(query: RangeQuery): Promise<RangeAnswer> {
    return readRange(await this.call('KV/Range', rangeRequest(query), query.revision));
  }

  private async call(method: string, request: Buffer, revision?: number): Promise<Buffer> {
    this.mustBeOpen();
    const call = this.client.call(method, request, revision);
    this.underWay.add(call);
    try {
      return await call;
    } finally {
      this.underWay.delete(call);
    }
  }

  private mustBeOpen(): void {
    if (this.closing !== undefined) throw new StoreUnavailableError('the store is closed');
  }

  private entryOf({ key, value, createRevision, modRevision }: KeyValue): StoreEntry {
    return { key: this.keys.text(key), value, createRevision, modRevision };
  }
}

/** To etcd, revision 0 is the newest; to us it is the one before all, which is gone as soon as 1 is. */
function atLeastOne(revision: number | undefined): number | undefined {
  return revision === 0 ? 1 : revision;
}
