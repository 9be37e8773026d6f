/**
 * Which versions of which keys there are, newest first, and the log of all by revision: what reads at a revision,
 * watches from one and compaction need. Values may lie elsewhere.
 */
import { compareKeys, SortedByKey } from './sorted-by-key.ts';

/** One write of one txn. */
export interface Version {
  readonly key: string;
  readonly revision: number;
  /** Its place among the writes of its txn. */
  readonly part: number;
  /** Of a delete: 0. */
  readonly createRevision: number;
  readonly deleted: boolean;
  /** Bytes of the value, wherever it lies. */
  readonly bytes: number;
  /** Left out where it lies elsewhere. */
  value: Uint8Array | undefined;
  /** What it replaced, until that is compacted. */
  previous: Version | undefined;
}

/** All versions of a key, by way of the newest. */
interface Chain {
  readonly key: string;
  newest: Version;
}

export interface Range {
  prefix: string;
  after?: string;
  limit?: number;
}

export class VersionIndex {
  /** Of the newest txn that wrote; reads at it and below, down to `compacted`, are possible. */
  revision = 1;
  compacted = 0;
  /** Every version above `compacted`, by revision and part. */
  log: Version[] = [];
  private readonly chains = new Map<string, Chain>();
  private readonly sorted = new SortedByKey<Chain>();

  /** The newest version, a delete's too while it is not compacted. */
  newest(key: string): Version | undefined {
    return this.chains.get(key)?.newest;
  }

  /** The version that a read at the revision sees; undefined where the key was not there. */
  at(key: string, revision: number): Version | undefined {
    const chain = this.chains.get(key);
    return chain && visible(chain, revision);
  }

  /** Versions that a list at the revision sees, in the order of keys, and how many come after them. */
  range({ prefix, after, limit = 0 }: Range, revision: number): { versions: Version[]; remaining: number } {
    const versions: Version[] = [];
    let remaining = 0;
    const exclusive = after !== undefined && compareKeys(after, prefix) >= 0;
    this.sorted.visitFrom(exclusive ? after : prefix, (chain) => {
      if (!chain.key.startsWith(prefix)) return exclusive && chain.key === after;
      const version = visible(chain, revision);
      if (version === undefined || (exclusive && chain.key === after)) return true;
      if (limit > 0 && versions.length >= limit) remaining++;
      else versions.push(version);
      return true;
    });
    return { versions, remaining };
  }

  /** The next versions in the order of the log: from here on they are what is read. */
  apply(versions: readonly Version[]): void {
    for (const version of versions) {
      this.setNewest(version);
      this.log.push(version);
      this.revision = version.revision;
    }
  }

  /**
   * A version that the log holds when the store is opened, in the order of the log but for those up to `compacted`, which
   * may come in any. Returns what compaction has forgotten already.
   */
  load(version: Version): Version | undefined {
    const { key, revision, deleted } = version;
    this.revision = Math.max(this.revision, revision);
    if (revision > this.compacted) {
      version.previous = this.newest(key);
      this.apply([version]);
      return undefined;
    }
    const known = this.newest(key);
    if (known !== undefined && known.revision > revision) return version;
    if (deleted) {
      if (known !== undefined) this.forget(key);
      return version;
    }
    this.setNewest(version);
    return known;
  }

  /** Forgets what was replaced or deleted up to the revision; returns what need not be kept any longer. */
  compact(revision: number): Version[] {
    const end = this.positionAfter(revision);
    const gone: Version[] = [];
    for (const version of this.log.slice(0, end)) {
      if (version.previous !== undefined && !version.previous.deleted) gone.push(version.previous);
      version.previous = undefined;
      if (version.deleted) {
        gone.push(version);
        if (this.newest(version.key) === version) this.forget(version.key);
      }
    }
    this.log = this.log.slice(end);
    this.compacted = Math.max(this.compacted, revision);
    return gone;
  }

  /** The place in the log of the first version above the revision. */
  positionAfter(revision: number): number {
    let low = 0;
    let high = this.log.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.log[middle].revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private setNewest(version: Version): void {
    let chain = this.chains.get(version.key);
    if (chain === undefined) {
      // The chain, its sorted place and its map entry share one string.
      chain = { key: version.key, newest: version };
      this.chains.set(chain.key, chain);
      this.sorted.add(chain);
    } else chain.newest = version;
  }

  private forget(key: string): void {
    this.chains.delete(key);
    this.sorted.remove(key);
  }
}

function visible(chain: Chain, revision: number): Version | undefined {
  let version: Version | undefined = chain.newest;
  while (version !== undefined && version.revision > revision) version = version.previous;
  return version?.deleted ? undefined : version;
}
