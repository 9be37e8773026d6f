/** What looks for victims on one node after the other: by trying (dry-runs.ts), or by sums (by-amounts.ts). */
import type { Budget } from './disruption.ts';
import type { Cost } from './pick-node.ts';
import type { NoVictims, Victims } from './victims.ts';

export interface Candidate extends Victims {
  n: number;
  nodeName: string;
  cost?: Cost;
}

export interface VictimFinder {
  /** Undefined when no eviction on node n makes room. */
  find(n: number): Candidate | undefined;
  /** Why find(n) found none. */
  whyNot(n: number): NoVictims;
}

export interface Circumstances {
  budgets: readonly Budget[];
  /** Time for pods without a start time, in ms. */
  now: number;
}
