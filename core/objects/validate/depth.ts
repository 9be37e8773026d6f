/** How deep a value is nested, found without recursing any deeper than the limit. */

/** Deeper than any real manifest goes, and shallow enough for plain recursion in all that reads it. */
export const NESTING_LIMIT = 100;

/** So many objects are looked at before anybody keeps track of those that several parents share. */
const GLANCE = 256;

/** Also true of a value that contains itself. What is shared by many parents is looked at once. */
export function isTooDeep(value: unknown, limit = NESTING_LIMIT): boolean {
  return glance(value, limit, GLANCE) < 0 && depthWithin(value, limit, new Map()) === undefined;
}

/** How much of the budget is left after all objects of the value; negative when it, or the limit, was not enough. */
function glance(value: unknown, limit: number, budget: number): number {
  if (typeof value !== 'object' || value === null) return budget;
  if (limit === 0 || budget === 0) return -1;
  return Array.isArray(value) ? glanceAtItems(value, limit, budget) : glanceAtFields(value, limit, budget);
}

function glanceAtItems(items: readonly unknown[], limit: number, budget: number): number {
  let left = budget - 1;
  for (let i = 0; i < items.length && left >= 0; i++) left = glance(items[i], limit - 1, left);
  return left;
}

function glanceAtFields(fields: object, limit: number, budget: number): number {
  let left = budget - 1;
  for (const name in fields) {
    const field = (fields as Record<string, unknown>)[name];
    if (typeof field !== 'object' || field === null) continue;
    left = glance(field, limit - 1, left);
    if (left < 0) return left;
  }
  return left;
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
