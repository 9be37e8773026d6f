/**
 * Deterministic subsets: each client of a large fleet talks to a few endpoints only, and every endpoint gets as many clients
 * as any other, give or take one. Clients are numbered densely from 0.
 * Source: Site Reliability Engineering (O'Reilly 2016), chapter 20.
 */
import { Random } from '../../random.ts';

/**
 * Endpoints in rounds: in each round they are shuffled anew by the round's number and dealt out to as many clients as that
 * gives hands. With fewer endpoints than `size`, all of them.
 * @param keys names that all clients know alike, in any order. @param size endpoints of one client.
 */
export function subsetOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  client: number,
  size: number,
  seed = 0,
): T[] {
  if (size >= items.length) return [...items];
  const sorted = items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
  const hands = Math.floor(sorted.length / size);
  const shuffled = new Random(seed + Math.floor(client / hands)).shuffle(sorted);
  const from = (client % hands) * size;
  return shuffled.slice(from, from + size);
}
