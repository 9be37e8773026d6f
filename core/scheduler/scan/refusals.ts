/** Refused rows by what was said of them: words are made once for each kind, not for each row. */
import { assert } from '../../assert.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { Refusals, Rejection, View } from '../framework.ts';
import { Kinds } from '../statuses.ts';
import type { ActiveFilter } from './pre-filter.ts';

export interface Refused {
  /** [row]: `self` of the filter that refused it first. */
  rejectedBy: Uint8Array;
  /** Rows with words of their own; equal ones may be the same object. */
  apart: ReadonlyMap<number, Rejection> | undefined;
  active: readonly ActiveFilter[];
  inWords(n: number): Rejection | null;
}

export function groupRefusals(
  nodes: ArrayLike<number>,
  { rejectedBy, apart, active, inWords }: Refused,
  pod: PodRequest,
  view: View,
): Refusals {
  const kinds = new Kinds();
  const kindOf = new Int32Array(rejectedBy.length);
  const known = new Map<number | Rejection, number>();
  const filters: ActiveFilter[] = [];
  for (const filter of active) filters[filter.self] = filter;
  const words = (n: number): Rejection => {
    const rejection = inWords(n);
    assert(rejection, `row ${n} fits and has no rejection to explain`);
    return rejection;
  };
  for (let i = 0; i < nodes.length; i++) {
    const n = nodes[i];
    const own = apart?.get(n);
    let key: number | Rejection = own ?? -1;
    if (!own) {
      const filter = filters[rejectedBy[n]];
      const reason = filter?.plugin.reasonKey?.(filter.facts, pod, view, n) ?? -1;
      if (reason >= 0) key = filter.self * 2 ** 32 + reason;
    }
    let kind = key === -1 ? undefined : known.get(key);
    if (kind === undefined) {
      kind = kinds.find(words(n));
      if (key !== -1) known.set(key, kind);
    }
    kinds.all[kind - 1].nodes++;
    kindOf[n] = kind;
  }
  return { kinds: kinds.all, kindOf };
}
