/** $setElementOrder: where the items of a merged list go. */
import { badRequest } from '../../http/status.ts';
import { isMap } from '../../object.ts';

export interface Ordering {
  /** Keys as the client orders them: scalars, or maps that hold the merge key. */
  order: readonly unknown[];
  /** The list before the patch. */
  live: readonly unknown[];
  /** The patch's own items. */
  sent: readonly unknown[];
  /** undefined: scalars. */
  key: string | undefined;
  /** Of the list, for words. */
  name: string;
}

/**
 * The items the client names stand in its order. The others, which it does not know of, keep theirs and go before the first
 * of the client's that stood behind them.
 */
export function orderedList(list: readonly unknown[], ordering: Ordering): unknown[] {
  const { order, live, key } = ordering;
  const identify = (item: unknown): unknown => (key !== undefined && isMap(item) ? item[key] : item);
  const wanted = new Map(order.map((item, i) => [identify(item), i]));
  checkSent(ordering, wanted, identify);
  const standing = new Map(live.map((item, i) => [identify(item), i]));
  const rankIn = (ranks: Map<unknown, number>) => (a: unknown, b: unknown) =>
    (ranks.get(identify(a)) ?? ranks.size) - (ranks.get(identify(b)) ?? ranks.size);
  const named = list.filter((item) => wanted.has(identify(item))).sort(rankIn(wanted));
  const others = list.filter((item) => !wanted.has(identify(item))).sort(rankIn(standing));
  const ordered: unknown[] = [];
  let next = 0;
  for (const item of named) {
    const stood = standing.get(identify(item));
    while (next < others.length && stood !== undefined) {
      const other = standing.get(identify(others[next]));
      if (other === undefined || other > stood) break;
      ordered.push(others[next++]);
    }
    ordered.push(item);
  }
  return [...ordered, ...others.slice(next)];
}

/** A patch may not send an item that its own order leaves out, or in another order. */
function checkSent(
  { order, sent, key, name }: Ordering,
  wanted: ReadonlyMap<unknown, number>,
  identify: (item: unknown) => unknown,
): void {
  let last = -1;
  for (const item of sent) {
    if (isMap(item) && item.$patch !== undefined) continue;
    const at = wanted.get(identify(item)) ?? -1;
    if (at > last) last = at;
    else if (key !== undefined || at < 0) {
      const show = JSON.stringify;
      throw badRequest(
        `The order in patch list:\n${show(sent)}\n doesn't match $setElementOrder/${name} list:\n${show(order)}\n`,
      );
    }
  }
}
