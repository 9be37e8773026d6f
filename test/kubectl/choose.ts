/** Which cases are run. */
import type { CaseGroup } from './case.ts';
import { GROUPS } from './cases/index.ts';

export interface Choice {
  /** Of which group and name hold one; none: all. */
  words?: readonly string[];
  /** Only the few that run with `npm test`. */
  telling?: boolean;
}

/** Groups without a case are left out. */
export function chosen({ words = [], telling = false }: Choice): CaseGroup[] {
  return GROUPS.map(({ name, cases }) => ({
    name,
    cases: cases.filter(
      (kase) =>
        (!telling || kase.telling === true) &&
        (words.length === 0 || words.some((word) => `${name} ${kase.name}`.includes(word))),
    ),
  })).filter(({ cases }) => cases.length > 0);
}
