/** The embedded store, and the default: one process, one folder, every answered write on the disk. */
import { mkdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidRequestError, StoreNotEmptyError } from '../errors.ts';
import { checkSnapshot, readSnapshot } from '../snapshot-file.ts';
import type { Version } from '../versions/version-index.ts';
import type { VersionLog } from '../versions/version-log.ts';
import { VersionedStore, type VersionedStoreOptions } from '../versions/versioned-store.ts';
import { LmdbLog, syncFolder } from './lmdb-log.ts';
import { takeOwnership } from './owner.ts';

/** etcd's documentation advises against more than 8 GiB too. */
export const DEFAULT_MAX_BYTES = 8 * 2 ** 30;

const MIN_MAX_BYTES = 2 ** 20;
/** Of addresses, which are reserved and not used, a process has some hundred times as many. */
const MAX_MAX_BYTES = 2 ** 40;

export interface LmdbStoreOptions extends VersionedStoreOptions {
  /** Made where there is none, for its owner alone. Nothing else belongs there. */
  folder: string;
  /** What entries and history may take before puts fail with StoreFullError; DEFAULT_MAX_BYTES where left out. */
  maxBytes?: number;
}

/** Throws StoreInUseError while another has the folder open, InvalidRequestError for a size that cannot be. */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<VersionedStore> {
  const { folder, maxBytes = DEFAULT_MAX_BYTES } = options;
  if (!(Number.isSafeInteger(maxBytes) && maxBytes >= MIN_MAX_BYTES && maxBytes <= MAX_MAX_BYTES))
    throw new InvalidRequestError(`maxBytes: ${maxBytes} is not from ${MIN_MAX_BYTES} to ${MAX_MAX_BYTES}`);
  return owning(folder, async (release) => {
    const log = await LmdbLog.open(folder, maxBytes);
    return new VersionedStore(await log.load(), closingWith(log, release), options);
  });
}

/**
 * Puts a snapshot into the folder, where nobody may have it open. Entries keep their revisions; no older ones can be read
 * or watched. `replace`: what the folder holds is lost, and the revision stays above all that it has had.
 * Throws SnapshotError, StoreNotEmptyError, StoreInUseError; then nothing was changed.
 */
export async function restoreLmdbStore(
  path: string,
  { folder, replace = false }: { folder: string; replace?: boolean },
): Promise<void> {
  const { revision } = await checkSnapshot(path);
  await owning(folder, async (release) => {
    const had = await revisionOf(folder);
    if (had > 1 && !replace) throw new StoreNotEmptyError(`${folder} holds a store at revision ${had}`);
    const aside = join(folder, 'restoring');
    await rm(aside, { recursive: true, force: true });
    await fill(aside, path, had > 1 ? Math.max(had, revision) + 1 : revision);
    await rename(join(aside, 'data.mdb'), join(folder, 'data.mdb'));
    await syncFolder(folder);
    await rm(aside, { recursive: true });
    release();
  });
}

/** Whoever fails does not keep the folder. */
async function owning<T>(folder: string, body: (release: () => void) => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const owner = takeOwnership(folder);
  try {
    return await body(() => owner.release());
  } catch (error) {
    owner.release();
    throw error;
  }
}

function closingWith(log: LmdbLog, release: () => void): VersionLog {
  return {
    append: (versions) => log.append(versions),
    settled: (versions) => log.settled(versions),
    read: (version) => log.read(version),
    compact: (revision, gone) => log.compact(revision, gone),
    health: () => log.health(),
    close: () => log.close().finally(release),
  };
}

async function revisionOf(folder: string): Promise<number> {
  const log = await LmdbLog.open(folder, DEFAULT_MAX_BYTES);
  try {
    return (await log.load()).revision;
  } finally {
    await log.close();
  }
}

/** A folder of its own with the snapshot's entries. */
async function fill(folder: string, path: string, compacted: number): Promise<void> {
  const log = await LmdbLog.open(folder, MAX_MAX_BYTES);
  try {
    const parts = new Map<number, number>();
    for await (const entries of readSnapshot(path)) {
      const versions = entries.map(({ key, value, createRevision, modRevision }): Version => {
        const part = parts.get(modRevision) ?? 0;
        parts.set(modRevision, part + 1);
        const bytes = value.length;
        return { key, revision: modRevision, part, createRevision, deleted: false, bytes, value, previous: undefined };
      });
      await log.append(versions);
    }
    await log.compact(compacted, []);
  } finally {
    await log.close();
  }
}
