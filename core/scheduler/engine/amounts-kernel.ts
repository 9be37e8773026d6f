/**
 * NodeResourcesFit and NodeResourcesBalancedAllocation of one row in one go, for the frequent case: LeastAllocated or
 * MostAllocated over cpu and memory, balance over cpu and memory, and no amount beyond what doubles hold. It must say what
 * the plugins' own kernels say (amounts-kernel.prop.test.ts).
 */
import { type Columns, CPU, MEMORY } from '../../cluster/columns.ts';
import { type CheckedResource, MAX_NODE_SCORE, type RoomScore } from '../framework.ts';
import { balanceOfTwo } from '../plugins/node-resources-balanced-allocation.ts';
import * as pass from '../scan/room/pass.ts';

/**
 * Numbers of a row, by their place. They, and NEAR, stand here and not where they are written, since V8 loads an imported
 * constant anew for every row, and knows one of this module.
 */
export const FACTS = 8;
/** Allocatable less requested. */
export const FREE_CPU = 0;
export const FREE_MEMORY = 1;
/** The same with stand-ins for pods that request nothing. */
export const LEFT_CPU = 2;
export const LEFT_MEMORY = 3;
/** What one unit is of the allocatable amount, in percent (percentOf); 0 on odd rows, which are divided for. */
export const PER_CPU = 4;
export const PER_MEMORY = 5;
/** How evenly cpu and memory are used, 50 to 100. */
export const BALANCE = 6;
/** Pods that may still come. */
export const ROOM = 7;

const NEAR = pass.NEAR;
const LESS = pass.LESS;

/** Kept by RowFacts. */
export interface FactsOfRows {
  /** [row * FACTS + place] */
  readonly facts: Float64Array;
}

/** One score with its weight in the profile. */
export interface WeighedAmounts {
  weight: number;
  score: RoomScore;
}

interface Other {
  asked: number;
  allocatable: Float64Array;
  requested: Float64Array;
}

export class AmountsKernel {
  readonly #rows: FactsOfRows;
  readonly #allocatable: readonly Float64Array[];
  /** What the filter compares; below any amount where it compares nothing. */
  #checkedCpu = Number.NEGATIVE_INFINITY;
  #checkedMemory = Number.NEGATIVE_INFINITY;
  readonly #others: Other[] = [];
  /** Of the shares: weight in the profile, 0 when there are none, and of each resource; what the pod asks. */
  #shares = 0;
  #most = false;
  #cpuWeight = 0;
  #memoryWeight = 0;
  #shareCpu = 0;
  #shareMemory = 0;
  /** Of the balance. */
  #balance = 0;
  #balanceCpu = 0;
  #balanceMemory = 0;

  constructor(
    checked: readonly CheckedResource[],
    scores: readonly WeighedAmounts[],
    rows: FactsOfRows,
    { allocatable, requested }: Columns,
  ) {
    this.#rows = rows;
    this.#allocatable = allocatable;
    for (const { r, asked } of checked) {
      if (r === CPU) this.#checkedCpu = asked;
      else if (r === MEMORY) this.#checkedMemory = asked;
      else this.#others.push({ asked, allocatable: allocatable[r], requested: requested[r] });
    }
    for (const { weight, score } of scores) {
      if (score.of === 'Balance') {
        this.#balance = weight;
        this.#balanceCpu = score.cpu;
        this.#balanceMemory = score.memory;
      } else {
        this.#shares = weight;
        this.#most = score.of === 'MostAllocated';
        this.#cpuWeight = score.cpuWeight;
        this.#memoryWeight = score.memoryWeight;
        this.#shareCpu = score.cpu;
        this.#shareMemory = score.memory;
      }
    }
  }

