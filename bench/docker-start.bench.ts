/**
 * How long a pod takes from `apply` to its first container running, and how much of that is the engine's own: making and
 * starting the sandbox and the container. `node bench/docker-start.bench.ts`; an engine of its own is started (as root).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Pod } from '@kubernetes/client-node';
import { DockerEngine } from '../runtime/node/docker/engine/docker-engine.ts';
import { startCluster } from '../runtime/up/cluster.ts';
import { BUSYBOX_IMAGE, startDockerd } from '../test/support/dockerd.ts';

const PODS = { group: '', resource: 'pods' };
const RUNS = process.env.BENCH === 'smoke' ? 1 : 11;

interface Timed {
  totalMs: number;
  engineMs: number;
  runningMs: number;
}

/** Time in the engine's create and start, of all calls since the last look. */
let engineMs = 0;
let startedAt = 0;
for (const name of ['create', 'start'] as const) {
  const original = DockerEngine.prototype[name] as (this: DockerEngine, argument: unknown) => Promise<unknown>;
  Object.defineProperty(DockerEngine.prototype, name, {
    async value(this: DockerEngine, argument: unknown) {
      const began = performance.now();
      const answer = await original.call(this, argument);
      startedAt = performance.now();
      engineMs += startedAt - began;
      return answer;
    },
  });
}

const dockerd = await startDockerd();
if (dockerd) {
  const dataDir = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  const cluster = await startCluster({
    dataDir,
    store: 'lmdb',
    host: '127.0.0.1',
    port: 0,
    insecure: true,
    nodes: 0,
    docker: { host: dockerd.host, allowPrivileged: false, nodeName: 'real' },
    problem: (error) => console.error(error),
  });
  try {
    const runs: Timed[] = [];
    // The first warms the engine and is not counted.
    for (let i = 0; i <= RUNS; i++) runs.push(await once(`pod-${i}`));
    report(runs.slice(1));
  } finally {
    await cluster.stop();
    await dockerd.close();
    rmSync(dataDir, { recursive: true, force: true });
  }

  async function once(name: string): Promise<Timed> {
    const { client } = cluster.server;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'a', image: BUSYBOX_IMAGE, command: ['sleep', '1000'] }],
      },
    };
    engineMs = 0;
    const began = performance.now();
    const body = JSON.stringify(pod);
    const url = `${cluster.url}/api/v1/namespaces/default/pods`;
    await fetch(url, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
    const find = () => client.view.get('', 'pods', 'default', name) as unknown as V1Pod | undefined;
    while (find()?.status?.phase !== 'Running') await new Promise((next) => setTimeout(next, 1));
    const timed = { totalMs: startedAt - began, engineMs, runningMs: performance.now() - began };
    await client.delete(PODS, 'default', name, { gracePeriodSeconds: 0 });
    while ((await dockerd!.docker.listContainers({ all: true })).length > 0)
      await new Promise((next) => setTimeout(next, 20));
    return timed;
  }
}

function report(runs: readonly Timed[]): void {
  const rows = [
    ['apply to the container started', runs.map(({ totalMs }) => totalMs)],
    ["of it the engine's create and start", runs.map((run) => run.engineMs)],
    ['of it ours', runs.map((run) => run.totalMs - run.engineMs)],
    ['apply to the pod Running in the API', runs.map(({ runningMs }) => runningMs)],
  ] as const;
  for (const [what, values] of rows) {
    const sorted = [...values].sort((a, b) => a - b);
    const [median, least, most] = [sorted[sorted.length >> 1], sorted[0], sorted[sorted.length - 1]];
    console.log(
      `${what.padEnd(38)} ${median.toFixed(0)} ms (${least.toFixed(0)} to ${most.toFixed(0)}, ${runs.length} runs)`,
    );
  }
}
