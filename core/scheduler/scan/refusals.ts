/** Refused rows by what was said of them: words are made once for each kind, not for each row. */
import { assert } from '../../assert.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { Refusals, Rejection, View } from '../framework.ts';
import { Kinds } from '../statuses.ts';
import type { AmountsFilter } from './amounts-filter.ts';
import type { Crowd } from './crowd.ts';
import type { ActiveFilter } from './pre-filter.ts';
import type { Scratch } from './scratch.ts';

export interface Refused {
  /** [row]: `self` of the filter that refused it first. */
  rejectedBy: Uint8Array;
  /** Rows that nominated pods fill have words of their own; equal ones may be the same object. */
  crowd: Crowd | undefined;
  active: readonly ActiveFilter[];
  amounts: AmountsFilter | undefined;
  inWords(n: number): Rejection | null;
}

export function groupRefusals(
  nodes: ArrayLike<number>,
  refused: Refused,
  pod: PodRequest,
  view: View,
  scratch: Scratch,
): Refusals {
  const { rejectedBy, crowd, active, amounts } = refused;
  const { wide } = view.cluster.columns;
  const shortages = amounts?.shortages(rejectedBy, scratch.ints('shortages', view.cluster.rows));
  const kindOf = scratch.ints('kinds', view.cluster.rows);
  const kinds = new Kinds();
  const asOwn = new Map<Rejection, number>();
  const byFilter: FilterKinds[] = [];
  for (const filter of active) byFilter[filter.self] = { filter, known: new Map(), last: -1, lastKind: 0 };
  for (let i = 0; i < nodes.length; i++) {
    const n = nodes[i];
    const own = crowd?.rejectionOn(n);
    let kind = 0;
    if (own) {
      kind = asOwn.get(own) ?? 0;
      if (kind === 0) asOwn.set(own, (kind = kinds.find(own)));
    } else {
      const of = byFilter[rejectedBy[n]];
      const short = shortages && of?.filter.self === amounts?.self && wide[n] === 0 ? shortages[n] : -1;
      if (short > 0 && short === of?.last) kind = of.lastKind;
      else kind = kindAmong(of, n, refused, kinds, pod, view);
    }
    kinds.all[kind - 1].nodes++;
    kindOf[n] = kind;
  }
  return { kinds: kinds.all, kindOf };
}

/** Kinds by the reason keys of one filter, and the last one seen: neighbours are often alike. */
interface FilterKinds {
  filter: ActiveFilter;
  known: Map<number, number>;
  last: number;
  lastKind: number;
}

function kindAmong(
  of: FilterKinds | undefined,
  n: number,
  { inWords }: Refused,
  kinds: Kinds,
  pod: PodRequest,
  view: View,
): number {
  const { plugin, facts } = of?.filter ?? {};
  const reason = plugin?.reasonKey?.(facts, pod, view, n) ?? -1;
  if (of && reason >= 0 && reason === of.last) return of.lastKind;
  let kind = reason < 0 ? undefined : of?.known.get(reason);
  if (kind === undefined) {
    const rejection = inWords(n);
    assert(rejection, `row ${n} fits and has no rejection to explain`);
    kind = kinds.find(rejection);
  }
  if (of && reason >= 0) {
    of.known.set(reason, kind);
    of.last = reason;
    of.lastKind = kind;
  }
  return kind;
}
