/** Small GPU clusters for the tests of policies: node i is row i, and devices start with the milli given. */
import { GpuDevices } from '../../sim/policies/gpu-devices.ts';
import { type GpuAsk, type PodShape, PodShapes } from '../../sim/policies/pod-shape.ts';
import { toNode } from '../../sim/traces/openb.ts';

export interface GpuNode {
  /** Milli left per device. */
  left: number[];
  model?: string;
}

export interface GpuCluster {
  devices: GpuDevices;
  shapes: PodShapes;
  shape(ask: Partial<GpuAsk>): PodShape;
}

export function gpuCluster(nodes: readonly GpuNode[]): GpuCluster {
  const devices = new GpuDevices(
    nodes.map(({ left, model = 'G2' }, i) =>
      toNode({ name: `n-${i}`, cpuMilli: 64_000, memoryMib: 1024, gpus: left.length, model }),
    ),
  );
  const shapes = new PodShapes(devices.modelNames);
  const shape = (ask: Partial<GpuAsk>): PodShape => {
    const gpuMilli = ask.gpuMilli ?? 1000;
    return shapes.of({ cpuMilli: 0, gpus: 0, models: [], ...ask, gpuMilli: ask.gpus ? gpuMilli : 0 });
  };
  nodes.forEach(({ left }, n) => {
    left.forEach((milli, d) => {
      if (milli < 1000) devices.take(`filler-${n}-${d}`, n, shape({ gpus: 1, gpuMilli: 1000 - milli }), [d]);
    });
  });
  return { devices, shapes, shape };
}
