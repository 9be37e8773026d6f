/**
 * The placer of every product run: the scheduler core itself, ScheduleOne over the engine, with a profile of
 * NodeResourcesFit, GpuShare and one policy's score; or the default profile with GpuShare. Equal totals go to the first
 * in the node order that the seed draws.
 */
import {
  assert,
  CPU,
  defaultArgs,
  defaultProfile,
  EngineDecider,
  Listers,
  Nominator,
  type PackedPlugin,
  type Profile,
  ScanDecider,
  ScheduleOne,
} from '../../core/index.ts';
import { GPU_SHARE, gpuShare } from '../policies/gpu-share.ts';
import { type PolicyName, policyPlugin } from '../policies/registry.ts';
import type { Placer } from './run.ts';
import type { OpenbWorld } from './world.ts';

/** Also hands out the decider, for those who ask why. */
export interface CorePlacer extends Placer {
  readonly decider: EngineDecider | ScanDecider;
}

export function corePlacer(world: OpenbWorld): CorePlacer {
  return placerOver('engine', world);
}

/** @param kind 'scan' asks every node about every pod: the same answers, slowly. */
export function placerOver(kind: 'engine' | 'scan', world: OpenbWorld): CorePlacer {
  const { devices, shapes, policy, nodes, seed } = world;
  const profiles = [profileFor(policy.name)];
  const plugins: PackedPlugin[] = [gpuShare(devices, shapes, policy.choose)];
  if (policy.name !== 'Default') plugins.push(policyPlugin(policy, world));
  const listers = new Listers();
  const nominated = new Nominator();
  // A shape's first pod is not its last one: there are some 150 of them for ten thousand pods.
  const limits = { buildFrom: 1 } as const;
  const options = { listers, profiles, nominated, plugins, limits };
  const decider = kind === 'engine' ? new EngineDecider(options) : new ScanDecider(options);
  nodes.forEach((node, n) => {
    decider.addNode(node);
    assert(decider.cluster.rowOf(node.metadata.name) === n, `node ${node.metadata.name} is not in row ${n}`);
  });
  const scheduler = new ScheduleOne({ decider, profiles, listers, nominated, tieRule: 'order', seed, sayWhy: false });
  return {
    decider,

    place(pod) {
      const { result, host, error } = scheduler.schedule(pod);
      assert(result !== 'error', `the cycle of pod ${pod.metadata.name} failed: ${error?.message}`);
      if (host === undefined) return undefined;
      decider.assume(pod, host);
      return decider.cluster.rowOf(host);
    },

    cpuLeft(n) {
      const { allocatable, requested } = decider.cluster.columns;
      return allocatable[CPU][n] - requested[CPU][n];
    },
  };
}

/** PostFilter is left out: no pod outranks another. */
export function profileFor(policy: PolicyName): Profile {
  const profile = defaultProfile();
  if (policy === 'Default') {
    return {
      ...profile,
      preFilter: [...profile.preFilter, GPU_SHARE],
      filter: [...profile.filter, GPU_SHARE],
      postFilter: [],
      reserve: [...profile.reserve, GPU_SHARE],
    };
  }
  const filters = ['NodeResourcesFit', GPU_SHARE];
  return {
    schedulerName: profile.schedulerName,
    percentageOfNodesToScore: 100,
    preEnqueue: [],
    preFilter: filters,
    filter: filters,
    postFilter: [],
    preScore: [policy],
    score: [{ name: policy, weight: 1 }],
    reserve: [GPU_SHARE],
    args: defaultArgs(),
  };
}
