/** Memory, LMDB and etcd say of any history what the plain model says: lists, pages, reads and watches at any revision. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import { openEtcdStore } from '../../../runtime/store/etcd/etcd-store.ts';
import { openLmdbStore } from '../../../runtime/store/lmdb/lmdb-store.ts';
import { openMemoryStore } from '../../../runtime/store/memory/memory-store.ts';
import type { Store } from '../../../runtime/store/store.ts';
import { Etcd, whyNoEtcd } from './etcd.ts';
import { newFolder } from './folder.ts';
import { histories, replay } from './histories.ts';

test('histories: the memory backend agrees with the model', async () => {
  const property = fc.asyncProperty(histories, (steps) => replay(openMemoryStore(), steps, { ordered: true }));
  await fc.assert(property, { numRuns: 300 });
});

test('histories: the LMDB backend agrees with the model, closed and opened in between', async () => {
  const property = fc.asyncProperty(histories, async (steps) => {
    const folder = newFolder();
    const reopen = async (store: Store): Promise<Store> => {
      await store.close();
      return openLmdbStore({ folder });
    };
    await replay(await openLmdbStore({ folder }), steps, { ordered: true, reopen });
  });
  await fc.assert(property, { numRuns: 40 });
});

const reason = whyNoEtcd();
if (reason !== undefined) console.log(`skipped: histories of the etcd backend, as ${reason}`);
else
  test('histories: the etcd backend agrees with the model', async () => {
    const etcd = await Etcd.start();
    let stores = 0;
    const property = fc.asyncProperty(histories, async (steps) => {
      const options = { url: etcd.url, prefix: `/histories-${stores++}/` };
      await replay(await openEtcdStore(options), steps, { ordered: false });
    });
    await fc.assert(property, { numRuns: 15 }).finally(() => etcd.kill());
  });

test.run();
