/**
 * NodeResourcesFit and NodeResourcesBalancedAllocation of one row in one go, for the frequent case: LeastAllocated or
 * MostAllocated over cpu and memory, balance over cpu and memory, and no amount beyond what doubles hold. It must say what
 * the plugins' own kernels say (amounts-kernel.prop.test.ts).
 */
import { type Columns, CPU, MEMORY } from '../../cluster/columns.ts';
import { type CheckedResource, MAX_NODE_SCORE, type RoomScore } from '../framework.ts';
import {
  BALANCE,
  balanceOf,
  CAPACITY_CPU,
  CAPACITY_MEMORY,
  COUNTED_CPU,
  COUNTED_MEMORY,
  FACTS,
  ROOM,
  type RowFacts,
  USED_CPU,
  USED_MEMORY,
} from './row-facts.ts';

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
  readonly #rows: RowFacts;
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
    rows: RowFacts,
    { allocatable, requested }: Columns,
  ) {
    this.#rows = rows;
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
      const cpu = facts[at + CAPACITY_CPU];
      const memory = facts[at + CAPACITY_MEMORY];
      const usedCpu = facts[at + USED_CPU];
      const usedMemory = facts[at + USED_MEMORY];
      const before = facts[at + BALANCE];
      const short = facts[at + ROOM] < 1 || checkedCpu > cpu - usedCpu || checkedMemory > memory - usedMemory;
      if (short || (others && this.#lacks(rows[k]))) {
        scores[k] = -1;
        continue;
      }
      const leftCpu = cpu - (facts[at + COUNTED_CPU] + shareCpu);
      const leftMemory = memory - (facts[at + COUNTED_MEMORY] + shareMemory);
      let sum = 0;
      if (shares > 0) {
        // Whole numbers below 101: cut off as Go's integers are.
        if (even && before > 0) sum = shares * ((partOf(leftCpu, cpu) + partOf(leftMemory, memory)) >> 1);
        else sum = shares * this.#share(leftCpu, cpu, leftMemory, memory);
      }
      if (balance > 0) {
        if (before === 0) sum += balance * NEUTRAL;
        else {
          const after = balanceOf((usedCpu + balanceCpu) / cpu, (usedMemory + balanceMemory) / memory);
          sum += balance * (50 + ((50 + after - before) >> 1));
        }
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

  /** The weighted mean of the resources that the node has. */
  #share(leftCpu: number, cpu: number, leftMemory: number, memory: number): number {
    let sum = 0;
    let weights = 0;
    if (cpu !== 0) {
      sum += this.#cpuWeight * (this.#most ? partOf(cpu - Math.max(leftCpu, 0), cpu) : partOf(leftCpu, cpu));
      weights += this.#cpuWeight;
    }
    if (memory !== 0) {
      const left = Math.max(leftMemory, 0);
      sum += this.#memoryWeight * (this.#most ? partOf(memory - left, memory) : partOf(left, memory));
      weights += this.#memoryWeight;
    }
    return weights === 0 ? 0 : Math.floor(sum / weights);
  }
}

/** Where a node lacks a resource, its use is as even with the pod as without. */
const NEUTRAL = 75;

/** Hundredths of the capacity, 0 below nothing. */
function partOf(amount: number, capacity: number): number {
  return amount < 0 ? 0 : ((amount * MAX_NODE_SCORE) / capacity) | 0;
}
