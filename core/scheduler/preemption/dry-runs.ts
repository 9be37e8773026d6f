/** Victims by trying, node by node: the definition, which everything faster has to agree with. */
import { assert } from '../../assert.ts';
import type { Cycle } from '../framework.ts';
import type { Candidate, Circumstances, VictimFinder } from './victim-finder.ts';
import { type NoVictims, selectVictims } from './victims.ts';

export class DryRuns implements VictimFinder {
  readonly #cycle: Cycle;
  readonly #circumstances: Circumstances;
  readonly #whyNot = new Map<number, NoVictims>();

  constructor(cycle: Cycle, circumstances: Circumstances) {
    this.#cycle = cycle;
    this.#circumstances = circumstances;
  }

  find(n: number): Candidate | undefined {
    const { budgets, now } = this.#circumstances;
    const found = selectVictims(this.#cycle, n, budgets, now);
    if ('victims' in found) return { n, nodeName: this.#cycle.nodeName(n), ...found };
    this.#whyNot.set(n, found);
    return undefined;
  }

  whyNot(n: number): NoVictims {
    if (!this.#whyNot.has(n)) this.find(n);
    const known = this.#whyNot.get(n);
    assert(known, `node ${this.#cycle.nodeName(n)} is a candidate`);
    return known;
  }
}
