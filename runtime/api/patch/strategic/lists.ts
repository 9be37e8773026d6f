/** Merging of lists that have a merge key, or hold scalars. */
import { badRequest } from '../../http/status.ts';
import { isMap, shownText } from '../../object.ts';
import type { ListType, MergeType } from '../faces.ts';

/** Of two values of a type. */
export type Merge = (current: unknown, patch: unknown, type: MergeType) => unknown;

export function mergeList(
  current: readonly unknown[],
  patch: readonly unknown[],
  type: ListType,
  merge: Merge,
): unknown[] {
  const key = type.strategic?.key;
  if (key === undefined) return [...new Set([...current, ...patch])];
  const plain: Record<string, unknown>[] = [];
  let merged: unknown[] = [...current];
  let replaced = false;
  for (const item of patch) {
    if (!isMap(item))
      throw badRequest(`invalid patch: ${JSON.stringify(item)} in a list whose items are told apart by ${key}`);
    switch (item.$patch) {
      case undefined:
      case 'merge':
        plain.push(item);
        break;
      case 'delete':
        merged = merged.filter((held) => keyOf(held, key) !== keyOf(item, key) || keyOf(item, key) === undefined);
        requireKey(item, key);
        break;
      case 'replace':
        // The patch's items without a directive become the list.
        replaced = true;
        break;
      default:
        throw badRequest(`Unknown patch type: "${shownText(item.$patch)}" in ${JSON.stringify(item)}`);
    }
  }
  if (replaced) merged = [];
  for (const item of plain) {
    const wanted = requireKey(item, key);
    const at = merged.findIndex((held) => keyOf(held, key) === wanted);
    const next = merge(at < 0 ? undefined : merged[at], item, type.items);
    if (at < 0) merged.push(next);
    else merged[at] = next;
  }
  return merged;
}

/** A patch's list where nothing is merged: without the items that only say what to do. */
export function plainList(patch: readonly unknown[], clean: (value: unknown) => unknown): unknown[] {
  return patch.filter((item) => !(isMap(item) && (item.$patch === 'delete' || isBareDirective(item)))).map(clean);
}

function isBareDirective(item: Record<string, unknown>): boolean {
  return item.$patch !== undefined && Object.keys(item).length === 1;
}

function keyOf(item: unknown, key: string): unknown {
  return isMap(item) ? item[key] : undefined;
}

function requireKey(item: Record<string, unknown>, key: string): unknown {
  const value = item[key];
  if (value === undefined) throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
  return value;
}
