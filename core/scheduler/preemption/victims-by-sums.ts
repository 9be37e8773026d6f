/**
 * Victims from sums: what a dry run would find where amounts alone stand in the way, without taking a pod off its node.
 */
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { EvictionSums } from '../framework.ts';
import { type Shift, shortageInWords, shortageOf } from '../plugins/resource-shortage.ts';
import { violationsAmong } from './disruption.ts';
import { byImportance } from './importance.ts';
import { LesserPods } from './lesser-pods.ts';
import { type Cost, CostSum } from './pick-node.ts';
import type { Circumstances } from './victim-finder.ts';
import { NO_LESSER_PODS, type NoVictims, type Victims } from './victims.ts';

/** Shortage of a row without pods of lower priority. */
export const NOBODY_TO_EVICT = -1;

export class VictimsBySums {
  readonly #sums: EvictionSums;
  readonly #circumstances: Circumstances;
  readonly #lesser = new LesserPods();
  /** The row that they and the shift are of. */
  #row = -1;
  /** They leave, the row's guests come. */
  readonly #shift: Shift;
  readonly #words = new Map<number, NoVictims>();

  /** Valid while the cluster does not change. */
  constructor(sums: EvictionSums, circumstances: Circumstances) {
    this.#sums = sums;
    this.#circumstances = circumstances;
    this.#shift = { pods: 0, amounts: new Float64Array(sums.checked.length) };
  }

  /** What row n, which is not wide, lacks with all lesser pods gone and its guests there; NOBODY_TO_EVICT. */
  shortage(n: number): number {
    const { cluster, checked } = this.#sums;
    this.#turnTo(n);
    return this.#lesser.count === 0 ? NOBODY_TO_EVICT : shortageOf(checked, cluster.columns, n, this.#shift);
  }

  /** The victims on row n, or what they cost, depend on the time of asking. */
  dependsOnNow(n: number): boolean {
    this.#turnTo(n);
    return this.#lesser.undated;
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
    this.#turnTo(n);
    const lesser = Array.from({ length: this.#lesser.count }, (_, i) => this.#lesser.at(i));
    const leaves = this.#reprieve(n);
    if (budgets.length === 0) return { victims: lesser.filter(leaves).map(({ pod }) => pod), pdbViolations: 0 };
    const violations = violationsAmong(
      lesser.map(({ pod }) => pod),
      budgets,
    );
    const broken = lesser.filter((other, i) => violations[i] && leaves(other));
    const others = lesser.filter((other, i) => !violations[i] && leaves(other));
    const victims = [...broken, ...others].map(({ pod }) => pod);
    const mixed = violations.includes(true) && violations.includes(false);
    return { victims: mixed ? byImportance(victims, now) : victims, pdbViolations: broken.length };
  }

  /** What those victims cost, where there are no budgets. */
  cost(n: number): Cost {
    this.#turnTo(n);
    const leaves = this.#reprieve(n);
    const lesser = this.#lesser;
    const sum = new CostSum();
    for (let i = 0; i < lesser.count; i++) {
      const other = lesser.at(i);
      if (leaves(other)) sum.add(other.priority, lesser.startAt(i));
    }
    return sum.cost(0);
  }

  /** Asked about one pod after the other: whether it has to leave. One that need not takes its place again. */
  #reprieve(n: number): (pod: PodRequest) => boolean {
    const { cluster, checked } = this.#sums;
    const shift = this.#shift;
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

  #turnTo(n: number): void {
    if (this.#row === n) return;
    this.#row = n;
    const { cluster, request, checked } = this.#sums;
    const lesser = this.#lesser;
    lesser.gather(cluster.podsOn(n), request.priority, this.#circumstances.now);
    const guests = this.#sums.guestsOn(n);
    this.#shift.pods = guests.length - lesser.count;
    for (let i = 0; i < checked.length; i++) {
      const { r } = checked[i];
      let amount = 0;
      for (const { accounted } of guests) amount += accounted[r] ?? 0;
      for (let k = 0; k < lesser.count; k++) amount -= lesser.at(k).accounted[r] ?? 0;
      this.#shift.amounts[i] = amount;
    }
  }
}
