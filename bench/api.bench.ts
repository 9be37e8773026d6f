/**
 * What `keelson up` does in a second: durable creates in process and over HTTPS from 16 clients, pods from create to
 * Running on made-up nodes, a list of 10,000; when it is ready, also with 50,000 pods; what it takes while idle.
 *
 *   npm run bench:api -- [--runs 5] [--nodes 1000] [--pods 10000] [--held 50000] [--idle 60]
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { KubeObject } from '../core/index.ts';
import { startCluster } from '../runtime/up/cluster.ts';
import { UpProcess } from '../test/runtime/api/faults/up-process.ts';
import { spreadOf } from './balancer/spread.ts';

const number = (otherwise: string) => ({ type: 'string', default: otherwise }) as const;
const { values } = parseArgs({
  options: {
    runs: number('5'),
    nodes: number('1000'),
    pods: number('10000'),
    held: number('50000'),
    idle: number('60'),
  },
});
const smoke = process.env.BENCH === 'smoke';
const runs = smoke ? 1 : Number(values.runs);
const nodes = smoke ? 5 : Number(values.nodes);
const pods = smoke ? 100 : Number(values.pods);
const held = smoke ? 200 : Number(values.held);
const idleMs = smoke ? 300 : Number(values.idle) * 1_000;
const UNDER_WAY = 500;
const CLIENTS = 16;
const PODS = { group: '', resource: 'pods' };
const folders: string[] = [];

console.log(
  `Node ${process.version}, ${availableParallelism()} cores of ${cpus()[0]?.model}, load ${loadavg()[0].toFixed(1)}; median of ${runs} (least to most)`,
);
try {
  const insides = [];
  for (let run = 0; run < runs; run++) insides.push(await inside());
  report(
    'creates/s in process, durable',
    insides.map(({ creates }) => creates),
  );
  report(
    `pods/s from create to Running, ${nodes} nodes`,
    insides.map(({ endToEnd }) => endToEnd),
  );
  report(
    `ms for a list of ${pods} pods over HTTP`,
    insides.map(({ listMs }) => listMs),
  );
  const outsides = [];
  for (let run = 0; run < runs; run++) outsides.push(await outside(run === 0));
  report(
    'ms until keelson up is ready',
    outsides.map(({ readyMs }) => readyMs),
  );
  report(
    `creates/s over HTTPS from ${CLIENTS} clients`,
    outsides.map(({ creates }) => creates),
  );
  await restarts();
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

async function inside() {
  const cluster = await startCluster({
    dataDir: folder(),
    store: 'lmdb',
    host: '127.0.0.1',
    port: 0,
    insecure: true,
    nodes,
    problem: console.error,
  });
  const { client } = cluster.server;
  const creates = await rate(pods, UNDER_WAY, (i) =>
    client.create({ group: '', resource: 'configmaps' }, configMap(i)),
  );
  let running = 0;
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const watch = client.watch(PODS, {
    onEvents(events) {
      for (const { type, object } of events) {
        const { phase } = (object as { status?: { phase?: string } }).status ?? {};
        if (type === 'MODIFIED' && phase === 'Running' && ++running === pods) resolve();
      }
    },
  });
  const began = performance.now();
  await rate(pods, UNDER_WAY, (i) => client.create(PODS, pod(i)));
  await all;
  const endToEnd = pods / ((performance.now() - began) / 1_000);
  watch.stop();
  const listing = performance.now();
  const answer = await fetch(`${cluster.url}/api/v1/pods`);
  await answer.arrayBuffer();
  const listMs = performance.now() - listing;
  await cluster.stop();
  return { creates, endToEnd, listMs };
}

/** @param rests first waits, and tells what it takes. */
async function outside(rests: boolean) {
  const up = await UpProcess.start(folder(), ['--nodes', '3']);
  if (rests) await rest(up.pid);
  const path = '/api/v1/namespaces/default/configmaps';
  const creates = await rate(Math.min(pods, 3_000), CLIENTS, async (i) => {
    const { code } = await up.ask('POST', path, configMap(i));
    if (code !== 201) throw new Error(`answered with ${code}`);
  });
  await up.kill('SIGTERM');
  return { readyMs: up.readyMs, creates };
}

async function rest(pid: number): Promise<void> {
  await new Promise((next) => setTimeout(next, smoke ? 0 : 5_000));
  const before = usage(pid);
  await new Promise((next) => setTimeout(next, idleMs));
  const after = usage(pid);
  const cpu = ((after.cpuMs - before.cpuMs) / idleMs) * 100;
  console.log(
    `idle for ${idleMs} ms: ${cpu.toFixed(2)} % of a core, ${(after.rss / 1e6).toFixed(0)} MB, ${after.written - before.written} bytes written`,
  );
}

/** Of Linux: clock ticks are 10 ms. */
function usage(pid: number): { cpuMs: number; rss: number; written: number } {
  const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  const fields = read('stat').split(') ')[1].split(' ');
  const kilobytes = /VmRSS:\s+(\d+)/.exec(read('status'))?.[1];
  const written = /^write_bytes: (\d+)/m.exec(read('io'))?.[1];
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * 10,
    rss: Number(kilobytes) * 1024,
    written: Number(written),
  };
}

async function restarts(): Promise<void> {
  const dataDir = folder();
  const options = {
    dataDir,
    store: 'lmdb',
    host: '127.0.0.1',
    port: 0,
    insecure: true,
    nodes: 0,
    problem: console.error,
  } as const;
  const cluster = await startCluster(options);
  await rate(held, UNDER_WAY, (i) => cluster.server.client.create(PODS, pod(i, { schedulerName: 'nobody' })));
  await cluster.stop();
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const up = await UpProcess.start(dataDir);
    times.push(up.readyMs);
    await up.kill('SIGTERM');
  }
  report(`ms until ready again with ${held} pods`, times);
}

async function rate(count: number, underWay: number, one: (i: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const began = performance.now();
  const work = async (): Promise<void> => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: underWay }, work));
  return count / ((performance.now() - began) / 1_000);
}

function configMap(i: number): KubeObject {
  const metadata = { name: `map-${i}`, namespace: 'default' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'x'.repeat(200) } } as KubeObject;
}

function pod(i: number, more: object = {}): KubeObject {
  const metadata = { name: `pod-${i}`, namespace: 'default', labels: { app: 'bench' } };
  const containers = [{ name: 'c', image: 'c:1', resources: { requests: { cpu: '100m', memory: '64Mi' } } }];
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...more } } as KubeObject;
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'keelson-bench-api-'));
  folders.push(made);
  return made;
}

function report(what: string, numbers: readonly number[]): void {
  const { median, least, most } = spreadOf(numbers);
  const text = (one: number): string => one.toLocaleString('en', { maximumFractionDigits: one < 100 ? 1 : 0 });
  console.log(`${what}: ${text(median)} (${text(least)} to ${text(most)})`);
}
