/** The live object with the applied one laid over it, and the taking out of what is no longer applied. */
import { isMap } from '../../object.ts';
import type { ListKey, ListType, MergeType } from '../faces.ts';
import { FieldSet } from './field-set.ts';
import { edgeOf, fieldType, partsOf } from './shape.ts';

/** Everything of `applied`, and what only `live` has. Neither is changed. */
export function merge(live: unknown, applied: unknown, type: MergeType): unknown {
  if (applied === undefined) return live;
  if (isMap(live) && isMap(applied) && partsOf(live, type)) {
    const merged = new Map(Object.entries(live));
    for (const [key, value] of Object.entries(applied)) {
      merged.set(key, merge(merged.get(key), value, fieldType(type, key)));
    }
    return Object.fromEntries(merged);
  }
  if (Array.isArray(live) && Array.isArray(applied) && type.kind === 'list' && type.apply) {
    return mergeItems(live, applied, type, type.apply);
  }
  return applied;
}

/**
 * The applied order counts for the items it names; those that only the live list has keep their place before the shared item
 * that followed them. Source: sigs.k8s.io/structured-merge-diff/typed/merge.go (visitListItems).
 */
function mergeItems(
  live: readonly unknown[],
  applied: readonly unknown[],
  type: ListType,
  apply: 'set' | readonly ListKey[],
): unknown[] {
  const held = new Map(live.map((item) => [edgeOf(item, apply), item]));
  const order = applied.map((item) => edgeOf(item, apply));
  const standing = live.map((item) => edgeOf(item, apply));
  const wanted = new Set(order);
  const shared = order.filter((edge) => held.has(edge));
  const merged: unknown[] = [];
  let at = 0;
  let nextShared = 0;
  for (let i = 0; i <= applied.length; i++) {
    // Live items up to the next shared one, which are the live list's own, or shared and put elsewhere by the applied order.
    for (; at < live.length; at++) {
      if (i < applied.length && wanted.has(standing[at]) && standing[at] === shared[nextShared]) break;
      if (standing[at] === undefined || !wanted.has(standing[at])) merged.push(live[at]);
    }
    if (i === applied.length) break;
    if (order[i] === shared[nextShared]) nextShared++;
    if (order[i] === standing[at]) at++;
    merged.push(merge(held.get(order[i]), applied[i], type.items));
  }
  return merged;
}

const NOBODY = new FieldSet();

/**
 * Takes out what `last` held and `owned` does not. A struct goes when nobody owns anything in it, a list item or a map's
 * entry as soon as nobody owns it as such, with all that others or defaults have put into it.
 * Source: sigs.k8s.io/structured-merge-diff/merge/update.go (prune).
 */
export function prune(value: unknown, type: MergeType, last: FieldSet, owned: FieldSet): unknown {
  const parts = partsOf(value, type);
  if (!parts) return value;
  const gone = new Set<string | number>();
  const changed = new Map<string | number, unknown>();
  for (const [edge, part] of parts) {
    const held = last.children.get(edge);
    if (!held || held.isEmpty) continue;
    const others = owned.children.get(edge) ?? NOBODY;
    if (isGone(held, others, type)) {
      gone.add(part.at);
      continue;
    }
    const next = prune(part.value, part.type, held, others);
    if (next === part.value) continue;
    if (next !== undefined) changed.set(part.at, next);
    // Emptied: it goes, unless someone owns the empty one.
    else if (others.member) changed.set(part.at, Array.isArray(part.value) ? [] : {});
    else gone.add(part.at);
  }
  if (gone.size === 0 && changed.size === 0) return value;
  const pick = (at: string | number, held: unknown): unknown => (changed.has(at) ? changed.get(at) : held);
  if (Array.isArray(value)) {
    const items = value.flatMap((item: unknown, i) => (gone.has(i) ? [] : [pick(i, item)]));
    return items.length === 0 ? undefined : items;
  }
  const fields = Object.entries(value as object).flatMap(([key, held]) =>
    gone.has(key) ? [] : [[key, pick(key, held)]],
  );
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

function isGone(held: FieldSet, others: FieldSet, container: MergeType): boolean {
  if (others.isEmpty) return held.member || container.kind === 'struct';
  return held.member && !others.member && container.kind !== 'struct';
}
