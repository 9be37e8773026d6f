/**
 * Node by node from sums, remembering what was found for preemptors of one make. Where other filters than NodeResourcesFit
 * have a say, sums only tell which nodes stay too short with all lesser pods gone; the rest is dry-run.
 */
import type { EvictionSums } from '../framework.ts';
import { evictionMemoryOf, type MakeMemory } from './eviction-memory.ts';
import { costOf } from './pick-node.ts';
import type { Candidate, Circumstances, VictimFinder } from './victim-finder.ts';
import type { NoVictims } from './victims.ts';
import { NOBODY_TO_EVICT, VictimsBySums } from './victims-by-sums.ts';

export class ByAmounts implements VictimFinder {
  readonly #sums: EvictionSums;
  readonly #circumstances: Circumstances;
  readonly #dryRuns: VictimFinder;
  readonly #bySums: VictimsBySums;
  readonly #memory: MakeMemory;

  /** @param dryRuns is asked where sums do not tell. */
  constructor(sums: EvictionSums, circumstances: Circumstances, dryRuns: VictimFinder) {
    const { cluster, request, checked } = sums;
    this.#sums = sums;
    this.#circumstances = circumstances;
    this.#dryRuns = dryRuns;
    this.#bySums = new VictimsBySums(sums, circumstances);
    const amounts = checked.map(({ r, asked }) => `${r}:${asked}`);
    this.#memory = evictionMemoryOf(cluster).make(`${request.priority} ${amounts.join(' ')}`, cluster.rows);
  }

  find(n: number): Candidate | undefined {
    const short = this.#shortage(n);
    if (short === undefined) return this.#dryRuns.find(n);
    if (short !== 0) return undefined;
    if (!this.#sums.decidedByAmounts(n)) return this.#dryRuns.find(n);
    const { budgets, now } = this.#circumstances;
    const remembers = budgets.length === 0;
    const known = remembers ? this.#memory.candidate(n, now) : undefined;
    if (known) return known;
    const victims = this.#bySums.victims(n);
    if (victims.victims.length === 0) return this.#dryRuns.find(n);
    const nodeName = this.#sums.cluster.nodeAt(n)?.metadata.name ?? '';
    const candidate = { n, nodeName, ...victims, cost: costOf(victims, now) };
    if (remembers) this.#memory.keep(n, candidate, this.#bySums.dependsOnNow(n) ? now : undefined);
    return candidate;
  }

  whyNot(n: number): NoVictims {
    const short = this.#shortage(n);
    if (short !== NOBODY_TO_EVICT && (!short || !this.#sums.decidedByAmounts(n))) return this.#dryRuns.whyNot(n);
    return this.#bySums.inWords(short);
  }

  /** Undefined where doubles do not tell. */
  #shortage(n: number): number | undefined {
    const { columns } = this.#sums.cluster;
    const guests = this.#sums.guestsOn(n);
    const version = columns.version[n];
    const known = this.#memory.shortage(n, version, guests);
    if (known !== undefined) return known;
    if (columns.wide[n] !== 0) return undefined;
    const short = this.#bySums.shortage(n);
    this.#memory.learn(n, version, guests, short);
    return short;
  }
}
