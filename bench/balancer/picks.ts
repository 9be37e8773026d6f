/**
 * What a pick costs, by policy, on 1,000 endpoints: ns, and bytes on the heap. Each policy once in an isolate of its own and
 * once where all policies have run, as calls that have seen many targets cost more. Runs as a worker thread.
 */

import { getHeapStatistics } from 'node:v8';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { Bench } from 'tinybench';
import { BalancerTables, Picker, POLICIES } from '../../core/index.ts';
import { BATCH, makeEndpoints, type Spread, spreadOf } from './spread.ts';

export interface PickRow {
  policy: string;
  endpoints: number;
  /** ns a pick. */
  alone: Spread;
  together: Spread;
  bytes: number;
  /** A hash over the picks: the same program gives the same. */
  answer: number;
}

interface Task {
  names: string[];
  endpoints: number;
  smoke: boolean;
}

interface Measured {
  ns: Spread;
  bytes: number;
  answer: number;
}

/** Policies that look at every endpoint, and so are measured with fewer picks. */
const LINEAR = ['smooth', 'least-connections', 'rendezvous'];
/** These are for unequal weights. */
const WEIGHTED = ['weighted', 'smooth', 'edf', 'weighted-least-request'];
export const STICKY = 'random, ClientIP affinity';

export async function measurePicks(endpoints: number, smoke: boolean): Promise<PickRow[]> {
  const names = [...POLICIES.map(({ name }) => name), STICKY];
  const together = await inThread({ names, endpoints, smoke });
  const rows: PickRow[] = [];
  for (const name of names) {
    // A small cut starts one thread, not sixteen.
    const alone = (smoke ? together : await inThread({ names: [name], endpoints, smoke }))[name];
    const { ns, bytes } = together[name];
    rows.push({
      policy: name,
      endpoints,
      alone: alone.ns,
      together: ns,
      bytes: Math.max(bytes, alone.bytes),
      answer: alone.answer,
    });
  }
  return rows;
}

function inThread(task: Task): Promise<Record<string, Measured>> {
  return new Promise((resolve, reject) => {
    new Worker(new URL(import.meta.url), { workerData: task }).once('message', resolve).once('error', reject);
  });
}

async function run({ names, endpoints, smoke }: Task): Promise<Record<string, Measured>> {
  const tables = new BalancerTables();
  const picker = new Picker(tables.shared, tables.join(), 42);
  const measured: Record<string, Measured> = {};
  for (const name of names) prepare(tables, picker, name, endpoints);
  for (const name of names) measured[name] = await measureOne(picker, tables.serviceId(name) as number, name, smoke);
  return measured;
}

function prepare(tables: BalancerTables, picker: Picker, name: string, count: number): void {
  const policy = name === STICKY ? 'random' : name;
  const list = makeEndpoints(count, 0, WEIGHTED.includes(name) ? [1, 2, 3, 4, 5] : [1]);
  // Replies to probes are told before the picks; so that they last, a reply may be used for ever, as with one probe a pick.
  const parameters = policy === 'prequal' ? { probesPerPick: 1 } : undefined;
  tables.apply(name, { policy, parameters, endpoints: list, affinitySeconds: name === STICKY ? 86_400 : 0 }, 0);
  const service = tables.serviceId(name) as number;
  list.forEach((endpoint, i) => {
    const id = tables.endpointId(name, endpoint) as number;
    picker.onStart(id);
    picker.onEnd(id, NOW_US - 137 * (i % 89), 1000 + (i % 97));
    for (let k = 0; k < i % 4; k++) picker.onStart(id);
    if (policy === 'prequal' && i % 64 === 0) picker.onProbe(service, id, i % 7, 1000 + i, NOW_US);
  });
}

/** A time of these years: greater than any small integer, as real ones are. */
const NOW_US = 1.7e15;

async function measureOne(picker: Picker, service: number, name: string, smoke: boolean): Promise<Measured> {
  const batches = smoke ? 1 : LINEAR.includes(name) ? 4 : 100;
  const many = (seed: number): number => {
    let answer = 0;
    for (let i = 0; i < batches; i++) answer = (answer * 31 + pickBatch(picker, service, seed + i)) | 0;
    return answer;
  };
  const answer = many(1);
  for (let i = 0; i < (smoke ? 1 : 300); i++) many(i);
  const bench = new Bench({ time: smoke ? 1 : 400, iterations: smoke ? 1 : 20, warmup: false, retainSamples: true });
  let seed = 0;
  bench.add(name, () => void many(seed++));
  await bench.run();
  const { result } = bench.tasks[0];
  if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`);
  const ns = spreadOf((result.latency.samples ?? []).map((ms) => (1e6 * ms) / (batches * BATCH)));
  return { ns, bytes: bytesOf(many) / (batches * BATCH), answer };
}

/** One client after the other, all over the 32 bits. */
function pickBatch(picker: Picker, service: number, seed: number): number {
  let client = Math.imul(seed, 0x9e3779b1);
  let answer = 0;
  for (let i = 0; i < BATCH; i++) {
    client = (Math.imul(client, 1664525) + 1013904223) | 0;
    answer = (Math.imul(answer, 31) + picker.pick(service, client, NOW_US)) | 0;
  }
  return answer;
}

/** The median of several: a collection in between, or what the runtime does by itself, is in few of them. */
function bytesOf(many: (seed: number) => number): number {
  const grown: number[] = [];
  for (let i = 0; i < 11; i++) {
    const before = getHeapStatistics().used_heap_size;
    many(i);
    grown.push(getHeapStatistics().used_heap_size - before);
  }
  return Math.max(0, spreadOf(grown).median - ownBytes());
}

/** What asking for the heap's size adds to it. */
function ownBytes(): number {
  const grown: number[] = [];
  for (let i = 0; i < 11; i++) {
    const before = getHeapStatistics().used_heap_size;
    grown.push(getHeapStatistics().used_heap_size - before);
  }
  return spreadOf(grown).median;
}

if (parentPort) parentPort.postMessage(await run(workerData as Task));
