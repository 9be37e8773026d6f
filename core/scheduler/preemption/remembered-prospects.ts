/**
 * What evictions could do on every node for preemptors of one make, kept from one to the next: a changed node is judged
 * anew by sums, and the search is a look at the tree. For preemptors that no budget concerns and that amounts alone keep
 * out; the same answer as candidates.ts gives. About 80 bytes a node.
 */
import type { EvictionSums, Prospects } from '../framework.ts';
import { CANDIDATE, CandidateTree, HOPELESS, POTENTIAL, type Prospect } from './candidate-tree.ts';
import { VictimsBySums } from './victims-by-sums.ts';

/** Costs without their first number: no budget is violated. */
const CRITERIA = 4;
const VICTIMS = 2;

/** The rows, as the present preemptor finds them. */
export interface JudgedRows {
  /** In walking order; another array when it changes. */
  readonly order: Int32Array;
  readonly sums: EvictionSums;
  /** Rows judged otherwise since the last time, or that changed in what they hold. */
  readonly changed: readonly number[];
  /** Preemption may help on row n. */
  helps(n: number): boolean;
}

export class RememberedProspects {
  readonly #tree = new CandidateTree((a, b) => this.#mattersLess(this.#order[a], this.#order[b]));
  #order: Int32Array = new Int32Array(0);
  /** [row]; of meaning for rows in the order. */
  #placeOf = new Int32Array(0);
  #prospects = new Uint8Array(0);
  /** [row]: what a potential node that is no candidate lacks with all lesser pods gone. */
  #shortages = new Int32Array(0);
  /** [CRITERIA * row + i] of candidates. */
  #costs = new Float64Array(0);
  /** Shortage → number of such rows. */
  readonly #lacking = new Map<number, number>();
  /** Rows where sums do not tell. */
  readonly #untold = new Set<number>();
  /** Rows judged by the time of asking, which some lesser pod there has for its start. */
  readonly #undated = new Set<number>();
  #now = Number.NaN;

  /** Undefined where some node has to be tried. Valid until the cluster changes. */
  follow({ order, sums, changed, helps }: JudgedRows, now: number): Prospects | undefined {
    const { cluster } = sums;
    const bySums = new VictimsBySums(sums, { budgets: [], now });
    this.#makeRoom(cluster.rows);
    const stale = now === this.#now ? changed : [...new Set([...changed, ...this.#undated])];
    this.#now = now;
    for (const n of stale) this.#judge(n, helps(n), sums, bySums);
    if (order !== this.#order || stale.length * this.#tree.height > order.length) this.#fill(order);
    else for (const n of stale) this.#enter(n);
    return this.#untold.size > 0 ? undefined : this.#answer(sums, bySums);
  }

  /** What is known of row n, for the checker. */
  describe(n: number): string {
    const prospect = this.#prospects[n];
    const untold = this.#untold.has(n) ? 'untold' : '';
    if (prospect === POTENTIAL) return `lacks ${this.#shortages[n]} ${untold}`;
    return prospect === CANDIDATE ? `costs ${this.#costs.slice(CRITERIA * n, CRITERIA * (n + 1)).join()}` : untold;
  }

  #answer({ cluster }: EvictionSums, bySums: VictimsBySums): Prospects {
    return {
      potential: this.#tree.potential,
      pick: (offset, enough) => {
        const place = this.#tree.pick(offset, enough);
        if (place < 0) return undefined;
        const n = this.#order[place];
        return { nodeName: cluster.nodeAt(n)?.metadata.name ?? '', victims: bySums.victims(n).victims };
      },
      rejected: () => Array.from(this.#lacking, ([short, nodes]) => ({ rejection: bySums.inWords(short), nodes })),
    };
  }

  #judge(n: number, helps: boolean, sums: EvictionSums, bySums: VictimsBySums): void {
    if (this.#prospects[n] === POTENTIAL) this.#count(this.#shortages[n], -1);
    this.#untold.delete(n);
    this.#undated.delete(n);
    this.#prospects[n] = HOPELESS;
    if (!helps) return;
    if (!sums.decidedByAmounts(n)) {
      this.#untold.add(n);
      return;
    }
    const short = bySums.shortage(n);
    if (short !== 0) {
      this.#prospects[n] = POTENTIAL;
      this.#shortages[n] = short;
      this.#count(short, 1);
      return;
    }
    const [, ...cost] = bySums.cost(n);
    if (cost[VICTIMS] === 0) {
      this.#untold.add(n);
      return;
    }
    this.#prospects[n] = CANDIDATE;
    for (let i = 0; i < CRITERIA; i++) this.#costs[CRITERIA * n + i] = cost[i];
    if (bySums.dependsOnNow(n)) this.#undated.add(n);
  }

  #count(short: number, by: 1 | -1): void {
    const nodes = (this.#lacking.get(short) ?? 0) + by;
    if (nodes > 0) this.#lacking.set(short, nodes);
    else this.#lacking.delete(short);
  }

  /** A row without a node has no place. */
  #enter(n: number): void {
    const place = this.#placeOf[n];
    if (this.#order[place] === n) this.#tree.set(place, this.#prospects[n] as Prospect);
  }

  #fill(order: Int32Array): void {
    this.#order = order;
    for (let place = 0; place < order.length; place++) this.#placeOf[order[place]] = place;
    this.#tree.fill(order.length, (place) => this.#prospects[order[place]] as Prospect);
  }

  #mattersLess(a: number, b: number): boolean {
    const costs = this.#costs;
    for (let i = 0; i < CRITERIA; i++) {
      const difference = costs[CRITERIA * a + i] - costs[CRITERIA * b + i];
      if (difference !== 0) return difference < 0;
    }
    return false;
  }

  #makeRoom(rows: number): void {
    if (this.#prospects.length >= rows) return;
    const grown = <A extends Uint8Array | Int32Array | Float64Array>(fresh: A, before: A): A => {
      fresh.set(before);
      return fresh;
    };
    this.#placeOf = grown(new Int32Array(rows * 2), this.#placeOf);
    this.#prospects = grown(new Uint8Array(rows * 2), this.#prospects);
    this.#shortages = grown(new Int32Array(rows * 2), this.#shortages);
    this.#costs = grown(new Float64Array(rows * 2 * CRITERIA), this.#costs);
  }
}
