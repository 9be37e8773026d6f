/**
 * What a second thread brings to the scan, by number of nodes: one pod after another of a kind whose filters or scores go
 * beyond the one pass over cpu and memory, or of one that needs the pass alone (`--pods plain`), decided on one thread and on
 * several in turns, so that both see the same minute. `awake`: pods come back to back. `asleep`: workers have slept for
 * milliseconds before each pod. Other work on the machine hides the gain; the load says how much there was, and the
 * fastest single pods (1 in 100) show what is left of it when both cores happen to be free.
 *
 *   npx node bench/workers.bench.ts [--pods KIND] [--threads N] [--nodes N,N...] [--rounds N] [--smoke]
 */
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { defaultProfile, Listers, Nominator, type Pod, ScheduleOne } from '../core/index.ts';
import { ScanDecider, type ScanOptions } from '../core/scheduler/scan/decider.ts';
import { ScanPool } from '../core/scheduler/scan/parallel/pool.ts';
import { POD_KINDS, type PodKindName } from './pod-kinds.ts';
import { makeNode, makePod, SEED } from './world.ts';

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: 'softSpread' },
    threads: { type: 'string', default: '2' },
    nodes: { type: 'string', default: '500,1000,2000,5000,20000,100000' },
    rounds: { type: 'string', default: '15' },
    smoke: { type: 'boolean', default: false },
  },
});
const threads = Number(values.threads);
const kind = values.pods as PodKindName;
if (!(kind in POD_KINDS)) throw new Error(`${kind} is none of ${Object.keys(POD_KINDS).join(', ')}`);
const sizes = values.smoke ? [200] : values.nodes.split(',').map(Number);
const rounds = values.smoke ? 1 : Number(values.rounds);

const load = loadavg()[0].toFixed(1);
console.log(
  `Node ${process.versions.node}, ${availableParallelism()} cores, load ${load}, ${kind} pods, ${threads} threads against 1`,
);
console.log(
  'nodes    workers  µs a pod: 1 thread, threads   gain: median (least to most)   fastest 1 %: 1 thread, threads, gain   by workers',
);
for (const nodes of sizes) for (const sleepMs of [0, 3]) await compare(nodes, sleepMs);

async function compare(nodes: number, sleepMs: number): Promise<void> {
  const pool = new ScanPool({ threads });
  const alone = makeScan(nodes, {});
  const shared = makeScan(nodes, { pool, threadsFrom: 0 });
  const pods = values.smoke ? 5 : Math.max(10, Math.min(200, Math.ceil(400_000 / nodes / (sleepMs ? 4 : 1))));
  for (let i = 0; i < 5; i++) for (const scan of [alone, shared]) await scan(pods, 0);
  const before = sum(pool.chunksByWorker);
  const chunks = pool.chunks;
  const pairs: { one: Took; many: Took }[] = [];
  for (let round = 0; round < rounds; round++) {
    pairs.push({ one: await alone(pods, sleepMs), many: await shared(pods, sleepMs) });
  }
  const share = (sum(pool.chunksByWorker) - before) / Math.max(1, pool.chunks - chunks);
  await pool.close();
  const gains = pairs.map(({ one, many }) => mean(one) / mean(many)).sort((a, b) => a - b);
  const [one, many] = [medianOf(pairs.map((pair) => mean(pair.one))), medianOf(pairs.map((pair) => mean(pair.many)))];
  const [fast, faster] = [fastest(pairs.flatMap((pair) => pair.one)), fastest(pairs.flatMap((pair) => pair.many))];
  const gain = `${medianOf(gains).toFixed(2)} (${gains[0].toFixed(2)} to ${gains[gains.length - 1].toFixed(2)})`;
  const cells: [string | number, number][] = [
    [one.toFixed(0), 18],
    [many.toFixed(0), 10],
    [gain, 31],
    [fast.toFixed(0), 22],
    [faster.toFixed(0), 9],
    [(fast / faster).toFixed(2), 7],
    [`${(100 * share).toFixed(0)} %`, 13],
  ];
  const row = cells.map(([cell, width]) => String(cell).padStart(width)).join('');
  console.log(`${String(nodes).padEnd(9)}${(sleepMs ? 'asleep' : 'awake').padEnd(9)}${row}`);
}

/** Microseconds of each pod. */
type Took = number[];

/** Places pods; the time slept does not count. */
function makeScan(nodes: number, extra: Partial<ScanOptions>): (pods: number, sleepMs: number) => Promise<Took> {
  const options = { listers: new Listers(), profiles: [defaultProfile()], nominated: new Nominator() };
  const decider = new ScanDecider({ ...options, ...extra });
  const cycle = new ScheduleOne({ decider, ...options, seed: SEED });
  for (let i = 0; i < nodes; i++) decider.addNode(makeNode(i, ['zone1', 'zone2', 'zone3']));
  let made = 0;
  const one = (): void => {
    const pod: Pod = makePod(kind, 'sched-1', `pod-${made++}`);
    const { host } = cycle.schedule(pod);
    if (host === undefined) throw new Error(`no node for pod ${made}`);
    decider.addPod({ ...pod, spec: { ...pod.spec, nodeName: host } });
    decider.removePod(pod);
  };
  return async (pods, sleepMs) => {
    const took: Took = [];
    for (let i = 0; i < pods; i++) {
      if (sleepMs > 0) await delay(sleepMs);
      const startedMs = performance.now();
      one();
      took.push(1000 * (performance.now() - startedMs));
    }
    return took;
  };
}

function mean(took: Took): number {
  return sum(took) / took.length;
}

function fastest(took: Took): number {
  return took.toSorted((a, b) => a - b)[Math.floor(took.length / 100)];
}

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
