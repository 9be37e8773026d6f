/**
 * Versions in LMDB: one record each, and the revision up to which is compacted. An append is one LMDB transaction, and
 * answered after fdatasync of its pages and the synchronous write of the meta page that makes them current.
 */
import { mkdirSync, statfsSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { type Database, open, type RootDatabase } from 'lmdb';
import { StoreFullError, StoreUnavailableError } from '../errors.ts';
import { type Version, VersionIndex } from '../versions/version-index.ts';
import type { VersionLog } from '../versions/version-log.ts';
import { decode, numberOf, RecordWriter, valueIn } from './record.ts';

const FORMAT = 1;
const MAP_SPARE_BYTES = 64 << 20;
/** Records that one transaction of a compaction removes: writes do not wait long behind it. */
const REMOVE = 2_000;
/** What a record takes beside its bytes in a page that it shares with others. */
const RECORD_OVERHEAD_BYTES = 32;
/**
 * What must be free on the disk for puts beside their own bytes, and for removals, whose pages are copied too. LMDB must
 * not find out for itself that a disk is full: lmdb 3.5 spoils its heap in commits that fail so, and ends the process.
 */
const PUT_SPARE_BYTES = 1 << 20;
const REMOVE_SPARE_BYTES = 256 << 10;

interface Pages {
  pageSize: number;
  treeBranchPageCount: number;
  treeLeafPageCount: number;
  overflowPages: number;
}

export class LmdbLog implements VersionLog {
  private readonly folder: string;
  private readonly maxBytes: number;
  private readonly root: RootDatabase;
  private readonly records: Database<Buffer, number>;
  private readonly meta: Database<number, string>;
  /** One batch is under way at a time. */
  private readonly writer = new RecordWriter();

  /** Makes the folder where there is none. `maxBytes`: of pages in use, beyond which nothing can be put. */
  static async open(folder: string, maxBytes: number): Promise<LmdbLog> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const log = new LmdbLog(folder, maxBytes);
    const format = log.meta.get('format');
    if (format === undefined) {
      await log.commit(PUT_SPARE_BYTES, () => log.meta.put('format', FORMAT));
      await syncFolder(folder);
    } else if (format !== FORMAT) {
      await log.close();
      throw new StoreUnavailableError(`${folder}: format ${format}, where ${FORMAT} is what can be read`);
    }
    return log;
  }

  private constructor(folder: string, maxBytes: number) {
    this.folder = folder;
    this.maxBytes = maxBytes;
    // Pages that are freed by a transaction are used again by later ones only: the map is larger than what may be in use.
    const mapSize = Math.ceil((maxBytes * 1.25 + MAP_SPARE_BYTES) / 65_536) * 65_536;
    this.root = open({
      path: folder,
      noSubdir: false,
      mapSize,
      maxDbs: 2,
      // One batch is under way at a time, so there is nothing that a sync could overlap with.
      overlappingSync: false,
      // It would make a promise of every commit that nobody has in hand when it rejects.
      eventTurnBatching: false,
    });
    this.records = this.root.openDB({ name: 'versions', encoding: 'binary' });
    this.meta = this.root.openDB({ name: 'meta', encoding: 'msgpack' });
  }

  /** Everything that is held; what a compaction that was cut short left behind is removed. */
  async load(): Promise<VersionIndex> {
    const index = new VersionIndex();
    index.compacted = this.meta.get('compacted') ?? 0;
    index.revision = Math.max(index.revision, index.compacted);
    const gone: Version[] = [];
    for (const number of this.records.getKeys()) {
      const left = index.load(decode(number, this.recordOf(number)));
      if (left !== undefined) gone.push(left);
    }
    await this.remove(gone).catch((error: unknown) => {
      // On a full disk it may stay for another time: nothing counts on its being gone.
      if (!(error instanceof StoreFullError)) throw error;
    });
    return index;
  }

  async append(versions: readonly Version[]): Promise<void> {
    const records = this.writer.encodeAll(versions);
    const puts = versions.some(({ deleted }) => !deleted);
    if (puts) this.mustHaveRoom(records);
    const bytes = records.reduce((sum, { length }) => sum + length, 0);
    await this.commit(puts ? PUT_SPARE_BYTES + 2 * bytes : REMOVE_SPARE_BYTES, () => {
      versions.forEach((version, i) => {
        this.records.put(numberOf(version), records[i]);
      });
    });
    if (!this.records.doesExist(numberOf(versions[versions.length - 1])))
      throw new StoreUnavailableError(`${this.folder}: a commit was answered, and is not there`);
  }

  settled(versions: readonly Version[]): void {
    for (const version of versions) version.value = undefined;
  }

  read(version: Version): Uint8Array {
    return valueIn(this.recordOf(numberOf(version)));
  }

  async compact(revision: number, gone: readonly Version[]): Promise<void> {
    await this.commit(REMOVE_SPARE_BYTES, () => this.meta.put('compacted', revision));
    await this.remove(gone);
  }

  /** There is no way to ask LMDB but to read. */
  async health(): Promise<void> {
    if (this.meta.get('format') !== FORMAT) throw new StoreUnavailableError(`${this.folder}: cannot be read`);
  }

  close(): Promise<void> {
    return this.root.close();
  }

  /** Good until the next read. */
  private recordOf(number: number): Buffer {
    const record = this.records.getBinaryFast(number);
    if (record === undefined) throw new StoreUnavailableError(`${this.folder}: record ${number} is gone`);
    return record;
  }

  private async remove(versions: readonly Version[]): Promise<void> {
    for (let from = 0; from < versions.length; from += REMOVE)
      await this.commit(REMOVE_SPARE_BYTES, () => {
        for (const version of versions.slice(from, from + REMOVE)) this.records.remove(numberOf(version));
      });
  }

  private mustHaveRoom(records: readonly Buffer[]): void {
    const pages = this.records.getStats() as Pages;
    const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = pages;
    let bytes = (treeBranchPageCount + treeLeafPageCount + overflowPages) * pageSize;
    for (const { length } of records) {
      const taken = length + RECORD_OVERHEAD_BYTES;
      // From half a page on a record has pages of its own.
      bytes += taken > pageSize / 2 ? Math.ceil(taken / pageSize) * pageSize : taken;
    }
    if (bytes > this.maxBytes)
      throw new StoreFullError(`${this.folder}: full; it may hold ${this.maxBytes} bytes, history included`);
  }

  private mustHaveDisk(bytes: number): void {
    const { bavail, bsize } = statfsSync(this.folder);
    if (bavail * bsize < bytes) throw new StoreFullError(`${this.folder}: the disk is full`);
  }

  /**
   * One LMDB transaction. Within it the promises of puts say nothing; the batch's is that of the commit.
   * @param bytes that must be free on the disk.
   */
  private async commit(bytes: number, writes: () => void): Promise<void> {
    this.mustHaveDisk(bytes);
    try {
      await this.root.batch(writes);
    } catch (error) {
      // lmdb tells the cause by a promise that rejects.
      const { commitError } = error as { commitError?: Promise<never> };
      const cause: unknown = await (commitError ?? Promise.reject(error)).catch((reason: unknown) => reason);
      if ((cause as NodeJS.ErrnoException).code === 'ENOSPC')
        throw new StoreFullError(`${this.folder}: the disk is full`, { cause });
      this.mustHaveDisk(PUT_SPARE_BYTES);
      throw new StoreUnavailableError(`${this.folder}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  }
}

/** The names of files just made or moved are durable from here on. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await openFile(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
