/** One experiment's state beside the scheduler: nodes, devices, shapes, fragmentation, policy. */
import type { Node } from '../../core/index.ts';
import { Fragmentation } from '../policies/fragmentation.ts';
import { GpuDevices } from '../policies/gpu-devices.ts';
import { type GpuWorld, makePolicy, type Policy, type PolicyName } from '../policies/registry.ts';
import type { PreparedTrace } from './prepared-trace.ts';

export interface OpenbWorld extends GpuWorld {
  /** In the order of the trace; node i is row i of the devices and of the packed cluster. */
  nodes: readonly Node[];
  policy: Policy;
  seed: number;
}

export function makeWorld({ nodes, shapes, standings }: PreparedTrace, policy: PolicyName, seed: number): OpenbWorld {
  const devices = new GpuDevices(nodes);
  const world = { devices, shapes, frag: new Fragmentation(devices, standings) };
  return { ...world, nodes, seed, policy: makePolicy(policy, world, seed) };
}
