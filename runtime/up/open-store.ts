/** Which store a cluster is kept in, by its name on the command line. */
import { join } from 'node:path';
import type { Store } from '../store/store.ts';

/** 'lmdb' (in the data directory), 'memory', or 'etcd://HOST:PORT'. */
export type StoreName = 'lmdb' | 'memory' | `etcd://${string}`;

export function isStoreName(text: string): text is StoreName {
  return text === 'lmdb' || text === 'memory' || /^etcd:\/\/[^/]+$/.test(text);
}

/** Each backend is loaded by who wants it. */
export async function openStore(name: StoreName, dataDir: string): Promise<Store> {
  if (name === 'memory') return (await import('../store/memory/memory-store.ts')).openMemoryStore();
  if (name === 'lmdb')
    return (await import('../store/lmdb/lmdb-store.ts')).openLmdbStore({ folder: folderOf(dataDir) });
  return (await import('../store/etcd/etcd-store.ts')).openEtcdStore({ url: name });
}

/** Throws SnapshotError, StoreNotEmptyError, StoreInUseError; then nothing was changed. */
export async function restoreStore(
  name: Exclude<StoreName, 'memory'>,
  dataDir: string,
  path: string,
  replace: boolean,
): Promise<void> {
  if (name === 'lmdb') {
    const { restoreLmdbStore } = await import('../store/lmdb/lmdb-store.ts');
    await restoreLmdbStore(path, { folder: folderOf(dataDir), replace });
  } else {
    const { restoreEtcdStore } = await import('../store/etcd/etcd-store.ts');
    await restoreEtcdStore(path, { url: name, replace });
  }
}

function folderOf(dataDir: string): string {
  return join(dataDir, 'store');
}
