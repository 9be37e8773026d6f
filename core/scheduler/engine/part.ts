/** A shared part of a class: what a plugin keeps so that it can filter and score groups instead of nodes. */
import type { Group } from './groups.ts';

/** Why a class cannot be factored; it is decided by the scan, and counted under this reason. */
export interface Unfactored {
  unfactored: string;
}

export interface Part {
  readonly name: string;
  /** Numbers it adds to the path of a row. Fixed once the part is open. */
  readonly width: number;
  /** It neither filters nor scores, and adds nothing to paths, until renew says otherwise. */
  readonly idle?: boolean;
  /** More rows came. */
  grow(rows: number): void;
  /**
   * Columns and listers may have moved or changed. False when what the part keeps no longer holds: the class is built anew.
   */
  renew(): boolean;
  /** The row changed, or is seen for the first time; its node exists. */
  enter(n: number): void;
  /** The row holds no node any more. */
  leave(n: number): void;
  /** Writes its numbers for row n into path[at], path[at + 1], … All changed rows have been entered. */
  write(n: number, path: number[], at: number): void;
  /** Before groups are judged: sums over domains, least counts. */
  prepare?(): void;
  /** Whether it filters at all, as of now. */
  readonly filters: boolean;
  /** Cross-node filter. */
  fits?(path: readonly number[], at: number): boolean;
  /** Adds weight × normalised score to `shared` of every group that passes. `rows` is the number of nodes in them. */
  score?(groups: readonly Group[], at: number, rows: number): void;
  /** Set when, in the middle of its life, the class can no longer be factored. */
  readonly broken?: string;
}
