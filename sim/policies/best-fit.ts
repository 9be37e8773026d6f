/** BestFit: the node that has least CPU and GPU left once the pod is placed, each against the largest node's. */
import type { GpuDevices } from './gpu-devices.ts';
import { MAX_CPU_MILLI, MAX_GPU_MILLI, type NodeScore } from './node-score.ts';

export function bestFit(devices: GpuDevices): NodeScore {
  return (shape, n, cpuLeft) => {
    const cpu = (cpuLeft - shape.cpuMilli) / MAX_CPU_MILLI;
    const gpu = (devices.leftTotal[n] - shape.gpuTotal) / MAX_GPU_MILLI;
    return Math.trunc(100 * (1 - (0.5 * cpu + 0.5 * gpu)));
  };
}
