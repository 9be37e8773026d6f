/**
 * The same figures through the whole data plane (runtime/proxy/userspace), in a process of its own: a cluster's Services with
 * a listener each at two workers, loaded at once, and one endpoint that leaves or comes back, acknowledged by both.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ServedFrontend, TableChanges } from '../../runtime/proxy/data-plane.ts';
import { DEFAULT_SETTINGS } from '../../runtime/proxy/settings.ts';
import { UserspacePlane } from '../../runtime/proxy/userspace/plane.ts';
import { backendsOf, frontendOf } from '../proxy/service.ts';
import { makeEndpoints, percentile, type Spread, spreadOf } from './spread.ts';

export interface PlaneRow {
  services: number;
  endpoints: number;
  workers: number;
  /** From the call until all is served, and of it what writes and reads tables without a listener. */
  loadMs: Spread;
  tablesMs: Spread;
  changes: number;
  /** From the call until both workers have acknowledged, ms. */
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

const WORKERS = 2;
const NOTHING: TableChanges = { frontends: [], frontendsGone: [], backends: [], backendsGone: [] };

export function measurePlane(each: number, smoke: boolean): PlaneRow {
  const script = fileURLToPath(import.meta.url);
  return JSON.parse(execFileSync(process.execPath, [script, `${each}`, `${smoke}`], { encoding: 'utf8' })) as PlaneRow;
}

async function measure(each: number, smoke: boolean): Promise<PlaneRow> {
  const [services, changes] = smoke ? [50, 20] : [5000, 2000];
  const lists = Array.from({ length: services }, (_, s) => makeEndpoints(each, s * each));
  const backends = lists.map((list, s) => backendsOf(`s${s}`, list));
  const frontends = lists.map((_, s): ServedFrontend => {
    return { frontend: { ...frontendOf(`s${s}`), address: `10.96.${s >> 8}.${s & 255}` }, settings: DEFAULT_SETTINGS };
  });
  const [loads, tables, seen]: number[][] = [[], [], []];
  for (let run = 0; run < (smoke ? 1 : 6); run++) {
    const placesOf = (): { host: string; port: number }[] => [{ host: '127.0.0.1', port: 0 }];
    const plane = await UserspacePlane.start({ placesOf, threads: WORKERS });
    const startedMs = performance.now();
    await plane.apply(1, { ...NOTHING, backends });
    const writtenMs = performance.now();
    await plane.apply(2, { ...NOTHING, frontends });
    tables.push(writtenMs - startedMs);
    loads.push(performance.now() - startedMs);
    // Of the last run, whose code is warm.
    seen.length = 0;
    for (let i = 0; i < changes; i++) {
      const s = (i * 7919) % services;
      const endpoints = Math.floor(i / services) % 2 === 0 ? lists[s].slice(1) : lists[s];
      const calledMs = performance.now();
      await plane.apply(3 + i, { ...NOTHING, backends: [backendsOf(`s${s}`, endpoints)] });
      seen.push(performance.now() - calledMs);
    }
    await plane.close(0);
  }
  return {
    services,
    endpoints: services * each,
    workers: WORKERS,
    loadMs: spreadOf(loads),
    tablesMs: spreadOf(tables),
    changes,
    p50Ms: percentile(seen, 0.5),
    p99Ms: percentile(seen, 0.99),
    maxMs: percentile(seen, 1),
  };
}

if (import.meta.main) console.log(JSON.stringify(await measure(Number(process.argv[2]), process.argv[3] === 'true')));
