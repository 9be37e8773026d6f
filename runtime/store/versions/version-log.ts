/** Where versions are made durable: the one thing in which the memory and the LMDB backend differ. */
import type { Version } from './version-index.ts';

export interface VersionLog {
  /** All or none, in order; resolves when durable. StoreFullError when there is no room for the puts among them. */
  append(versions: readonly Version[]): Promise<void>;
  /** Called when those appended have been given to all watches: their values need not stay in memory. */
  settled(versions: readonly Version[]): void;
  /** The value of a version that is not a delete and has none in memory. */
  read(version: Version): Uint8Array;
  /** Keeps the revision up to which is compacted, then forgets these versions. */
  compact(revision: number, gone: readonly Version[]): Promise<void>;
  /** Rejects with what is wrong. */
  health(): Promise<void>;
  close(): Promise<void>;
}
