/**
 * Whether two values have the same JSON, in the order of their keys too, without writing it. Objects come by the thousand
 * from one template, and to compare one with the last costs a fraction of its text.
 */

/** Of JSON values; false where one holds what has no JSON (undefined in an object), whatever the other holds. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b && a !== undefined;
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && isSameList(a, b);
  return !Array.isArray(b) && isSameMap(a as Record<string, unknown>, b as Record<string, unknown>);
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!isSameJson(a[i], b[i])) return false;
  return true;
}

function isSameMap(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const keys = Object.keys(a);
  let i = 0;
  for (const key in b) {
    if (keys[i++] !== key || !isSameJson(a[key], b[key])) return false;
  }
  return i === keys.length;
}
