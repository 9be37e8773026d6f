/**
 * Victims from sums: what a dry run would find, without taking a pod off its node. Where other filters than
 * NodeResourcesFit have a say it only tells which nodes stay too short with all lesser pods gone; the rest is dry-run.
 */
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { EvictionSums } from '../framework.ts';
import { type Shift, shortageInWords, shortageOf } from '../plugins/resource-shortage.ts';
import { type Budget, violationsAmong } from './disruption.ts';
import { evictionMemoryOf, type MakeMemory, NOBODY_TO_EVICT } from './eviction-memory.ts';
import { byImportance } from './importance.ts';
import { firstBelow, type Ladder, type Ladders } from './ladders.ts';
import { costOf } from './pick-node.ts';
import type { Candidate, Circumstances, VictimFinder } from './victim-finder.ts';
import { NO_LESSER_PODS, type NoVictims, type Victims } from './victims.ts';

export class ByAmounts implements VictimFinder {
  readonly #sums: EvictionSums;
  readonly #budgets: readonly Budget[];
  readonly #now: number;
  readonly #dryRuns: VictimFinder;
  readonly #ladders: Ladders;
  readonly #memory: MakeMemory;
  readonly #shift: Shift;
  readonly #version: Uint32Array;
  readonly #words = new Map<number, NoVictims>();

  /** @param dryRuns is asked where sums do not tell. */
  constructor(sums: EvictionSums, { budgets, now }: Circumstances, dryRuns: VictimFinder) {
    const { cluster, request, checked } = sums;
    this.#sums = sums;
    this.#budgets = budgets;
    this.#now = now;
    this.#dryRuns = dryRuns;
    const memory = evictionMemoryOf(cluster);
    this.#ladders = memory.ladders;
    const amounts = checked.map(({ r, asked }) => `${r}:${asked}`);
    this.#memory = memory.make(`${request.priority} ${amounts.join(' ')}`, cluster.rows);
    this.#version = cluster.columns.version;
    this.#shift = { pods: 0, amounts: new Float64Array(checked.length) };
  }

  find(n: number): Candidate | undefined {
    const short = this.#shortage(n);
    if (short === undefined) return this.#dryRuns.find(n);
    if (short !== 0) return undefined;
    if (!this.#sums.decidedByAmounts(n)) return this.#dryRuns.find(n);
    const remembers = this.#budgets.length === 0;
    const known = remembers ? this.#memory.candidate(n, this.#now) : undefined;
    if (known) return known;
    const ladder = this.#ladders.of(n, this.#now);
    const victims = this.#victims(n, ladder);
    // It would fit without evictions: a contradiction, which the dry run puts into words.
    if (victims.victims.length === 0) return this.#dryRuns.find(n);
    const nodeName = this.#sums.cluster.nodeAt(n)?.metadata.name ?? '';
    const candidate = { n, nodeName, ...victims, cost: costOf(victims, this.#now) };
    if (remembers) this.#memory.keep(n, candidate, ladder.undated ? this.#now : undefined);
    return candidate;
  }

  whyNot(n: number): NoVictims {
    const short = this.#shortage(n);
    if (short === NOBODY_TO_EVICT) return NO_LESSER_PODS;
    if (!short || !this.#sums.decidedByAmounts(n)) return this.#dryRuns.whyNot(n);
    let words = this.#words.get(short);
    if (!words) {
      const { cluster, checked } = this.#sums;
      const nameOf = (r: number): string => cluster.resourceName(r);
      words = { plugin: 'NodeResourcesFit', ...shortageInWords(short, checked, nameOf) };
      this.#words.set(short, words);
    }
    return words;
  }

  /** What row n lacks with all lesser pods gone and its guests there; undefined where doubles do not tell. */
  #shortage(n: number): number | undefined {
    const { cluster, request, checked } = this.#sums;
    const guests = this.#sums.guestsOn(n);
    const version = this.#version[n];
    const known = this.#memory.shortage(n, version, guests);
    if (known !== undefined) return known;
    if (cluster.columns.wide[n] !== 0) return undefined;
    const ladder = this.#ladders.of(n, this.#now);
    const first = firstBelow(ladder, request.priority);
    let short = NOBODY_TO_EVICT;
    if (first < ladder.pods.length) {
      short = shortageOf(checked, cluster.columns, n, this.#shiftWithout(ladder, first, guests));
    }
    this.#memory.learn(n, version, guests, short);
    return short;
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

  /** Pods of lower priority stay while there is room, those that a budget protects before the others. */
  #victims(n: number, ladder: Ladder): Victims {
    const { cluster, request, checked } = this.#sums;
    const first = firstBelow(ladder, request.priority);
    const shift = this.#shiftWithout(ladder, first, this.#sums.guestsOn(n));
    const { allowedPods, podCount, allocatable, requested } = cluster.columns;
    const left = checked.map(({ r, asked }, i) => allocatable[r][n] - requested[r][n] - shift.amounts[i] - asked);
    let places = allowedPods[n] - podCount[n] - shift.pods - 1;
    const leaves = ({ accounted }: PodRequest): boolean => {
      if (places < 1) return true;
      for (let i = 0; i < left.length; i++) if ((accounted[checked[i].r] ?? 0) > left[i]) return true;
      for (let i = 0; i < left.length; i++) left[i] -= accounted[checked[i].r] ?? 0;
      places--;
      return false;
    };
    const lower = ladder.pods.slice(first).map(({ request }) => request);
    const violations = violationsAmong(
      lower.map(({ pod }) => pod),
      this.#budgets,
    );
    const broken = lower.filter((other, i) => violations[i] && leaves(other));
    const others = lower.filter((other, i) => !violations[i] && leaves(other));
    const victims = [...broken, ...others].map(({ pod }) => pod);
    const mixed = violations.includes(true) && violations.includes(false);
    return { victims: mixed ? byImportance(victims, this.#now) : victims, pdbViolations: broken.length };
  }
}
