/** `keelson up` with running containers and nobody who asks anything: its memory, and the time it takes of a core. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUSYBOX } from '../../runtime/examples/images/build.ts';
import { type Spread, spreadOf } from '../balancer/spread.ts';
import { emptied, type OwnEngine } from './own-cluster.ts';

export interface IdleRow {
  pods: number;
  /** Each pod has a readiness probe over HTTP every 10 seconds, the default. */
  probed: boolean;
  windowSeconds: number;
  /** Resident, of the whole process. */
  megabytes: Spread;
  /** User and system time, all threads. */
  percentOfCore: Spread;
}

export interface IdlePlan {
  pods: number;
  windows: number;
  windowSeconds: number;
  /** Before the first. */
  restSeconds: number;
}

const CLOCK_TICKS = 100;
const READY_MS = 120_000;
const PROBE = { httpGet: { path: '/', port: 8080 } };
const SERVE = 'mkdir /www; echo ok >/www/index.html; exec httpd -f -p 8080 -h /www';

export async function measureIdle(own: OwnEngine, plan: IdlePlan): Promise<IdleRow[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  const keelson = await up(own.dockerd.host, dataDir);
  try {
    const rows: IdleRow[] = [];
    for (const probed of [false, true]) {
      const name = probed ? 'probed' : 'plain';
      await createPods(keelson.url, name, plan.pods, probed);
      await new Promise((next) => setTimeout(next, plan.restSeconds * 1000));
      rows.push({ pods: plan.pods, probed, windowSeconds: plan.windowSeconds, ...(await watch(keelson.pid, plan)) });
      await removePods(keelson.url, name);
      await emptied(own, READY_MS);
    }
    return rows;
  } finally {
    keelson.child.kill('SIGTERM');
    await once(keelson.child, 'exit');
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function up(host: string, dataDir: string): Promise<{ child: ChildProcess; pid: number; url: string }> {
  const main = join(import.meta.dirname, '..', '..', 'runtime', 'cli', 'keelson.ts');
  const flags = ['--docker-host', host, '--data-dir', dataDir, '--port', '0', '--insecure', '-o', 'json'];
  const child = spawn(process.execPath, [main, 'up', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  return { child, pid: child.pid ?? 0, url };
}

async function createPods(url: string, name: string, count: number, probed: boolean): Promise<void> {
  const template = {
    metadata: { labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'a',
          image: BUSYBOX.name,
          command: ['sh', '-c', SERVE],
          ...(probed && { readinessProbe: PROBE }),
        },
      ],
    },
  };
  const spec = { replicas: count, selector: { matchLabels: { app: name } }, template };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
  const path = `${url}/apis/apps/v1/namespaces/default/deployments`;
  await asked(path, { method: 'POST', body: JSON.stringify(deployment) });
  const end = Date.now() + READY_MS;
  for (;;) {
    const { status } = (await asked(`${path}/${name}`)) as { status?: { readyReplicas?: number } };
    if (status?.readyReplicas === count) return;
    if (Date.now() > end) throw new Error(`${status?.readyReplicas ?? 0} of ${count} pods are ready`);
    await new Promise((next) => setTimeout(next, 500));
  }
}

async function removePods(url: string, name: string): Promise<void> {
  await asked(`${url}/apis/apps/v1/namespaces/default/deployments/${name}`, { method: 'DELETE' });
}

async function asked(url: string, options: RequestInit = {}): Promise<unknown> {
  const answer = await fetch(url, { ...options, headers: { 'content-type': 'application/json' } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function watch(
  pid: number,
  { windows, windowSeconds }: IdlePlan,
): Promise<{ megabytes: Spread; percentOfCore: Spread }> {
  const megabytes: number[] = [];
  const percents: number[] = [];
  for (let i = 0; i < windows; i++) {
    const before = ticks(pid);
    const began = performance.now();
    await new Promise((next) => setTimeout(next, windowSeconds * 1000));
    const seconds = (performance.now() - began) / 1000;
    percents.push((100 * (ticks(pid) - before)) / CLOCK_TICKS / seconds);
    megabytes.push(residentMegabytes(pid));
  }
  return { megabytes: spreadOf(megabytes), percentOfCore: spreadOf(percents) };
}

/** User and system time so far, in ticks. */
function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}
