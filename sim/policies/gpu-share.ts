/**
 * GpuShare. Filter: an allowed model, and enough devices with enough milli left each. Reserve: the policy's choice of
 * devices is taken; unreserve gives them back.
 */
import { CPU, type PackedPlugin } from '../../core/index.ts';
import type { ChooseDevices } from './device-choice.ts';
import type { GpuDevices } from './gpu-devices.ts';
import { askText, type PodShape, type PodShapes } from './pod-shape.ts';

export const GPU_SHARE = 'GpuShare';

export function gpuShare(devices: GpuDevices, shapes: PodShapes, choose: ChooseDevices): PackedPlugin<PodShape> {
  return {
    name: GPU_SHARE,
    scope: 'local',
    podsOnlyTighten: true,
    classKey: askText,

    preFilter: (pod) => shapes.ofPod(pod.pod, pod.requests[CPU]),

    filter(shape, _pod, _view, from, to, rejectedBy, self) {
      if (shape.gpus > 0) rejectShort(devices, shape, from, to, rejectedBy, self);
    },

    explain(shape, _pod, _view, n) {
      return rightModel(devices, shape, n)
        ? { code: 'Unschedulable', reasons: ['Insufficient GPU milli on a device'] }
        : { code: 'UnschedulableAndUnresolvable', reasons: ["node(s) didn't have an allowed GPU model"] };
    },

    reserve(shape, pod, { cluster: { columns } }, n) {
      const cpuLeft = columns.allocatable[CPU][n] - columns.requested[CPU][n];
      devices.take(pod.key, n, shape, choose(shape, n, cpuLeft));
      return () => devices.release(pod.key);
    },

    unreserve(pod) {
      devices.release(pod.key);
    },
  };
}

/** Does a pod of the shape find its devices on row n? */
export function fitsDevices(devices: GpuDevices, shape: PodShape, n: number): boolean {
  if (shape.gpus === 0) return true;
  if (!rightModel(devices, shape, n)) return false;
  if (shape.gpus === 1) return devices.largest[n] >= shape.gpuMilli;
  const { left, width, count } = devices;
  let fitting = 0;
  for (let i = n * width, to = i + count[n]; i < to; i++) if (left[i] >= shape.gpuMilli) fitting++;
  return fitting >= shape.gpus;
}

function rightModel(devices: GpuDevices, shape: PodShape, n: number): boolean {
  return shape.allowed === null || shape.allowed[devices.model[n]] === 1;
}

function rejectShort(
  devices: GpuDevices,
  shape: PodShape,
  from: number,
  to: number,
  rejectedBy: Uint8Array,
  self: number,
): void {
  for (let n = from; n < to; n++) {
    if (rejectedBy[n] === 0 && !fitsDevices(devices, shape, n)) rejectedBy[n] = self;
  }
}
