/**
 * Watches a run for the first pod that fits nowhere and asks the core why, while the cluster is as it was: the failure
 * text, how many nodes each plugin refused, and a few nodes with what is left on them. The first pod that asks for a
 * share of one GPU is preferred: it tells more than one that is nearly as large as a node.
 */
import { type Cycle, diagnose, failureText, type Pod } from '../../core/index.ts';
import type { ExplainedPod } from '../report/report.ts';
import { DEVICE_MILLI } from '../traces/openb.ts';
import { type Arrival, gpuMilliOf } from './arrivals.ts';
import { type CorePlacer, corePlacer } from './core-placer.ts';
import type { Placer } from './run.ts';
import type { OpenbWorld } from './world.ts';

const SAMPLED = 8;
/** Of each kind of verdict at most so many are sampled. */
const SAMPLED_ALIKE = 3;

export class FirstRejection {
  explained: ExplainedPod | undefined;
  #shared = false;

  /** Makes the placer that a run needs. */
  readonly makePlacer = (world: OpenbWorld): Placer => {
    const placer = corePlacer(world);
    return {
      place: (pod, arrival) => {
        const n = placer.place(pod, arrival);
        const shared = arrival.row.gpus === 1 && arrival.row.gpuMilli < DEVICE_MILLI;
        if (n === undefined && (!this.explained || (shared && !this.#shared))) {
          this.explained = explainPod(pod, arrival, placer, world);
          this.#shared = shared;
        }
        return n;
      },
      cpuLeft: (n) => placer.cpuLeft(n),
    };
  };
}

function explainPod(pod: Pod, arrival: Arrival, placer: CorePlacer, world: OpenbWorld): ExplainedPod {
  const cycle = placer.decider.begin(pod);
  const diagnosis = diagnose(cycle, -1);
  return {
    pod: arrival.name,
    asks: asksOf(arrival),
    message: failureText(diagnosis, ''),
    counts: countsOf(cycle),
    sample: sampleOf(cycle, placer, world),
  };
}

function asksOf({ row }: Arrival): string {
  const { cpuMilli, memoryMib, gpus, gpuMilli, models } = row;
  const gpu =
    gpus === 0
      ? 'no GPU'
      : gpuMilli < DEVICE_MILLI
        ? `${decimal(gpuMilliOf(row) / DEVICE_MILLI)} of one GPU`
        : `${gpus} whole GPU${gpus > 1 ? 's' : ''}`;
  const model = models.length > 0 ? ` of model ${models.join(' or ')}` : '';
  return `${decimal(cpuMilli / 1000)} cores, ${decimal(memoryMib / 1024)} GiB and ${gpu}${model}`;
}

/** By plugin and reason: nodes on which it was the first to refuse, and those which it refuses by itself. */
function countsOf(cycle: Cycle): ExplainedPod['counts'] {
  const counts = new Map<string, { plugin: string; reason: string; nodes: number; alone: number }>();
  const at = (plugin: string, reason: string): { nodes: number; alone: number } => {
    const key = `${plugin}\n${reason}`;
    let found = counts.get(key);
    if (!found) counts.set(key, (found = { plugin, reason, nodes: 0, alone: 0 }));
    return found;
  };
  for (const n of Array.from(cycle.order)) {
    const first = cycle.rejection(n);
    for (const reason of first?.reasons ?? []) at(first?.plugin ?? '', reason).nodes++;
    for (const { plugin, rejection } of cycle.verdicts(n)) {
      for (const reason of rejection?.reasons ?? []) at(plugin, reason).alone++;
    }
  }
  return [...counts.values()].sort((a, b) => b.nodes - a.nodes || b.alone - a.alone);
}

function sampleOf(cycle: Cycle, placer: CorePlacer, { devices }: OpenbWorld): ExplainedPod['sample'] {
  const alike = new Map<string, number>();
  const sample: ExplainedPod['sample'] = [];
  for (const n of Array.from(cycle.order)) {
    const rejection = cycle.rejection(n);
    if (!rejection || sample.length === SAMPLED) continue;
    const kind = `${rejection.plugin}\n${rejection.reasons.join('\n')}`;
    const seen = alike.get(kind) ?? 0;
    if (seen === SAMPLED_ALIKE) continue;
    alike.set(kind, seen + 1);
    const cores = `${decimal(placer.cpuLeft(n) / 1000)} cores`;
    const gpus = `${decimal(devices.leftTotal[n] / DEVICE_MILLI)} of ${devices.count[n]} GPUs`;
    const largest = `at most ${decimal(devices.largest[n] / DEVICE_MILLI)} on one`;
    const model = devices.modelNames[devices.model[n]];
    sample.push({
      node: cycle.nodeName(n),
      has: `${cores}, ${gpus} (${model}), ${largest}`,
      plugin: rejection.plugin,
      reasons: rejection.reasons,
    });
  }
  return sample;
}

/** At most two digits after the point. */
function decimal(value: number): string {
  return String(Math.round(value * 100) / 100);
}
