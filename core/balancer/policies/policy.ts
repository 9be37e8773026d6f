/** What a policy is: a choice among the endpoints of one group of a region. To add one: its file, and its line in registry.ts. */
import type { TableReader } from '../tables/reader.ts';
import type { MaglevMember } from './maglev-table.ts';

export interface Parameter {
  name: string;
  default: number;
  min: number;
  max: number;
}

/** Why an endpoint was or was not chosen. */
export interface Candidate {
  /** In its group. */
  index: number;
  /** What the policy compares; absent where it compares nothing. */
  score?: number;
}

/** What a policy adds to a group when a region is built. */
export interface Addition {
  /** In words. */
  words: number;
  /** A number for the policy's own use, kept in the group's row. */
  size: number;
  /** Fills the words from `at` on; `at` is even. */
  write(words: Int32Array, halves: Uint16Array, at: number): void;
}

export interface Policy {
  readonly name: string;
  /** What `score` in an explanation is, and which one wins. */
  readonly compares: string;
  /** The same client gets the same endpoint while the set stands. */
  readonly byClient: boolean;
  /** At most four. */
  readonly parameters: readonly Parameter[];
  /** The policy that stands in where weights differ; absent where this one honours them, or has no use for them. */
  readonly whenWeighted?: string;
  /** Ends of work feed the moving average of latency; the first parameter is its time constant in ms. */
  readonly latency?: boolean;

  /**
   * The index of an endpoint in the group. Leaves all state as it is but the draws.
   * @param client an int32. @param attempt 0; from 1 on the answers before it were tried, and another one is wanted.
   */
  choose(reader: TableReader, group: number, client: number, attempt: number): number;
  /** The choice counts. */
  commit?(reader: TableReader, group: number, index: number): void;
  /** @param parameters in their order. */
  prepare?(members: readonly MaglevMember[], parameters: readonly number[]): Addition;
  /** The endpoints that a `choose` with these draws looks at. */
  candidates(reader: TableReader, group: number, client: number): Candidate[];
}

/** Every endpoint of the group with its score. */
export function scored(count: number, score: (index: number) => number): Candidate[] {
  return Array.from({ length: count }, (_, index) => ({ index, score: score(index) }));
}
