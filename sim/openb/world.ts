/** One experiment's state beside the scheduler: nodes, devices, shapes, fragmentation, policy. */
import type { Node } from '../../core/index.ts';
import { Fragmentation, typicalPods } from '../policies/frag.ts';
import { GpuDevices } from '../policies/gpu-devices.ts';
import { PodShapes } from '../policies/pod-shape.ts';
import { type GpuWorld, makePolicy, type Policy, type PolicyName } from '../policies/registry.ts';
import { type OpenbTrace, toNode } from '../traces/openb.ts';

export interface OpenbWorld extends GpuWorld {
  /** In the order of the trace; node i is row i of the devices and of the packed cluster. */
  nodes: readonly Node[];
  policy: Policy;
  seed: number;
}

export function makeWorld(trace: OpenbTrace, policy: PolicyName, seed: number): OpenbWorld {
  const nodes = trace.nodes.map(toNode);
  const devices = new GpuDevices(nodes);
  const shapes = new PodShapes(devices.modelNames);
  const frag = new Fragmentation(devices, typicalPods(trace.pods, shapes));
  const world = { devices, shapes, frag };
  return { ...world, nodes, seed, policy: makePolicy(policy, world, seed) };
}
