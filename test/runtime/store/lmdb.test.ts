/** The LMDB backend: what all backends promise, and what only a durable one does. */
import { test } from 'uvu';
import { openLmdbStore, restoreLmdbStore } from '../../../runtime/store/lmdb/lmdb-store.ts';
import { newFolder } from './folder.ts';
import { storeSuite } from './suite.ts';

storeSuite({
  name: 'lmdb',
  open: () => openLmdbStore({ folder: newFolder() }),
  restore: async (path) => {
    const folder = newFolder();
    await restoreLmdbStore(path, { folder });
    return openLmdbStore({ folder });
  },
  keepsRevisions: true,
});

test.run();
