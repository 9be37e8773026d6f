/**
 * The oracle of the OpenB runs: the published policies over plain arrays, every node scored afresh for every pod,
 * without scheduler core, packed cluster, or memory of scores and fragments.
 */
import { hashText } from '../../core/random.ts';
import { podKey } from '../../core/scheduler/framework.ts';
import type { Placer } from '../../sim/openb/run.ts';
import type { OpenbWorld } from '../../sim/openb/world.ts';
import { typicalPods } from '../../sim/policies/frag.ts';
import { fitsDevices } from '../../sim/policies/gpu-share.ts';
import { makePolicy } from '../../sim/policies/registry.ts';
import type { OpenbTrace } from '../../sim/traces/openb.ts';
import { plainFragments } from './plain-fragments.ts';

export function oraclePlacer(trace: OpenbTrace): (world: OpenbWorld) => Placer {
  return ({ nodes, devices, shapes, policy: { name }, seed }) => {
    const frag = plainFragments(devices, typicalPods(trace.pods, shapes));
    const policy = makePolicy(name, { devices, shapes, frag }, seed);
    const cpu = trace.nodes.map(({ cpuMilli }) => cpuMilli);
    const memory = trace.nodes.map(({ memoryMib }) => memoryMib);
    const rank = nodes.map(({ metadata }) => hashText(seed, metadata.name));
    return {
      cpuLeft: (n) => cpu[n],
      place(pod, { row }) {
        const shape = shapes.of(row);
        const feasible: number[] = [];
        for (let n = 0; n < nodes.length; n++) {
          if (cpu[n] >= row.cpuMilli && memory[n] >= row.memoryMib && fitsDevices(devices, shape, n)) feasible.push(n);
        }
        if (feasible.length === 0) return undefined;
        let best = feasible[0];
        if (feasible.length > 1 && !policy.scoreOf) best = feasible[policy.random.below(feasible.length)];
        if (feasible.length > 1 && policy.scoreOf) {
          let most = Number.NEGATIVE_INFINITY;
          for (const n of feasible) {
            const score = policy.scoreOf(shape, n, cpu[n]);
            if (score > most || (score === most && rank[n] < rank[best])) {
              most = score;
              best = n;
            }
          }
        }
        devices.take(podKey(pod), best, shape, policy.choose(shape, best, cpu[best]));
        cpu[best] -= row.cpuMilli;
        memory[best] -= row.memoryMib;
        return best;
      },
    };
  };
}
