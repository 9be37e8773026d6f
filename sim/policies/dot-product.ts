/** DotProd: the node whose vector of CPU and GPU left has the smallest product with what the pod asks. */
import type { GpuDevices } from './gpu-devices.ts';
import { MAX_CPU_MILLI, MAX_GPU_MILLI, type NodeScore } from './node-score.ts';

export function dotProduct(devices: GpuDevices): NodeScore {
  return (shape, n, cpuLeft) => {
    const cpu = (cpuLeft / MAX_CPU_MILLI) * (shape.cpuMilli / MAX_CPU_MILLI);
    const gpu = (devices.leftTotal[n] / MAX_GPU_MILLI) * (shape.gpuTotal / MAX_GPU_MILLI);
    return Math.trunc(100 * (1 - (cpu + gpu) / 2));
  };
}
