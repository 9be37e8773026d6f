/** Records of LMDB: a batch is read back as it was written, in whatever memory it was written. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decode, numberOf, RecordWriter, valueIn } from '../../../runtime/store/lmdb/record.ts';
import type { Version } from '../../../runtime/store/versions/version-index.ts';

const test = suite('store: records');

function batchOf(sizes: readonly number[], revision: number): Version[] {
  return sizes.map((bytes, part) => ({
    key: `/registry/core/pods/ns/${'é'.repeat(part)}${revision}`,
    revision,
    part,
    createRevision: revision - part,
    deleted: bytes === 0,
    bytes,
    value: bytes === 0 ? undefined : Buffer.alloc(bytes, revision + part),
    previous: undefined,
  }));
}

test('batches small and large, one after another, are read back', () => {
  const writer = new RecordWriter();
  const batches = [[10, 0, 300], [5], [9 << 20, 7], [4_000, 2_000, 1], [6 << 20], [3, 3]];
  batches.forEach((sizes, i) => {
    const versions = batchOf(sizes, 100 + i);
    const records = writer.encodeAll(versions);
    assert.is(records.length, versions.length);
    versions.forEach((version, part) => {
      const { value, ...rest } = version;
      assert.equal({ ...decode(numberOf(version), records[part]), value }, { ...rest, value });
      assert.ok(Buffer.from(valueIn(records[part])).equals(value ?? Buffer.alloc(0)));
    });
  });
});

test('a batch of usual size takes the memory of the one before, and a very large one does not stay', () => {
  const writer = new RecordWriter();
  const memoryOf = (bytes: number): ArrayBufferLike => writer.encodeAll(batchOf([bytes], 200))[0].buffer;
  const usual = memoryOf(100_000);
  assert.is(memoryOf(50_000), usual);
  assert.is.not(memoryOf(9 << 20), usual);
  assert.is(memoryOf(100_000), usual);
});

test.run();
