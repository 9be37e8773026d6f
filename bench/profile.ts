/**
 * Where the time of one workload goes, by function: `npx node bench/profile.ts WORKLOAD [DECIDER]`. Only the measured loop
 * is sampled, over several runs after a warm-up; garbage collection counts as a function.
 */
import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deciderKind } from '../core/index.ts';
import { decideAll } from './decide-all.ts';
import { WORKLOADS, type Workload } from './workloads.ts';
import { makeWorld } from './world.ts';

const SAMPLE_US = 100;
const MIN_MS = 2000;
const MAX_RUNS = 40;
const SHOWN = 12;

interface Sampled {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples?: number[];
  timeDeltas?: number[];
}

/** Self time in µs by 'function file:line', most first. */
export async function profile(workload: Workload, decider: string): Promise<[string, number][]> {
  const kind = deciderKind(decider);
  const pods = kind === 'engine' ? workload.measured.pods : workload.scanPods;
  decideAll(makeWorld(workload, kind, 100, pods));
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
  const self = new Map<string, number>();
  let spentMs = 0;
  for (let i = 0; i < MAX_RUNS && spentMs < MIN_MS; i++) {
    const world = makeWorld(workload, kind, 100, pods);
    await session.post('Profiler.start');
    const startedMs = performance.now();
    decideAll(world);
    spentMs += performance.now() - startedMs;
    const { profile: sampled } = await session.post('Profiler.stop');
    add(self, sampled);
  }
  session.disconnect();
  return [...self].sort((a, b) => b[1] - a[1]);
}

/** All but the profiler itself, and what the engine of JavaScript does outside any function. */
function add(self: Map<string, number>, { nodes, samples = [], timeDeltas = [] }: Sampled): void {
  const names = new Map(nodes.filter(isOurs).map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  samples.forEach((id, i) => {
    const name = names.get(id);
    if (name !== undefined) self.set(name, (self.get(name) ?? 0) + (timeDeltas[i] ?? 0));
  });
}

function isOurs({ callFrame: { functionName, url } }: Sampled['nodes'][number]): boolean {
  return url.startsWith('file:') || functionName === '(garbage collector)';
}

function nameOf({ functionName, url, lineNumber }: Sampled['nodes'][number]['callFrame']): string {
  const file = url.startsWith('file:') ? relative(`${import.meta.dirname}/..`, fileURLToPath(url)) : url;
  return `${functionName || '(anonymous)'} ${file ? `${file}:${lineNumber + 1}` : ''}`.trim();
}

if (import.meta.main) {
  const [name, decider = 'engine'] = process.argv.slice(2);
  const workload = WORKLOADS.find((one) => one.name === name);
  if (!workload) throw new Error(`${name} is none of ${WORKLOADS.map((one) => one.name).join(', ')}`);
  const self = await profile(workload, decider);
  const totalUs = self.reduce((sum, [, us]) => sum + us, 0);
  for (const [where, us] of self.slice(0, SHOWN)) {
    console.log(`${((100 * us) / totalUs).toFixed(1).padStart(5)} %  ${where}`);
  }
}
