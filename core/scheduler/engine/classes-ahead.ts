/**
 * Classes that pods to come will ask for, built all at once, so that threads share the work. Each then replays what has
 * changed since, as any class does: that it was built ahead makes no difference to any decision.
 */
import type { Pod } from '../../objects/types.ts';
import type { PodClass } from './pod-class.ts';
import type { RowJudges } from './row-judges.ts';

/** So many pods to come are looked at. */
const LOOK_AHEAD = 2048;
/** After so many pods in a row that ask for nothing new, no more are looked at. */
const FRUITLESS = 256;
/** Asking for columns moves them, and what was begun before is begun anew; so often at most. */
const MAX_ROUNDS = 4;

/** Keys of classes to build, each with the first pod that asks for it. */
export type Wanted = ReadonlyMap<string, Pod>;

/**
 * The classes that at least `from` of the pods ask for, in the order in which they are wanted.
 * @param keyOf undefined for a pod that needs no class, or has one.
 */
export function wantedAhead(
  pods: readonly Pod[],
  from: 1 | 2,
  most: number,
  keyOf: (pod: Pod) => string | undefined,
): Wanted {
  const wanted = new Map<string, Pod>();
  const first = new Map<string, Pod>();
  let fruitless = 0;
  for (let i = 0; i < Math.min(pods.length, LOOK_AHEAD) && fruitless < FRUITLESS && wanted.size < most; i++) {
    const key = keyOf(pods[i]);
    fruitless++;
    if (key === undefined || wanted.has(key)) continue;
    fruitless = 0;
    if (from === 1 || first.has(key)) wanted.set(key, first.get(key) ?? pods[i]);
    else first.set(key, pods[i]);
  }
  return wanted;
}

/** Builds the classes as of now; those that could be built are the result. */
export function buildAhead(classes: readonly PodClass[], judges: RowJudges): PodClass[] {
  let begun = classes.filter((one) => !one.begin());
  for (let round = 1; begun.some(({ isOutdated }) => isOutdated); round++) {
    if (round === MAX_ROUNDS) return []; // They are built when they are asked for.
    begun = begun.filter((one) => !one.begin());
  }
  const shared = begun.flatMap((one) => {
    const unjudged = one.unjudged();
    return unjudged ? [{ one, unjudged }] : [];
  });
  const judged = judges.judge(shared.map(({ unjudged }) => unjudged));
  return shared.flatMap(({ one }, i) => (one.complete(judged[i]) ? [] : [one]));
}
