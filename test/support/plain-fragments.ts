/** F of rows by its definition, computed anew each time it is asked. */
import { FragmentRule, type Fragments, type TypicalPod } from '../../sim/policies/frag.ts';
import type { GpuDevices } from '../../sim/policies/gpu-devices.ts';

export function plainFragments(devices: GpuDevices, typical: readonly TypicalPod[]): Fragments {
  const rule = new FragmentRule(typical);
  const { left, width, count, model } = devices;
  const leftOn = (n: number): number[] => [...left.subarray(n * width, n * width + count[n])];
  return {
    of: (n, cpuLeft) => rule.of(leftOn(n), model[n], cpuLeft),
    after(n, cpuLeft, chosen, gpuMilli) {
      const after = leftOn(n).map((milli, d) => (chosen.includes(d) ? milli - gpuMilli : milli));
      return rule.of(after, model[n], cpuLeft);
    },
    choice: (shape, n, cpuLeft, choose) => choose(shape, n, cpuLeft),
  };
}
