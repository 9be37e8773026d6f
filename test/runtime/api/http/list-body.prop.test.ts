/** A list that is sent in pieces is the list: whatever the sizes of its objects and of the pieces. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { plainList } from '../../../../runtime/api/http/list-body.ts';
import { KindTable } from '../../../../runtime/api/kinds/table.ts';
import type { ApiObject } from '../../../../runtime/api/object.ts';
import { encode, withRevision } from '../../../../runtime/api/registry/codec.ts';
import type { CacheEntry } from '../../../../runtime/api/registry/collection.ts';

const kind = new KindTable().find('', 'v1', 'configmaps');
/** As an older server may have stored it: not to be copied. */
const FOREIGN = Buffer.from('{}');

/** Of the value of each, in bytes; from nothing to many times a piece. */
const objects = fc.array(fc.record({ length: fc.nat(300), copied: fc.boolean(), revision: fc.nat(100_000) }), {
  maxLength: 30,
  size: 'max',
});

test('the pieces of a list together are the list, and as many bytes as it says', () => {
  assert.ok(kind);
  fc.assert(
    fc.property(objects, fc.integer({ min: 1, max: 1_000 }), (shapes, pieceBytes) => {
      const entries = shapes.map(entryOf);
      const { bytes, pieces } = plainList(kind, { resourceVersion: '7' }, entries, pieceBytes);
      // Copied as they come: a piece is valid until the next.
      const copies: Buffer[] = [];
      for (let next = pieces.next(); !next.done; next = pieces.next()) copies.push(Buffer.from(next.value));
      const text = Buffer.concat(copies);
      const items = entries.map(({ object }) => object);
      assert.is(text.length, bytes);
      assert.equal(JSON.parse(text.toString()), {
        kind: 'ConfigMapList',
        apiVersion: 'v1',
        metadata: { resourceVersion: '7' },
        items,
      });
      assert.ok(copies.every(({ length }) => length > 0));
    }),
    { numRuns: 300 },
  );
});

function entryOf(
  { length, copied, revision }: { length: number; copied: boolean; revision: number },
  i: number,
): CacheEntry {
  const metadata = { name: `c-${i}`, namespace: 'default' };
  const bare = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { x: 'é'.repeat(length) } } as ApiObject;
  const value = copied ? encode(bare) : FOREIGN;
  return { key: `default/c-${i}`, object: withRevision(bare, revision), revision, value };
}

test.run();
