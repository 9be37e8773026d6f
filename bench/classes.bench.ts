/**
 * What a second thread brings to building the classes of a batch: so many classes at once, by number of nodes, on one
 * thread and on several in turns. `asleep`: workers have slept for milliseconds before each batch.
 *
 *   npx node bench/classes.bench.ts [--threads N] [--rounds N] [--nodes N,N...] [--classes N,N...]
 */
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { defaultProfile, Listers, Nominator } from '../core/index.ts';
import { EngineDecider } from '../core/scheduler/engine/decider.ts';
import { ScanPool } from '../core/scheduler/scan/parallel/pool.ts';
import { makeNode, makePod, SEED } from './world.ts';

const { values } = parseArgs({
  options: {
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '7' },
    nodes: { type: 'string', default: '5000,20000,100000' },
    classes: { type: 'string', default: '1,4,10,100' },
  },
});
const [threads, rounds] = [Number(values.threads), Number(values.rounds)];
const MOST_CELLS = 1_000_000;
const WARM_UPS = 3;
const TIE = { rule: 'order', seed: SEED, decision: 1, start: 0 } as const;

console.log(`Node ${process.versions.node}, load ${loadavg()[0].toFixed(1)}, ${threads} threads against 1`);
console.log('nodes   classes workers  µs a class: 1 thread, threads   gain: median (least to most)   by workers');
const pool = new ScanPool({ threads });
for (const nodes of values.nodes.split(',').map(Number)) {
  for (const classes of values.classes.split(',').map(Number)) {
    if (nodes * classes > MOST_CELLS) continue;
    for (const sleepMs of [0, 3]) await compare(nodes, classes, sleepMs);
  }
}
await pool.close();

async function compare(nodes: number, classes: number, sleepMs: number): Promise<void> {
  const pairs: [one: number, many: number][] = [];
  const [before, chunks] = [helped(), pool.chunks];
  for (let round = -WARM_UPS; round < rounds; round++) {
    const one = await build(nodes, classes, sleepMs, false);
    const many = await build(nodes, classes, sleepMs, true);
    if (round >= 0) pairs.push([one, many]);
  }
  const gains = pairs.map(([one, many]) => one / many).sort((a, b) => a - b);
  const each = [0, 1].map((i) => (1000 * medianOf(pairs.map((pair) => pair[i]))) / classes);
  const share = (100 * (helped() - before)) / (pool.chunks - chunks);
  const gain = `${medianOf(gains).toFixed(2)} (${gains[0].toFixed(2)} to ${gains[gains.length - 1].toFixed(2)})`;
  const name = `${String(nodes).padEnd(8)}${String(classes).padEnd(8)}${(sleepMs ? 'asleep' : 'awake').padEnd(7)}`;
  const times = each.map((us, i) => us.toFixed(0).padStart(i ? 10 : 20)).join('');
  console.log(`${name}${times}${gain.padStart(31)}${`${share.toFixed(0)} %`.padStart(13)}`);
}

/** Milliseconds from the first of so many pods, no two alike, to the last; each has its class built. */
async function build(nodes: number, classes: number, sleepMs: number, shared: boolean): Promise<number> {
  const options = { listers: new Listers(), profiles: [defaultProfile()], nominated: new Nominator() };
  const extra = shared ? { pool, threadsFrom: 0 } : {};
  const engine = new EngineDecider({ ...options, limits: { buildFrom: 1 }, ...extra });
  for (let i = 0; i < nodes; i++) engine.addNode(makeNode(i));
  const pods = Array.from({ length: classes }, (_, i) => makePod('plain', 'sched-1', `pod-${i}`, i + 1));
  // The workers attach to the columns with the first class, which does not count.
  engine.choose(makePod('plain', 'sched-1', 'first'), TIE);
  if (sleepMs > 0) await delay(sleepMs);
  const startedMs = performance.now();
  engine.expect(pods);
  for (const pod of pods) engine.choose(pod, TIE);
  return performance.now() - startedMs;
}

function helped(): number {
  return pool.chunksByWorker.reduce((sum, chunks) => sum + chunks, 0);
}

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}
