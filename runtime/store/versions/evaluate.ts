/** What a batch of txns comes to, one after another, each seeing what those before it wrote. */
import type { StoreEntry, TxnRequest, TxnResult } from '../store.ts';
import type { Version, VersionIndex } from './version-index.ts';

export interface Evaluated {
  /** Of all txns that hold, in the order of the log. */
  versions: Version[];
  /** One for each txn. */
  results: TxnResult[];
}

export function evaluate(
  index: VersionIndex,
  txns: readonly TxnRequest[],
  entryOf: (version: Version) => StoreEntry,
): Evaluated {
  const written = new Map<string, Version>();
  const present = (key: string): Version | undefined => {
    const version = written.get(key) ?? index.newest(key);
    return version?.deleted ? undefined : version;
  };
  const versions: Version[] = [];
  let revision = index.revision;
  const results = txns.map(({ compares, writes }): TxnResult => {
    if (!compares.every(({ key, modRevision }) => (present(key)?.revision ?? 0) === modRevision)) {
      const seen = compares.map(({ key }) => present(key));
      return { committed: false, revision, current: seen.map((version) => version && entryOf(version)) };
    }
    const from = versions.length;
    for (const write of writes) {
      const was = present(write.key);
      const deleted = 'delete' in write;
      if (deleted && was === undefined) continue;
      const value = deleted ? undefined : write.value;
      versions.push({
        key: write.key,
        revision: revision + 1,
        part: versions.length - from,
        createRevision: deleted ? 0 : (was?.createRevision ?? revision + 1),
        deleted,
        bytes: value?.length ?? 0,
        value,
        previous: written.get(write.key) ?? index.newest(write.key),
      });
    }
    for (let i = from; i < versions.length; i++) written.set(versions[i].key, versions[i]);
    if (versions.length > from) revision++;
    return { committed: true, revision };
  });
  return { versions, results };
}
