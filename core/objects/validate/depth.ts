/** How deep a value is nested, found without recursing any deeper than the limit. */

/** Deeper than any real manifest goes, and shallow enough for plain recursion in all that reads it. */
export const NESTING_LIMIT = 100;

/** Also true of a value that contains itself. What is shared by several parents is looked at once. */
export function isTooDeep(value: unknown, limit = NESTING_LIMIT): boolean {
  return depthWithin(value, limit, new Map()) === undefined;
}

/** undefined as soon as `limit` is passed. */
function depthWithin(value: unknown, limit: number, known: Map<object, number>): number | undefined {
  if (typeof value !== 'object' || value === null) return 0;
  const before = known.get(value);
  if (before !== undefined) return before <= limit ? before : undefined;
  if (limit === 0) return undefined;
  let deepest = 0;
  for (const child of Object.values(value)) {
    const depth = depthWithin(child, limit - 1, known);
    if (depth === undefined) return undefined;
    if (depth > deepest) deepest = depth;
  }
  known.set(value, deepest + 1);
  return deepest + 1;
}
