/**
 * The balancer: what a pick costs, how it scales over threads, what the writer's work costs and how soon it is seen.
 *
 *   npm run bench:balancer [-- picks|threads|changes|builds|load|plane ...] [-- --smoke] [-- -o json]
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type BuildRow, measureBuilds } from './balancer/builds.ts';
import { type LoadRow, measureLoad } from './balancer/load.ts';
import { measurePicks, type PickRow } from './balancer/picks.ts';
import { measurePlane, type PlaneRow } from './balancer/plane.ts';
import type { Spread } from './balancer/spread.ts';
import { type ChangeRow, measureChanges, measureScaling, type ScalingRow } from './balancer/threads.ts';

export interface BalancerResults {
  machine: { cpu: string; cores: number; load: number };
  node: string;
  picks?: PickRow[];
  threads?: ScalingRow[];
  changes?: ChangeRow[];
  builds?: BuildRow[];
  load?: LoadRow[];
  plane?: PlaneRow[];
}

const SECTIONS = ['picks', 'threads', 'changes', 'builds', 'load', 'plane'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { smoke: { type: 'boolean', default: false }, output: { type: 'string', short: 'o', default: 'table' } },
});
const unknown = positionals.filter((name) => !SECTIONS.includes(name));
if (unknown.length > 0 || !['table', 'json'].includes(values.output)) {
  console.error(`usage: bench:balancer [${SECTIONS.join('|')} ...] [--smoke] [-o table|json]`);
  process.exit(2);
}
const wanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name);
const { smoke } = values;

const results: BalancerResults = {
  machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), load: loadavg()[0] },
  node: process.version,
};
if (wanted('picks')) results.picks = await measurePicks(smoke ? 50 : 1000, smoke);
if (wanted('threads')) results.threads = await measureScaling(['random', 'maglev', 'least-request'], smoke);
if (wanted('changes')) {
  results.changes = [];
  for (const threads of [1, 2]) results.changes.push(await measureChanges(threads, 'random', smoke));
}
if (wanted('builds')) results.builds = await measureBuilds(smoke);
if (wanted('load')) results.load = ['random', 'least-request', 'maglev'].map((policy) => measureLoad(policy, smoke));
if (wanted('plane')) results.plane = [10, 50].map((each) => measurePlane(each, smoke));
console.log(values.output === 'json' ? JSON.stringify(results, null, 2) : tableOf(results));

function tableOf({
  machine,
  node,
  picks = [],
  threads = [],
  changes = [],
  builds = [],
  load = [],
  plane = [],
}: BalancerResults): string {
  const lines = [`Node ${node}, ${machine.cores} cores of ${machine.cpu}, load ${machine.load.toFixed(1)}`];
  for (const { policy, endpoints, alone, together, bytes } of picks) {
    lines.push(
      `pick, ${endpoints} endpoints | ${policy} | alone ${text(alone, 'ns')} | together ${text(together, 'ns')} | ${bytes.toFixed(1)} B`,
    );
  }
  for (const { policy, threads: count, perThread, ratio } of threads) {
    lines.push(`${count} threads | ${policy} | ${text(perThread, 'M picks/s a thread')} | ${ratio.toFixed(2)}`);
  }
  for (const row of changes) {
    const times = [row.p50Ms, row.p99Ms, row.maxMs].map((ms) => ms.toFixed(3)).join(' / ');
    lines.push(
      `change seen by ${row.threads} threads, ${row.services} services, ${row.endpoints} endpoints | p50 / p99 / max ${times} ms | apply ${row.applyP50Ms.toFixed(3)} ms`,
    );
  }
  for (const { what, ms } of builds) lines.push(`${what} | ${text(ms, 'ms')}`);
  for (const { services, endpoints, policy, ms, arenaMiB, grownMiB } of load) {
    lines.push(
      `load of ${services} services, ${endpoints} endpoints | ${policy} | ${text(ms, 'ms')} | regions ${arenaMiB.toFixed(0)} MiB, process +${grownMiB.toFixed(0)} MiB`,
    );
  }
  for (const { services, endpoints, workers, loadMs, tablesMs, p50Ms, p99Ms, maxMs } of plane) {
    const times = [p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(3)).join(' / ');
    lines.push(
      `data plane, ${services} services with a listener at each of ${workers} workers, ${endpoints} endpoints | load ${text(loadMs, 'ms')}, tables of it ${text(tablesMs, 'ms')} | change acknowledged p50 / p99 / max ${times} ms`,
    );
  }
  return lines.join('\n');
}

function text({ median, least, most }: Spread, unit: string): string {
  const digits = median < 10 ? 2 : median < 100 ? 1 : 0;
  return `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)}) ${unit}`;
}
