/** One policy, one seed: pods arrive one by one, each gets one try, and the curves are taken after every arrival. */
import { createHash } from 'node:crypto';
import { podKey } from '../../core/index.ts';
import type { PolicyName } from '../policies/registry.ts';
import { type OpenbTrace, toPod } from '../traces/openb.ts';
import { type Arrival, arrivals, gpuMilliOf } from './arrivals.ts';
import { Curves, type Series } from './metrics.ts';
import { makeWorld, type OpenbWorld } from './world.ts';

export interface OpenbRun {
  policy: PolicyName;
  seed: number;
  /** SHA-256 of the decision log. */
  hash: string;
  arrived: number;
  scheduled: number;
  series: Series;
  /** One line per arrival: 'POD NODE DEVICES' or 'POD -'. Only when asked for. */
  log?: string[];
  label?: string;
}

/** Places one pod at a time. Row of the chosen node and CPU milli left there afterwards; row -1 when none fits. */
export interface Placer {
  place(pod: ReturnType<typeof toPod>, arrival: Arrival): number;
  cpuLeft(n: number): number;
}

export interface RunOptions {
  log?: boolean;
  /** Comes back with the run: tells runs of several traces apart. */
  label?: string;
}

export function runExperiment(
  trace: OpenbTrace,
  policy: PolicyName,
  seed: number,
  makePlacer: (world: OpenbWorld) => Placer,
  options: RunOptions = {},
): OpenbRun {
  const world = makeWorld(trace, policy, seed);
  const placer = makePlacer(world);
  const { devices, frag } = world;
  const fragOf = Float64Array.from(world.nodes, (_, n) => frag.of(n, placer.cpuLeft(n)));
  let fragSum = fragOf.reduce((sum, milli) => sum + milli, 0);
  const curves = new Curves(devices.totalMilli, fragSum);
  const hash = createHash('sha256');
  const log: string[] | undefined = options.log ? [] : undefined;
  const queue = arrivals(trace.pods, devices.totalMilli, seed);
  let arrivedMilli = 0;
  let allocatedMilli = 0;
  let scheduled = 0;

  for (const arrival of queue) {
    const milli = gpuMilliOf(arrival.row);
    const pod = toPod(arrival.row, arrival.name);
    const n = placer.place(pod, arrival);
    arrivedMilli += milli;
    let line = `${arrival.name} -`;
    if (n >= 0) {
      scheduled++;
      allocatedMilli += milli;
      fragSum -= fragOf[n];
      fragOf[n] = frag.of(n, placer.cpuLeft(n));
      fragSum += fragOf[n];
      line = `${arrival.name} ${world.nodes[n].metadata.name} ${devices.holding(podKey(pod))?.devices.join(',')}`;
    }
    curves.observe(arrivedMilli, allocatedMilli, fragSum);
    hash.update(line + '\n');
    log?.push(line);
  }
  return {
    policy,
    seed,
    hash: hash.digest('hex'),
    arrived: queue.length,
    scheduled,
    series: curves.series(),
    ...(log ? { log } : {}),
    ...(options.label === undefined ? {} : { label: options.label }),
  };
}
