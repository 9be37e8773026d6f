/**
 * Patches as controllers write them: JSON merge patches, and strategic ones with the lists that controllers merge.
 * Source: RFC 7386; Kubernetes v1.36, apimachinery/pkg/util/strategicpatch.
 */

type Plain = Record<string, unknown>;

/** Lists whose items are one and the same by a field; all others are replaced as a whole. */
const MERGED_BY: ReadonlyMap<string, string> = new Map([
  ['conditions', 'type'],
  ['ownerReferences', 'uid'],
]);

/** Never changes its arguments. */
export function patched(old: unknown, body: unknown, type: 'strategic' | 'merge'): unknown {
  if (!isPlain(body)) return body;
  const result: Plain = isPlain(old) ? { ...old } : {};
  for (const [field, value] of Object.entries(body)) {
    const key = type === 'strategic' ? MERGED_BY.get(field) : undefined;
    if (value === null) delete result[field];
    else if (key !== undefined && Array.isArray(value)) result[field] = mergedList(result[field], value, key);
    else result[field] = patched(result[field], value, type);
  }
  return result;
}

function mergedList(old: unknown, items: readonly unknown[], key: string): unknown[] {
  const merged: unknown[] = Array.isArray(old) ? [...old] : [];
  for (const item of items) {
    if (!isPlain(item)) continue;
    const at = merged.findIndex((one) => isPlain(one) && one[key] === item[key]);
    if (item.$patch === 'delete') {
      if (at >= 0) merged.splice(at, 1);
    } else if (at >= 0) merged[at] = patched(merged[at], item, 'strategic');
    else merged.push(item);
  }
  return merged;
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
