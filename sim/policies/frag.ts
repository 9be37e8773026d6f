/**
 * Fragmentation: how much of a node's idle GPU milli the typical pods of a workload cannot use, in expectation.
 * Source: Weng et al., "Beware of Fragmentation", USENIX ATC 2023, and the authors' simulator.
 */
import type { GpuDevices } from './gpu-devices.ts';
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

/** F of single nodes, remembered until the node changes. */
export class Fragmentation {
  readonly #devices: GpuDevices;
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
  readonly #known: Float64Array;
  readonly #knownCpu: Float64Array;
  readonly #knownVersion: Int32Array;

  constructor(devices: GpuDevices, typical: readonly TypicalPod[]) {
    const onGpu = typical.filter(({ shape }) => shape.gpus > 0);
    const levels = [...new Set(onGpu.map(({ shape }) => shape.gpuMilli))].sort((a, b) => a - b);
    this.#devices = devices;
    this.#frequency = Float64Array.from(onGpu, ({ frequency }) => frequency);
    this.#cpuMilli = Float64Array.from(onGpu, ({ shape }) => shape.cpuMilli);
    this.#gpus = Int32Array.from(onGpu, ({ shape }) => shape.gpus);
    this.#level = Int32Array.from(onGpu, ({ shape }) => levels.indexOf(shape.gpuMilli));
    this.#allowed = onGpu.map(({ shape }) => shape.allowed);
    this.#levels = Int32Array.from(levels);
    this.#cpuOnly = typical.reduce((sum, { shape, frequency }) => sum + (shape.gpus > 0 ? 0 : frequency), 0);
    this.#fitting = new Int32Array(levels.length);
    this.#tooSmall = new Int32Array(levels.length);
    this.#known = new Float64Array(devices.rows);
    this.#knownCpu = new Float64Array(devices.rows).fill(-1);
    this.#knownVersion = new Int32Array(devices.rows);
  }

  /** F(n) in milli, as the node stands. */
  of(n: number, cpuLeft: number): number {
    const version = this.#devices.version[n];
    if (this.#knownCpu[n] !== cpuLeft || this.#knownVersion[n] !== version) {
      this.#known[n] = this.#count(n, cpuLeft);
      this.#knownCpu[n] = cpuLeft;
      this.#knownVersion[n] = version;
    }
    return this.#known[n];
  }

  /** F(n) in milli, if `chosen` devices gave `gpuMilli` each and `cpuLeft` remained. */
  after(n: number, cpuLeft: number, chosen: readonly number[], gpuMilli: number): number {
    const { left, leftTotal, width } = this.#devices;
    for (const d of chosen) left[n * width + d] -= gpuMilli;
    leftTotal[n] -= chosen.length * gpuMilli;
    const fragment = this.#count(n, cpuLeft);
    for (const d of chosen) left[n * width + d] += gpuMilli;
    leftTotal[n] += chosen.length * gpuMilli;
    return fragment;
  }

  #count(n: number, cpuLeft: number): number {
    const total = this.#devices.leftTotal[n];
    if (total === 0) return 0;
    this.#countLevels(n);
    const model = this.#devices.model[n];
    const frequency = this.#frequency;
    const cpuMilli = this.#cpuMilli;
    const gpus = this.#gpus;
    const levels = this.#level;
    const fitting = this.#fitting;
    const tooSmall = this.#tooSmall;
    const models = this.#allowed;
    let fragment = this.#cpuOnly * total;
    for (let t = 0; t < frequency.length; t++) {
      const level = levels[t];
      const allowed = models[t];
      const usable = cpuMilli[t] <= cpuLeft && gpus[t] <= fitting[level] && (allowed === null || allowed[model] === 1);
      fragment += frequency[t] * (usable ? tooSmall[level] : total);
    }
    return fragment;
  }

  #countLevels(n: number): void {
    const { left, count, width } = this.#devices;
    const levels = this.#levels;
    const from = n * width;
    const to = from + count[n];
    for (let l = 0; l < levels.length; l++) {
      const milli = levels[l];
      let fitting = 0;
      let tooSmall = 0;
      for (let i = from; i < to; i++) {
        if (left[i] >= milli) fitting++;
        else tooSmall += left[i];
      }
      this.#fitting[l] = fitting;
      this.#tooSmall[l] = tooSmall;
    }
  }
}
