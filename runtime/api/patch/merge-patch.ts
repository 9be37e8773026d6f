/** JSON merge patch: RFC 7386. */
import { isMap } from '../object.ts';

/** null deletes, maps merge, all else replaces. */
export function mergePatch(current: unknown, body: unknown): unknown {
  if (!isMap(body)) return body;
  const merged = new Map(isMap(current) ? Object.entries(current) : []);
  for (const [key, value] of Object.entries(body)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged); // Unlike assignment it takes '__proto__' for a key like any other.
}
