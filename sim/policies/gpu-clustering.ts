/** GpuClustering: keeps pods of one kind (a share, one device, two devices, ...) together; the fuller node first. */
import type { GpuDevices } from './gpu-devices.ts';
import { MAX_GPU_MILLI, type NodeScore } from './node-score.ts';
import { KIND_NONE } from './pod-shape.ts';

const ONLY_THIS_KIND = 75;
const THIS_KIND_AMONG_OTHERS = 50;
const NO_GPU_POD = 25;

export function gpuClustering(devices: GpuDevices): NodeScore {
  return (shape, n) => {
    if (shape.kind === KIND_NONE) return 0;
    const fullness = Math.trunc((25 * (MAX_GPU_MILLI - devices.leftTotal[n])) / MAX_GPU_MILLI);
    let kindsHeld = 0;
    for (let kind = KIND_NONE + 1; kind < devices.kinds; kind++) {
      if (devices.pods[n * devices.kinds + kind] > 0) kindsHeld++;
    }
    if (kindsHeld === 0) return fullness + NO_GPU_POD;
    if (devices.pods[n * devices.kinds + shape.kind] === 0) return fullness;
    return fullness + (kindsHeld === 1 ? ONLY_THIS_KIND : THIS_KIND_AMONG_OTHERS);
  };
}
