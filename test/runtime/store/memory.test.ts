/** The memory backend: what all backends promise. */
import { test } from 'uvu';
import { openMemoryStore, restoreMemoryStore } from '../../../runtime/store/memory/memory-store.ts';
import { storeSuite } from './suite.ts';

storeSuite({
  name: 'memory',
  open: async () => openMemoryStore(),
  restore: (path) => restoreMemoryStore(path),
  keepsRevisions: true,
});

test.run();