  /** Weighted scores of the first `count` rows, written to scores[k] for rows[k]; -1 for a row that lacks something. */
  judge(rows: Int32Array, count: number, scores: Float64Array): void {
    const { facts } = this.#rows;
    const [checkedCpu, checkedMemory] = [this.#checkedCpu, this.#checkedMemory];
    const [shareCpu, shareMemory] = [this.#shareCpu, this.#shareMemory];
    const [balanceCpu, balanceMemory] = [this.#balanceCpu, this.#balanceMemory];
    const [shares, balance] = [this.#shares, this.#balance];
    const others = this.#others.length > 0;
    const even = this.#cpuWeight === this.#memoryWeight && !this.#most;
    for (let k = 0; k < count; k++) {
      const at = rows[k] * FACTS;
      const freeCpu = facts[at + FREE_CPU];
      const freeMemory = facts[at + FREE_MEMORY];
      const perCpu = facts[at + PER_CPU];
      const perMemory = facts[at + PER_MEMORY];
      const short = facts[at + ROOM] < 1 || checkedCpu > freeCpu || checkedMemory > freeMemory;
      if (short || (others && this.#lacks(rows[k]))) {
        scores[k] = -1;
        continue;
      }
      if (perCpu === 0) {
        scores[k] = this.#divided(rows[k]);
        continue;
      }
      let sum = 0;
      if (shares > 0) {
        const cpu = facts[at + LEFT_CPU] - shareCpu;
        const memory = facts[at + LEFT_MEMORY] - shareMemory;
        if (even) sum = shares * ((freeShare(cpu, perCpu) + freeShare(memory, perMemory)) >> 1);
        else sum = shares * this.#mean(cpu, perCpu, memory, perMemory);
      }
      if (balance > 0) {
        const cpu = freeCpu - balanceCpu;
        const memory = freeMemory - balanceMemory;
        const apart = (cpu > 0 ? cpu * perCpu : 0) - (memory > 0 ? memory * perMemory : 0);
        const about = 100 + NEAR - 0.5 * Math.abs(apart);
        let after = about | 0;
        if (about - after < 2 * NEAR) after = this.#balanceAfter(rows[k], cpu, memory);
        sum += balance * (50 + ((50 + after - facts[at + BALANCE]) >> 1));
      }
      scores[k] = sum;
    }
  }

  #lacks(n: number): boolean {
    for (let i = 0; i < this.#others.length; i++) {
      const { asked, allocatable, requested } = this.#others[i];
      if (asked > allocatable[n] - requested[n]) return true;
    }
    return false;
  }

  /** The weighted mean of shares of a row that has both resources. */
  #mean(cpu: number, perCpu: number, memory: number, perMemory: number): number {
    const [a, b] = this.#most
      ? [usedShare(cpu, perCpu), usedShare(memory, perMemory)]
      : [freeShare(cpu, perCpu), freeShare(memory, perMemory)];
    return Math.floor((a * this.#cpuWeight + b * this.#memoryWeight) / (this.#cpuWeight + this.#memoryWeight));
  }

  /** Near a whole number: as Go divides. @param cpu what is free with the pod. */
  #balanceAfter(n: number, cpu: number, memory: number): number {
    const allCpu = this.#allocatable[CPU][n];
    const allMemory = this.#allocatable[MEMORY][n];
    return balanceOfTwo(Math.min(1, (allCpu - cpu) / allCpu), Math.min(1, (allMemory - memory) / allMemory));
  }

  /** A row that lacks a resource, or has more than multiplying is exact for: by division. */
  #divided(n: number): number {
    const [cpu, memory] = [this.#allocatable[CPU][n], this.#allocatable[MEMORY][n]];
    const at = n * FACTS;
    const { facts } = this.#rows;
    const part = (left: number, all: number): number => {
      const amount = this.#most ? all - Math.max(left, 0) : Math.max(left, 0);
      return Math.floor((amount * MAX_NODE_SCORE) / all);
    };
    let sum = 0;
    let weights = 0;
    if (cpu !== 0) {
      sum += this.#cpuWeight * part(facts[at + LEFT_CPU] - this.#shareCpu, cpu);
      weights += this.#cpuWeight;
    }
    if (memory !== 0) {
      sum += this.#memoryWeight * part(facts[at + LEFT_MEMORY] - this.#shareMemory, memory);
      weights += this.#memoryWeight;
    }
    const mean = weights === 0 ? 0 : Math.floor(sum / weights);
    let even = NEUTRAL;
    if (cpu !== 0 && memory !== 0) {
      const [freeCpu, freeMemory] = [facts[at + FREE_CPU], facts[at + FREE_MEMORY]];
      const gain =
        this.#balanceAfter(n, freeCpu - this.#balanceCpu, freeMemory - this.#balanceMemory) -
        this.#balanceAfter(n, freeCpu, freeMemory);
      even = 50 + Math.trunc((50 + gain) / 2);
    }
    return this.#shares * mean + this.#balance * even;
  }
}

/** Where a node lacks a resource, its use is as even with the pod as without. */
const NEUTRAL = 75;

/** Hundredths that are free, rounded down; why multiplying is exact stands in pass.ts. */
function freeShare(left: number, per: number): number {
  return left > 0 ? (left * per) | 0 : 0;
}

/** Hundredths that are used, rounded down. */
function usedShare(left: number, per: number): number {
  return left > 0 ? 100 - Math.ceil(left * per - LESS) : 100;
}
