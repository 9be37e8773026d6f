/** A whole cluster's services at once, in a process of its own: time and memory. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BalancerTables } from '../../core/index.ts';
import { makeEndpoints, type Spread, spreadOf } from './spread.ts';

export interface LoadRow {
  services: number;
  endpoints: number;
  policy: string;
  ms: Spread;
  /** Regions, after the load. */
  arenaMiB: number;
  /** By which the process grew, the writer's own objects and shared memory included, the endpoint objects not. */
  grownMiB: number;
}

export function measureLoad(policy: string, smoke: boolean): LoadRow {
  const script = fileURLToPath(import.meta.url);
  return JSON.parse(execFileSync(process.execPath, [script, policy, `${smoke}`], { encoding: 'utf8' })) as LoadRow;
}

function load(policy: string, smoke: boolean): LoadRow {
  const [services, each] = smoke ? [50, 50] : [5000, 50];
  const lists = Array.from({ length: services }, (_, s) => makeEndpoints(each, s * each));
  const took: number[] = [];
  let [arenaMiB, grownMiB] = [0, 0];
  for (let run = 0; run < (smoke ? 1 : 6); run++) {
    const before = process.memoryUsage().rss;
    const tables = new BalancerTables();
    const startedMs = performance.now();
    lists.forEach((endpoints, s) => {
      tables.apply(`default/service-${s}:http`, { policy, endpoints }, 0);
    });
    took.push(performance.now() - startedMs);
    arenaMiB = (tables.arena.used * 4) / 2 ** 20;
    // Of the first run, in which nothing is left over from one before it.
    if (run === 0) grownMiB = (process.memoryUsage().rss - before) / 2 ** 20;
  }
  return { services, endpoints: services * each, policy, ms: spreadOf(took), arenaMiB, grownMiB };
}

if (import.meta.main) console.log(JSON.stringify(load(process.argv[2], process.argv[3] === 'true')));
