/** How old a client's connection may grow: so that clients come back, and meet workers and proxies that are new. */
import type { Thread } from './thread.ts';

/** Of the age; drawn for each connection, so that not all come back at once. */
const JITTER = 0.1;

/** When a connection of now is old, on the thread's clock. @param ageMs 0: never. */
export function oldAt({ nowMs, picker }: Thread, ageMs: number): number {
  if (ageMs === 0) return Infinity;
  return nowMs + ageMs * (1 + JITTER * (2 * picker.reader.draws.unit() - 1));
}
