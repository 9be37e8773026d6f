/**
 * A version as LMDB holds it. Its number is revision × 128 + part, so that a scan meets versions in the order of the
 * log. Bytes: 1 deleted or not, 8 create revision (a double), 2 bytes of the key, key, value.
 */
import { MAX_TXN_PARTS } from '../request.ts';
import type { Version } from '../versions/version-index.ts';

const HEAD_BYTES = 11;

export function numberOf({ revision, part }: Version): number {
  return revision * MAX_TXN_PARTS + part;
}

/** Writes batches of records into one memory, again and again: fresh memory costs more than what is written into it. */
export class RecordWriter {
  #memory = Buffer.alloc(0);

  /** Good until the next call. A version that is not a delete has its value. */
  encodeAll(versions: readonly Version[]): Buffer[] {
    const keys = versions.map(({ key }) => Buffer.byteLength(key));
    const sizes = versions.map(({ value }, i) => HEAD_BYTES + keys[i] + (value?.length ?? 0));
    const memory = this.#memoryOf(sizes.reduce((sum, size) => sum + size, 0));
    let at = 0;
    return versions.map((version, i) => {
      const record = memory.subarray(at, (at += sizes[i]));
      write(record, version, keys[i]);
      return record;
    });
  }

  /** A batch that is larger than most has a memory of its own. */
  #memoryOf(bytes: number): Buffer {
    if (bytes > KEPT_BYTES) return Buffer.allocUnsafe(bytes);
    if (bytes > this.#memory.length) this.#memory = Buffer.allocUnsafeSlow(Math.min(KEPT_BYTES, 2 * bytes));
    return this.#memory;
  }
}

const KEPT_BYTES = 8 << 20;

function write(record: Buffer, { key, createRevision, deleted, value }: Version, keyBytes: number): void {
  record[0] = deleted ? 1 : 0;
  record.writeDoubleBE(createRevision, 1);
  record.writeUInt16BE(keyBytes, 9);
  record.write(key, HEAD_BYTES);
  if (value !== undefined) record.set(value, HEAD_BYTES + keyBytes);
}

/** Without the value. */
export function decode(number: number, record: Buffer): Version {
  const keyEnd = HEAD_BYTES + record.readUInt16BE(9);
  return {
    key: record.toString('utf8', HEAD_BYTES, keyEnd),
    revision: Math.floor(number / MAX_TXN_PARTS),
    part: number % MAX_TXN_PARTS,
    createRevision: record.readDoubleBE(1),
    deleted: record[0] === 1,
    bytes: record.length - keyEnd,
    value: undefined,
    previous: undefined,
  };
}

/** A copy. Small ones share a pool: an allocation of its own costs each more than its copying. */
export function valueIn(record: Buffer): Uint8Array {
  const start = HEAD_BYTES + record.readUInt16BE(9);
  const value = Buffer.allocUnsafe(record.length - start);
  record.copy(value, 0, start, record.length);
  return value;
}
