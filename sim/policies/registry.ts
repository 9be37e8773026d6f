/** The published policies by name, as the authors spell them; and Default, kube-scheduler's own default profile. */
import { assert, hashText, type PackedPlugin, Random } from '../../core/index.ts';
import { bestFit } from './best-fit.ts';
import { anyDevice, type ChooseDevices, tightest } from './device-choice.ts';
import { dotProduct } from './dot-product.ts';
import { fgd, fgdDevices } from './fgd.ts';
import type { Fragments } from './frag.ts';
import { gpuClustering } from './gpu-clustering.ts';
import type { GpuDevices } from './gpu-devices.ts';
import { gpuPacking } from './gpu-packing.ts';
import { minMax, type NodeScore, scorePlugin } from './node-score.ts';
import type { PodShapes } from './pod-shape.ts';
import { randomNode } from './random.ts';

export const PUBLISHED_POLICIES = ['Random', 'DotProd', 'GpuClustering', 'GpuPacking', 'BestFit', 'FGD'] as const;
export const POLICIES = [...PUBLISHED_POLICIES, 'Default'] as const;
export type PolicyName = (typeof POLICIES)[number];

/** What policies read and, through GpuShare, change. */
export interface GpuWorld {
  devices: GpuDevices;
  shapes: PodShapes;
  frag: Fragments;
}

export interface Policy {
  name: PolicyName;
  /** Absent for Random, which draws, and Default, which has kube-scheduler's own scores. */
  scoreOf?: NodeScore;
  normalize?: (scores: Float64Array) => void;
  choose: ChooseDevices;
  /** What Random draws nodes and devices from. */
  random: Random;
}

export function makePolicy(name: PolicyName, { devices, frag }: GpuWorld, seed: number): Policy {
  const random = new Random(hashText(seed, name)); // Not the stream of the arrivals.
  const choose = tightest(devices);
  switch (name) {
    case 'Random':
      return { name, random, choose: anyDevice(devices, random) };
    case 'DotProd':
      return { name, random, choose, scoreOf: dotProduct(devices) };
    case 'GpuClustering':
      return { name, random, choose, scoreOf: gpuClustering(devices) };
    case 'GpuPacking':
      return { name, random, choose, scoreOf: gpuPacking(devices) };
    case 'BestFit':
      return { name, random, choose, scoreOf: bestFit(devices), normalize: minMax };
    case 'FGD':
      return { name, random, choose: fgdDevices(devices, frag), scoreOf: fgd(devices, frag) };
    case 'Default':
      return { name, random, choose };
  }
}

/** The plugin that scores for the policy; Default has none of its own. */
export function policyPlugin(policy: Policy, { shapes }: GpuWorld): PackedPlugin {
  if (policy.name === 'Random') return randomNode(policy.name, policy.random);
  assert(policy.scoreOf, `${policy.name} has no score`);
  return scorePlugin(policy.name, shapes, policy.scoreOf, policy.normalize);
}

/** The policy with that name in any case, or undefined. */
export function policyNamed(text: string): PolicyName | undefined {
  return POLICIES.find((name) => name.toLowerCase() === text.trim().toLowerCase());
}
