/**
 * Victims from sums: what a dry run would find where amounts alone stand in the way, without taking a pod off its node.
 */
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { EvictionSums } from '../framework.ts';
import { type Shift, shortageInWords, shortageOf } from '../plugins/resource-shortage.ts';
import { violationsAmong } from './disruption.ts';
import { byImportance } from './importance.ts';
import { firstBelow, type Ladder, type Ladders } from './ladders.ts';
import type { Circumstances } from './victim-finder.ts';
import { NO_LESSER_PODS, type NoVictims, type Victims } from './victims.ts';

/** Shortage of a row without pods of lower priority. */
export const NOBODY_TO_EVICT = -1;

export class VictimsBySums {
  readonly #sums: EvictionSums;
  readonly #circumstances: Circumstances;
  readonly #ladders: Ladders;
  readonly #shift: Shift;
  readonly #words = new Map<number, NoVictims>();

  constructor(sums: EvictionSums, circumstances: Circumstances, ladders: Ladders) {
    this.#sums = sums;
    this.#circumstances = circumstances;
    this.#ladders = ladders;
    this.#shift = { pods: 0, amounts: new Float64Array(sums.checked.length) };
  }

  /** The pods of row n, the most important first. */
  ladder(n: number): Ladder {
    return this.#ladders.of(n, this.#circumstances.now);
  }

  /** What row n, which is not wide, lacks with all lesser pods gone and its guests there; NOBODY_TO_EVICT. */
  shortage(n: number): number {
    const { cluster, request, checked } = this.#sums;
    const ladder = this.ladder(n);
    const first = firstBelow(ladder, request.priority);
    if (first === ladder.pods.length) return NOBODY_TO_EVICT;
    return shortageOf(checked, cluster.columns, n, this.#shiftWithout(ladder, first, this.#sums.guestsOn(n)));
  }

  /** A shortage, as the failure text says it. */
  inWords(short: number): NoVictims {
    if (short === NOBODY_TO_EVICT) return NO_LESSER_PODS;
    let words = this.#words.get(short);
    if (!words) {
      const { cluster, checked } = this.#sums;
      const nameOf = (r: number): string => cluster.resourceName(r);
      words = { plugin: 'NodeResourcesFit', ...shortageInWords(short, checked, nameOf) };
      this.#words.set(short, words);
    }
    return words;
  }

  /**
   * Of a row whose shortage is 0. Pods of lower priority stay while there is room, those that a budget protects before
   * the others. None at all, where the pod would fit without evictions: a contradiction, which a dry run puts into words.
   */
  victims(n: number): Victims {
    const { budgets, now } = this.#circumstances;
    const ladder = this.ladder(n);
    const lower = ladder.pods.slice(firstBelow(ladder, this.#sums.request.priority)).map(({ request }) => request);
    const leaves = this.#reprieve(n, ladder);
    if (budgets.length === 0) return { victims: lower.filter(leaves).map(({ pod }) => pod), pdbViolations: 0 };
    const violations = violationsAmong(
      lower.map(({ pod }) => pod),
      budgets,
    );
    const broken = lower.filter((other, i) => violations[i] && leaves(other));
    const others = lower.filter((other, i) => !violations[i] && leaves(other));
    const victims = [...broken, ...others].map(({ pod }) => pod);
    const mixed = violations.includes(true) && violations.includes(false);
    return { victims: mixed ? byImportance(victims, now) : victims, pdbViolations: broken.length };
  }

  /** Asked about one pod after the other: whether it has to leave. One that need not takes its place again. */
  #reprieve(n: number, ladder: Ladder): (pod: PodRequest) => boolean {
    const { cluster, request, checked } = this.#sums;
    const shift = this.#shiftWithout(ladder, firstBelow(ladder, request.priority), this.#sums.guestsOn(n));
    const { allowedPods, podCount, allocatable, requested } = cluster.columns;
    const left = checked.map(({ r, asked }, i) => allocatable[r][n] - requested[r][n] - shift.amounts[i] - asked);
    let places = allowedPods[n] - podCount[n] - shift.pods - 1;
    return ({ accounted }) => {
      if (places < 1) return true;
      for (let i = 0; i < left.length; i++) if ((accounted[checked[i].r] ?? 0) > left[i]) return true;
      for (let i = 0; i < left.length; i++) left[i] -= accounted[checked[i].r] ?? 0;
      places--;
      return false;
    };
  }

  /** The pods from `first` on leave, the guests come. */
  #shiftWithout({ pods, sums, width }: Ladder, first: number, guests: readonly PodRequest[]): Shift {
    const shift = this.#shift;
    const { checked } = this.#sums;
    shift.pods = first - pods.length + guests.length;
    for (let i = 0; i < checked.length; i++) {
      const { r } = checked[i];
      let amount = r < width ? -sums[first * width + r] : 0;
      for (const { accounted } of guests) amount += accounted[r] ?? 0;
      shift.amounts[i] = amount;
    }
    return shift;
  }
}
