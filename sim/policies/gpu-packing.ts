/**
 * GpuPacking: devices in use before free devices of a node in use before an untouched node; and among equals the
 * fuller device, the fewer free devices to open, the node with fewer devices.
 */
import { DEVICE_MILLI } from '../traces/openb.ts';
import type { GpuDevices } from './gpu-devices.ts';
import type { NodeScore } from './node-score.ts';

const UNTOUCHED_NODE = 33;
const FREE_DEVICE = 50;
const USED_DEVICE = 100;

export function gpuPacking(devices: GpuDevices): NodeScore {
  return (shape, n) => {
    if (shape.gpus === 0) return 0;
    const untouched = devices.untouched[n];
    if (untouched === devices.count[n]) return Math.max(UNTOUCHED_NODE - untouched, untouched);

    const from = n * devices.width;
    const fitting = [...devices.left.subarray(from, from + devices.count[n])]
      .filter((left) => left >= shape.gpuMilli)
      .sort((a, b) => a - b)
      .slice(0, shape.gpus);
    const opened = fitting.filter((left) => left === DEVICE_MILLI).length;
    if (opened > 0) return Math.max(FREE_DEVICE - opened, UNTOUCHED_NODE);
    const percentLeft = fitting.reduce((sum, left) => sum + Math.trunc((left * 100) / DEVICE_MILLI), 0);
    return Math.max(USED_DEVICE - Math.trunc(percentLeft / 10), FREE_DEVICE);
  };
}
