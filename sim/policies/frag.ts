/**
 * Fragmentation: how much of a node's idle GPU milli the typical pods of a workload cannot use, in expectation.
 * Source: Weng et al., "Beware of Fragmentation", USENIX ATC 2023, and the authors' simulator.
 */
import type { GpuAsk, PodShape, PodShapes } from './pod-shape.ts';

export interface TypicalPod {
  shape: PodShape;
  /** Share among the typical pods; they sum to 1. */
  frequency: number;
}

/** Typical pods stand for this share of all pods. */
const COVERED = 0.95;

/** The most frequent shapes that cover 95 % of the pods. Equally frequent shapes: the one seen first. */
export function typicalPods(pods: readonly GpuAsk[], shapes: PodShapes): TypicalPod[] {
  const counts = new Map<PodShape, number>();
  for (const pod of pods) {
    const shape = shapes.of(pod);
    counts.set(shape, (counts.get(shape) ?? 0) + 1);
  }
  const ranked = [...counts].sort(([, a], [, b]) => b - a);
  const typical: typeof ranked = [];
  let covered = 0;
  for (const entry of ranked) {
    if (covered >= COVERED * pods.length) break;
    typical.push(entry);
    covered += entry[1];
  }
  return typical.map(([shape, count]) => ({ shape, frequency: count / covered }));
}

/** F of rows, as they stand and as they would. */
export interface Fragments {
  /** F(n) in milli, as the node stands. */
  of(n: number, cpuLeft: number): number;
  /** F(n) in milli, if `chosen` devices gave `gpuMilli` each and `cpuLeft` remained. */
  after(n: number, cpuLeft: number, chosen: readonly number[], gpuMilli: number): number;
  /** What `choose` says; it looks at nothing but F, the devices of row n, and what the shape asks of them. */
  choice(shape: PodShape, n: number, cpuLeft: number, choose: ChooseByFragment): FragmentChoice;
}

export interface FragmentChoice {
  readonly score: number;
  readonly devices: readonly number[];
}

export type ChooseByFragment = (shape: PodShape, n: number, cpuLeft: number) => FragmentChoice;

/** F by its definition, over the devices of one node. Remembers nothing. */
export class FragmentRule {
  /** Distinct CPU milli that typical pods with GPUs ask for, ascending: between two of them F is the same. */
  readonly cpuSteps: Float64Array;
  /** Typical pods that ask for a GPU, flat. `#level` points into `#levels`, the distinct milli they ask of a device. */
  readonly #frequency: Float64Array;
  readonly #cpuMilli: Float64Array;
  readonly #gpus: Int32Array;
  readonly #level: Int32Array;
  readonly #allowed: (Uint8Array | null)[];
  readonly #levels: Int32Array;
  /** Summed frequency of the CPU-only ones: to them all that is left is fragment. */
  readonly #cpuOnly: number;
  /** Per level: devices with enough left, and milli left on those without. */
  readonly #fitting: Int32Array;
  readonly #tooSmall: Int32Array;

  constructor(typical: readonly TypicalPod[]) {
    const onGpu = typical.filter(({ shape }) => shape.gpus > 0);
    const levels = [...new Set(onGpu.map(({ shape }) => shape.gpuMilli))].sort((a, b) => a - b);
    this.cpuSteps = Float64Array.from(new Set(onGpu.map(({ shape }) => shape.cpuMilli))).sort();
    this.#frequency = Float64Array.from(onGpu, ({ frequency }) => frequency);
    this.#cpuMilli = Float64Array.from(onGpu, ({ shape }) => shape.cpuMilli);
    this.#gpus = Int32Array.from(onGpu, ({ shape }) => shape.gpus);
    this.#level = Int32Array.from(onGpu, ({ shape }) => levels.indexOf(shape.gpuMilli));
    this.#allowed = onGpu.map(({ shape }) => shape.allowed);
    this.#levels = Int32Array.from(levels);
    this.#cpuOnly = typical.reduce((sum, { shape, frequency }) => sum + (shape.gpus > 0 ? 0 : frequency), 0);
    this.#fitting = new Int32Array(levels.length);
    this.#tooSmall = new Int32Array(levels.length);
  }

  /** F in milli. @param left milli per device. */
  of(left: readonly number[], model: number, cpuLeft: number): number {
    const total = this.#countLevels(left);
    if (total === 0) return 0;
    const frequency = this.#frequency;
    const fitting = this.#fitting;
    let fragment = this.#cpuOnly * total;
    for (let t = 0; t < frequency.length; t++) {
      const level = this.#level[t];
      const allowed = this.#allowed[t];
      const runs = this.#cpuMilli[t] <= cpuLeft && (allowed === null || allowed[model] === 1);
      const usable = runs && this.#gpus[t] <= fitting[level];
      fragment += frequency[t] * (usable ? this.#tooSmall[level] : total);
    }
    return fragment;
  }

  /** Returns all that is left. */
  #countLevels(left: readonly number[]): number {
    const levels = this.#levels;
    for (let l = 0; l < levels.length; l++) {
      const milli = levels[l];
      let fitting = 0;
      let tooSmall = 0;
      for (let d = 0; d < left.length; d++) {
        if (left[d] >= milli) fitting++;
        else tooSmall += left[d];
      }
      this.#fitting[l] = fitting;
      this.#tooSmall[l] = tooSmall;
    }
    let total = 0;
    for (let d = 0; d < left.length; d++) total += left[d];
    return total;
  }
}
