/**
 * FGD, fragmentation gradient descent: the node and device where the pod adds the least fragment. One point near zero
 * change is 40 milli of fragment.
 */
import { type ChooseDevices, lowestDevices } from './device-choice.ts';
import type { ChooseByFragment, FragmentChoice, Fragments } from './frag.ts';
import type { GpuDevices } from './gpu-devices.ts';
import type { NodeScore } from './node-score.ts';
import type { PodShape } from './pod-shape.ts';

export function fgd(devices: GpuDevices, frag: Fragments): NodeScore {
  const choose = chooser(devices, frag);
  return (shape, n, cpuLeft) => frag.choice(shape, n, cpuLeft, choose).score;
}

/** A shared pod takes the device that earned the score, the first of equals. */
export function fgdDevices(devices: GpuDevices, frag: Fragments): ChooseDevices {
  const choose = chooser(devices, frag);
  return (shape, n, cpuLeft) => frag.choice(shape, n, cpuLeft, choose).devices;
}

function chooser(devices: GpuDevices, frag: Fragments): ChooseByFragment {
  return (shape, n, cpuLeft) => best(devices, frag, shape, n, cpuLeft);
}

/** The device under trial, in an array that is never handed out. */
const ONE = [0];

function best(devices: GpuDevices, frag: Fragments, shape: PodShape, n: number, cpuLeft: number): FragmentChoice {
  const before = frag.of(n, cpuLeft);
  const cpuAfter = cpuLeft - shape.cpuMilli;
  if (!shape.shared) {
    const chosen = lowestDevices(devices, shape, n);
    return { score: gradientScore(before - frag.after(n, cpuAfter, chosen, shape.gpuMilli)), devices: chosen };
  }
  let score = -1;
  let device = -1;
  const from = n * devices.width;
  for (let d = 0; d < devices.count[n]; d++) {
    const left = devices.left[from + d];
    if (left < shape.gpuMilli || leftBefore(devices.left, from, d, left)) continue;
    ONE[0] = d;
    const candidate = gradientScore(before - frag.after(n, cpuAfter, ONE, shape.gpuMilli));
    if (candidate <= score) continue;
    score = candidate;
    device = d;
  }
  return { score, devices: [device] };
}

/** 0 to 100 for the fragment a placement removes, in milli; 50 where it changes nothing. */
export function gradientScore(removedMilli: number): number {
  return Math.trunc(100 / (1 + Math.exp(-removedMilli / 1000)));
}

/** A lower-numbered device has exactly as much left: it would earn the same, and comes first. */
function leftBefore(all: Int32Array, from: number, d: number, left: number): boolean {
  for (let i = from; i < from + d; i++) if (all[i] === left) return true;
  return false;
}
