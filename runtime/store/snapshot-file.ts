/**
 * A snapshot: all entries of a store at one revision, in one file. Frames of [length, CRC-32, msgpack]: a header, pages
 * of entries, and an end that counts them; so a file that was cut or damaged anywhere is told from a whole one.
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { pack, unpack } from 'msgpackr';
import { SnapshotError } from './errors.ts';
import type { Store, StoreEntry } from './store.ts';

const FORMAT = 'keelson-store-1';
const PAGE = 500;
const FRAME_HEAD_BYTES = 8;
/** No page of entries is longer: PAGE × the largest txn. */
const MAX_FRAME_BYTES = 1_000_000_000;

interface Header {
  format: string;
  revision: number;
}
type Row = [key: string, value: Uint8Array, createRevision: number, modRevision: number];
type Frame = { header: Header } | { rows: Row[] } | { end: number };

/** Writes aside, flushes and renames: at `path` is the old file or the whole new one, never a part. */
export async function saveSnapshot(path: string, store: Store): Promise<void> {
  const aside = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(aside, 'wx');
    try {
      await writeFrames(file, store);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}

async function writeFrames(file: FileHandle, store: Store): Promise<void> {
  let count = 0;
  let revision: number | undefined;
  let after: string | undefined;
  for (let more = true; more; ) {
    const page = await store.list({ prefix: '', limit: PAGE, after, revision });
    if (revision === undefined) await writeFrame(file, { header: { format: FORMAT, revision: page.revision } });
    const rows = page.entries.map((entry): Row => [entry.key, entry.value, entry.createRevision, entry.modRevision]);
    if (rows.length > 0) await writeFrame(file, { rows });
    count += rows.length;
    revision = page.revision;
    after = page.entries.at(-1)?.key;
    more = page.more;
  }
  await writeFrame(file, { end: count });
}

async function writeFrame(file: FileHandle, frame: Frame): Promise<void> {
  const payload = pack(frame);
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUInt32BE(payload.length, 0);
  head.writeUInt32BE(crc32(payload), 4);
  for (const part of [head, payload]) await file.writeFile(part);
}

export interface Snapshot {
  /** Of the store when it was saved. */
  revision: number;
  count: number;
}

/** Reads the whole file once, so that nothing is changed for the sake of a wrong one. Throws SnapshotError. */
export async function checkSnapshot(path: string): Promise<Snapshot> {
  let revision = 0;
  let count = 0;
  let end: number | undefined;
  for await (const frame of framesOf(path)) {
    if (end !== undefined) throw new SnapshotError(`${path}: something follows the end`);
    if ('header' in frame) revision = frame.header.revision;
    else if ('rows' in frame) count += frame.rows.length;
    else end = frame.end;
  }
  if (end === undefined) throw new SnapshotError(`${path}: the file is cut short; its end is missing`);
  if (end !== count) throw new SnapshotError(`${path}: ${count} entries where its end counts ${end}`);
  return { revision, count };
}

/** Entries in the order of their keys, a page at a time. Throws SnapshotError at the first wrong frame. */
export async function* readSnapshot(path: string): AsyncGenerator<StoreEntry[]> {
  for await (const frame of framesOf(path))
    if ('rows' in frame)
      yield frame.rows.map(([key, value, createRevision, modRevision]) => ({
        key,
        value,
        createRevision,
        modRevision,
      }));
}

async function* framesOf(path: string): AsyncGenerator<Frame> {
  const file = await open(path, 'r');
  try {
    for (let first = true; ; first = false) {
      const frame = await readFrame(file, path);
      if (frame === undefined) {
        if (first) throw new SnapshotError(`${path}: the file is empty`);
        return;
      }
      if (first !== 'header' in frame) throw new SnapshotError(`${path}: its header is not where it belongs`);
      yield frame;
    }
  } finally {
    await file.close();
  }
}

async function readFrame(file: FileHandle, path: string): Promise<Frame | undefined> {
  const head = await readFully(file, FRAME_HEAD_BYTES, path);
  if (head === undefined) return undefined;
  const length = head.readUInt32BE(0);
  const { size } = await file.stat();
  if (length > Math.min(size, MAX_FRAME_BYTES))
    throw new SnapshotError(`${path}: damaged or cut short, or no snapshot of a store`);
  const payload = await readFully(file, length, path);
  if (payload === undefined || crc32(payload) !== head.readUInt32BE(4))
    throw new SnapshotError(`${path}: damaged or cut short, or no snapshot of a store`);
  return checkFrame(unpack(payload), path);
}

/** A checksum holds for other files too; and for snapshots of versions to come. */
function checkFrame(frame: unknown, path: string): Frame {
  if (typeof frame === 'object' && frame !== null) {
    if ('header' in frame) {
      const { format, revision } = frame.header as Partial<Header>;
      if (format === FORMAT && Number.isSafeInteger(revision)) return frame as Frame;
      throw new SnapshotError(`${path}: format '${format}', where '${FORMAT}' is what can be read`);
    }
    if (('rows' in frame && Array.isArray(frame.rows)) || 'end' in frame) return frame as Frame;
  }
  throw new SnapshotError(`${path}: no snapshot of a store`);
}

/** undefined at the end of the file. */
async function readFully(file: FileHandle, length: number, path: string): Promise<Buffer | undefined> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, null);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  if (filled === 0 && length > 0) return undefined;
  if (filled < length) throw new SnapshotError(`${path}: the file is cut short`);
  return buffer;
}
