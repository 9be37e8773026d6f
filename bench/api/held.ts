/** What pods cost who holds them: a restart with thousands, and memory of the made-up nodes' agent beside the objects. */

import { MadeUpAgent } from '../../runtime/node/made-up/agent.ts';
import { startCluster } from '../../runtime/up/cluster.ts';
import { UpProcess } from '../../test/runtime/api/faults/up-process.ts';
import { folder } from './folders.ts';
import { PODS, pod } from './objects.ts';
import { atMost, type Part, rate, repeated, row } from './row.ts';

const UNDER_WAY = 500;
const PODS_A_NODE = 100;

/** Pods that run, on the nodes that are there again. */
export const restart: Part = async ({ runs, held }) => {
  const dataDir = folder();
  const nodes = Math.max(3, Math.ceil(held / PODS_A_NODE));
  await filled(dataDir, nodes, held);
  const times = await repeated(runs, async () => {
    const up = await UpProcess.start(dataDir, ['--nodes', String(nodes)]);
    await up.kill('SIGTERM');
    return up.readyMs;
  });
  return [row(`keelson up ready again with ${held} running pods on ${nodes} nodes`, 'ms', times, atMost(3_000))];
};

/** Bytes of heap that go when the agent does, while the cluster stays. Needs --expose-gc. */
export const agentMemory: Part = async ({ pods }) => {
  if (!globalThis.gc) return [];
  const nodes = Math.max(3, Math.ceil(pods / PODS_A_NODE));
  const cluster = await startCluster({ ...options(folder()), nodes: 0 });
  const { client } = cluster.server;
  let agent: MadeUpAgent | undefined = new MadeUpAgent({
    client,
    nodes,
    version: 'v1.36.0',
    now: Date.now,
    problem: console.error,
  });
  await agent.start();
  await rate(pods, UNDER_WAY, (i) => client.create(PODS, pod(`pod-${i}`)));
  await allRun(client.view.list.bind(client.view), pods);
  const before = await heapUsed();
  agent.stop();
  agent = undefined;
  const bytes = (before - (await heapUsed())) / pods;
  await cluster.stop();
  return [row(`heap of the made-up nodes a pod, of ${pods}, beside its object`, 'bytes', [bytes], atMost(300))];
};

async function filled(dataDir: string, nodes: number, held: number): Promise<void> {
  const cluster = await startCluster({ ...options(dataDir), nodes });
  const { client } = cluster.server;
  await rate(held, UNDER_WAY, (i) => client.create(PODS, pod(`pod-${i}`)));
  await allRun(client.view.list.bind(client.view), held);
  await cluster.stop();
}

async function allRun(list: (group: string, resource: string) => Iterable<object>, count: number): Promise<void> {
  const running = (): number =>
    [...list('', 'pods')].filter((one) => (one as { status?: { phase?: string } }).status?.phase === 'Running').length;
  while (running() < count) await new Promise((next) => setTimeout(next, 200));
}

async function heapUsed(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    await new Promise((next) => setTimeout(next, 100));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

function options(dataDir: string) {
  return { dataDir, store: 'lmdb', host: '127.0.0.1', port: 0, insecure: true, problem: console.error } as const;
}
