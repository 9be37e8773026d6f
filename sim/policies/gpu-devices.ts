/**
 * The devices of every node as columns beside the packed cluster: row n here is row n there. Written only by take and
 * release, which the GpuShare plugin calls when a pod is reserved and unreserved.
 */
import { assert, type Node } from '../../core/index.ts';
import { DEVICE_MILLI, GPU_COUNT, GPU_MODEL } from '../traces/openb.ts';
import { KIND_WHOLE, type PodShape } from './pod-shape.ts';

export interface Holding {
  n: number;
  shape: PodShape;
  /** Device numbers on the node, ascending. Empty for a CPU-only pod. */
  devices: readonly number[];
}

/** Model names by model id. */
export function modelNamesOf(nodes: readonly Node[]): string[] {
  return [...new Set(nodes.map(modelOf))];
}

function modelOf({ metadata: { labels } }: Node): string {
  return labels?.[GPU_MODEL] ?? '';
}

export class GpuDevices {
  readonly rows: number;
  /** Devices a row has room for. */
  readonly width: number;
  /** Kinds of pods a row counts. */
  readonly kinds: number;
  /** All milli of all devices. */
  readonly totalMilli: number;
  /** By model id. */
  readonly modelNames: readonly string[];
  /** Devices of row n. */
  readonly count: Int32Array;
  readonly model: Int32Array;
  /** [n × width + device] milli left. */
  readonly left: Int32Array;
  /** Sum and maximum of `left` over the devices of row n, and how many of them are untouched. */
  readonly leftTotal: Int32Array;
  readonly largest: Int32Array;
  readonly untouched: Int32Array;
  /** [n × kinds + kind] pods held. */
  readonly pods: Int32Array;
  /** Grows with every change of row n. */
  readonly version: Int32Array;
  readonly #holdings = new Map<string, Holding>();

  /** @param nodes by row. */
  constructor(nodes: readonly Node[]) {
    const counts = nodes.map((node) => Number(node.status?.allocatable?.[GPU_COUNT] ?? 0));
    const models = nodes.map(modelOf);
    this.rows = nodes.length;
    this.width = Math.max(1, ...counts);
    this.kinds = KIND_WHOLE + this.width;
    this.modelNames = modelNamesOf(nodes);
    this.count = Int32Array.from(counts);
    this.model = Int32Array.from(models, (name) => this.modelNames.indexOf(name));
    this.left = new Int32Array(this.rows * this.width);
    for (let n = 0; n < this.rows; n++) this.left.fill(DEVICE_MILLI, n * this.width, n * this.width + counts[n]);
    this.leftTotal = this.count.map((count) => count * DEVICE_MILLI);
    this.largest = this.count.map((count) => (count > 0 ? DEVICE_MILLI : 0));
    this.untouched = this.count.slice();
    this.pods = new Int32Array(this.rows * this.kinds);
    this.version = new Int32Array(this.rows);
    this.totalMilli = this.leftTotal.reduce((sum, milli) => sum + milli, 0);
  }

  /** @param key identity of the pod. */
  take(key: string, n: number, shape: PodShape, devices: readonly number[]): void {
    assert(!this.#holdings.has(key), () => `pod ${key} holds devices already`);
    assert(devices.length === shape.gpus, () => `pod ${key} asks for ${shape.gpus} devices, not ${devices.length}`);
    this.#holdings.set(key, { n, shape, devices });
    if (shape.gpus > 0) this.#move(n, shape, devices, -shape.gpuMilli);
  }

  release(key: string): void {
    const holding = this.#holdings.get(key);
    if (!holding) return;
    this.#holdings.delete(key);
    if (holding.shape.gpus > 0) this.#move(holding.n, holding.shape, holding.devices, holding.shape.gpuMilli);
  }

  holding(key: string): Holding | undefined {
    return this.#holdings.get(key);
  }

  #move(n: number, shape: PodShape, devices: readonly number[], milli: number): void {
    const from = n * this.width;
    for (const d of devices) {
      this.left[from + d] += milli;
      const left = this.left[from + d];
      assert(left >= 0 && left <= DEVICE_MILLI, () => `device ${d} of row ${n} has ${left} milli left`);
    }
    this.pods[n * this.kinds + shape.kind] += milli < 0 ? 1 : -1;
    this.#summarize(n);
    this.version[n]++;
  }

  #summarize(n: number): void {
    let total = 0;
    let largest = 0;
    let untouched = 0;
    for (let i = n * this.width, to = i + this.count[n]; i < to; i++) {
      const left = this.left[i];
      total += left;
      if (left > largest) largest = left;
      if (left === DEVICE_MILLI) untouched++;
    }
    this.leftTotal[n] = total;
    this.largest[n] = largest;
    this.untouched[n] = untouched;
  }
}
