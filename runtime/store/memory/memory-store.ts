/** A store that is gone with its process: for simulated worlds and for tests. */
import { checkSnapshot, readSnapshot } from '../snapshot-file.ts';
import { VersionIndex } from '../versions/version-index.ts';
import type { VersionLog } from '../versions/version-log.ts';
import { VersionedStore, type VersionedStoreOptions } from '../versions/versioned-store.ts';

export function openMemoryStore(options: VersionedStoreOptions = {}): VersionedStore {
  return new VersionedStore(new VersionIndex(), LOG, options);
}

/** A new store that holds what the snapshot does, at the same revisions. Throws SnapshotError. */
export async function restoreMemoryStore(path: string, options: VersionedStoreOptions = {}): Promise<VersionedStore> {
  const { revision } = await checkSnapshot(path);
  const index = new VersionIndex();
  index.revision = index.compacted = revision;
  for await (const entries of readSnapshot(path))
    for (const { key, value, createRevision, modRevision } of entries)
      index.load({
        key,
        revision: modRevision,
        part: 0,
        createRevision,
        deleted: false,
        bytes: value.length,
        value,
        previous: undefined,
      });
  return new VersionedStore(index, LOG, options);
}

/** The index holds everything already. */
const LOG: VersionLog = {
  append: async () => {},
  settled: () => {},
  read: ({ key, revision }) => {
    throw new Error(`the value of ${key} at revision ${revision} is not in memory`);
  },
  compact: async () => {},
  health: async () => {},
  close: async () => {},
};
