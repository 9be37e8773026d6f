/** A watch on etcd that goes on, after whatever breaks the connection, behind the last revision it has given. */
import { CompactedError } from '../errors.ts';
import type { StoreEntry, StoreEvent, StoreWatch, WatchQuery, WatchSink } from '../store.ts';
import type { EtcdClient, WatchStream } from './client.ts';
import type { EtcdKeys } from './keys.ts';
import { type KeyValue, readWatch, type WatchAnswer, watchRequest } from './messages.ts';

const RETRY_MS = 100;
const MAX_RETRY_MS = 1_000;

export class EtcdWatch implements StoreWatch {
  private readonly client: EtcdClient;
  private readonly keys: EtcdKeys;
  private readonly prefix: string;
  private readonly sink: WatchSink;
  private readonly closed: (watch: EtcdWatch) => void;
  private given: number;
  private stream: WatchStream | undefined;
  private retry: NodeJS.Timeout | undefined;
  private retryMs = RETRY_MS;
  private done = false;

  constructor(
    client: EtcdClient,
    keys: EtcdKeys,
    { prefix, after }: WatchQuery,
    sink: WatchSink,
    closed: (watch: EtcdWatch) => void,
  ) {
    this.client = client;
    this.keys = keys;
    this.prefix = prefix;
    this.sink = sink;
    this.given = after;
    this.closed = closed;
    this.connect();
  }

  close(): void {
    if (this.done) return;
    this.done = true;
    clearTimeout(this.retry);
    this.stream?.cancel();
    this.closed(this);
  }

  private connect(): void {
    const stream = this.client.watch();
    this.stream = stream;
    stream.on('data', (message: Buffer) => {
      if (stream === this.stream) this.take(readWatch(message));
    });
    stream.on('error', () => this.reconnect(stream));
    stream.on('end', () => this.reconnect(stream));
    // From the revision that was given last, not from the one behind it: whether that one has been compacted says whether
    // anything behind it has, and etcd 3.4 forgets deletes at the very revision of a compaction.
    const from = Math.max(this.given, 1);
    stream.write(watchRequest({ key: this.keys.bytes(this.prefix), end: this.keys.end(this.prefix), from }));
  }

  private reconnect(stream: WatchStream): void {
    if (this.done || stream !== this.stream) return;
    this.stream = undefined;
    stream.cancel();
    this.retry = setTimeout(() => this.connect(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, MAX_RETRY_MS);
  }

  private take(answer: WatchAnswer): void {
    if (this.done) return;
    if (answer.compactRevision > 0) this.fail(new CompactedError(this.given, answer.compactRevision));
    else if (answer.canceled) {
      if (this.stream !== undefined) this.reconnect(this.stream);
    } else {
      this.retryMs = RETRY_MS;
      if (answer.events.length > 0) this.give(answer);
      else if (!answer.created && answer.revision > this.given) {
        this.given = answer.revision;
        this.tell(() => this.sink.progress?.(answer.revision));
      }
    }
  }

  /** An answer holds whole revisions, in order. */
  private give({ events }: WatchAnswer): void {
    let i = 0;
    while (i < events.length && !this.done) {
      const revision = events[i].entry.modRevision;
      const matching: StoreEvent[] = [];
      for (; i < events.length && events[i].entry.modRevision === revision; i++) matching.push(this.eventOf(events[i]));
      if (revision <= this.given) continue;
      this.given = revision;
      this.tell(() => this.sink.events(matching, revision));
    }
  }

  private tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private fail(error: Error): void {
    if (this.done) return;
    this.close();
    this.sink.failed(error);
  }

  private eventOf({ deleted, entry, previous }: WatchAnswer['events'][number]): StoreEvent {
    const key = this.keys.text(entry.key);
    const event: StoreEvent = { type: deleted ? 'delete' : 'put', key, revision: entry.modRevision };
    if (!deleted) event.entry = this.entryOf(key, entry);
    if (previous !== undefined) event.previous = this.entryOf(key, previous);
    return event;
  }

  private entryOf(key: string, { value, createRevision, modRevision }: KeyValue): StoreEntry {
    return { key, value, createRevision, modRevision };
  }
}
