/** One policy, one seed: pods arrive one by one, each gets one try, and the curves are taken after every arrival. */
import { createHash } from 'node:crypto';
import { type Pod, podKey } from '../../core/index.ts';
import { StepChecker } from '../checkers/step-checker.ts';
import type { PolicyName } from '../policies/registry.ts';
import { GPU_INDEX, type OpenbTrace } from '../traces/openb.ts';
import { type Arrival, arrivals, gpuMilliOf } from './arrivals.ts';
import { Curves, type Series } from './metrics.ts';
import { prepare } from './prepared-trace.ts';
import { makeWorld, type OpenbWorld } from './world.ts';

export interface OpenbRun {
  policy: PolicyName;
  seed: number;
  /** SHA-256 of the decision log. */
  hash: string;
  arrived: number;
  scheduled: number;
  series: Series;
  /** One line per arrival: 'POD NODE DEVICES', 'POD NODE' for one without GPUs, 'POD -'. Only when asked for. */
  log?: string[];
  label?: string;
}

/** Places one pod at a time. */
export interface Placer {
  /** Row of the chosen node, on which the pod counts now; undefined when it fits nowhere. */
  place(pod: Pod, arrival: Arrival): number | undefined;
  /** Milli that the pods placed so far leave on row n. */
  cpuLeft(n: number): number;
}

export interface RunOptions {
  log?: boolean;
  /** Runs every checker after every step; a problem is a bug and stops the run. */
  check?: boolean;
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
  const prepared = prepare(trace);
  const world = makeWorld(prepared, policy, seed);
  const placer = makePlacer(world);
  const fragment = new ClusterFragment(world, placer);
  const curves = new Curves(world.devices.totalMilli, fragment.milli);
  const checker = options.check ? new StepChecker(world.nodes) : undefined;
  const log = new DecisionLog(options.log);
  const queue = arrivals(prepared.pods, world.devices.totalMilli, seed);
  let arrivedMilli = 0;
  let allocatedMilli = 0;
  let scheduled = 0;

  for (const arrival of queue) {
    const pod = prepared.maker.pod(arrival.row, arrival.name);
    checker?.came(pod);
    const n = placer.place(pod, arrival);
    const milli = gpuMilliOf(arrival.row);
    arrivedMilli += milli;
    if (n !== undefined) {
      checker?.bound(boundTo(world, pod, n));
      scheduled++;
      allocatedMilli += milli;
      fragment.changed(n);
    }
    curves.observe(arrivedMilli, allocatedMilli, fragment.milli);
    log.add(inWords(world, pod, n));
  }
  const run: OpenbRun = {
    policy,
    seed,
    hash: log.digest(),
    arrived: queue.length,
    scheduled,
    series: curves.series(),
  };
  if (log.lines) run.log = log.lines;
  if (options.label !== undefined) run.label = options.label;
  return run;
}

/** Many lines are hashed at once. */
const HASHED_CHARS = 65_536;

class DecisionLog {
  readonly lines: string[] | undefined;
  readonly #hash = createHash('sha256');
  #unhashed = '';

  /** @param keep the lines, too. */
  constructor(keep = false) {
    this.lines = keep ? [] : undefined;
  }

  add(line: string): void {
    this.lines?.push(line);
    this.#unhashed += `${line}\n`;
    if (this.#unhashed.length >= HASHED_CHARS) this.#hashAll();
  }

  /** Of all lines, each with its end; none may follow. */
  digest(): string {
    this.#hashAll();
    return this.#hash.digest('hex');
  }

  #hashAll(): void {
    this.#hash.update(this.#unhashed);
    this.#unhashed = '';
  }
}

/** Sum of F over the nodes, kept by the nodes that change. */
class ClusterFragment {
  readonly #world: OpenbWorld;
  readonly #placer: Placer;
  readonly #of: Float64Array;
  milli = 0;

  constructor(world: OpenbWorld, placer: Placer) {
    this.#world = world;
    this.#placer = placer;
    this.#of = new Float64Array(world.nodes.length);
    for (let n = 0; n < this.#of.length; n++) this.changed(n);
  }

  changed(n: number): void {
    this.milli -= this.#of[n];
    this.#of[n] = this.#world.frag.of(n, this.#placer.cpuLeft(n));
    this.milli += this.#of[n];
  }
}

/** As it would stand in an API: with its node, and the devices it holds. */
function boundTo({ nodes, devices }: OpenbWorld, pod: Pod, n: number): Pod {
  const held = devices.holding(podKey(pod))?.devices ?? [];
  const annotations = { ...pod.metadata.annotations };
  if (held.length > 0) annotations[GPU_INDEX] = held.join('-');
  const spec = { ...pod.spec, nodeName: nodes[n].metadata.name };
  return { ...pod, metadata: { ...pod.metadata, annotations }, spec };
}

function inWords({ nodes, devices }: OpenbWorld, pod: Pod, n: number | undefined): string {
  const { name } = pod.metadata;
  if (n === undefined) return `${name} -`;
  const held = devices.holding(podKey(pod))?.devices ?? [];
  return [name, nodes[n].metadata.name, ...(held.length > 0 ? [held.join(',')] : [])].join(' ');
}
