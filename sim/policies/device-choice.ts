/** Which devices of the chosen node a pod gets. The pod fits: the filter has seen to it. */
import type { Random } from '../../core/index.ts';
import { DEVICE_MILLI } from '../traces/openb.ts';
import type { GpuDevices } from './gpu-devices.ts';
import type { PodShape } from './pod-shape.ts';

/** Device numbers on row n, ascending. */
export type ChooseDevices = (shape: PodShape, n: number, cpuLeft: number) => readonly number[];

/** A shared pod takes the tightest fitting device; whole devices are the lowest-numbered that fit. */
export function tightest(devices: GpuDevices): ChooseDevices {
  return (shape, n) => (shape.shared ? [tightestDevice(devices, shape, n)] : lowestDevices(devices, shape, n));
}

/** A shared pod takes any fitting device, uniformly. */
export function anyDevice(devices: GpuDevices, random: Random): ChooseDevices {
  return (shape, n) => {
    if (!shape.shared) return lowestDevices(devices, shape, n);
    const fitting = lowestDevices(devices, { gpus: devices.width, gpuMilli: shape.gpuMilli }, n);
    return [fitting[random.below(fitting.length)]];
  };
}

/** The first `gpus` devices with enough left, or as many as there are. */
export function lowestDevices(devices: GpuDevices, ask: { gpus: number; gpuMilli: number }, n: number): number[] {
  const chosen: number[] = [];
  const from = n * devices.width;
  for (let d = 0; d < devices.count[n] && chosen.length < ask.gpus; d++) {
    if (devices.left[from + d] >= ask.gpuMilli) chosen.push(d);
  }
  return chosen;
}

function tightestDevice(devices: GpuDevices, { gpuMilli }: PodShape, n: number): number {
  const from = n * devices.width;
  let best = -1;
  let least = DEVICE_MILLI + 1;
  for (let d = 0; d < devices.count[n]; d++) {
    const left = devices.left[from + d];
    if (left >= gpuMilli && left < least) {
      least = left;
      best = d;
    }
  }
  return best;
}
