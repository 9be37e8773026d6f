/**
 * From `kubectl apply` of a pod to its container running, beside what the engine alone takes for the same two containers
 * (the sandbox and the pod's own): within the same pod, and by bare calls that nobody watches.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { V1Pod } from '@kubernetes/client-node';
import { BUSYBOX } from '../../runtime/examples/images/build.ts';
import { DockerEngine } from '../../runtime/node/docker/engine/docker-engine.ts';
import { PAUSE_IMAGE } from '../../runtime/node/docker/engine/pause-image.ts';
import type { RunningCluster } from '../../runtime/up/cluster.ts';
import { installedKubectls } from '../../test/support/kubectl.ts';
import { type Spread, spreadOf } from '../balancer/spread.ts';
import { emptied, inCluster, type OwnEngine } from './own-cluster.ts';

export interface FirstContainerRow {
  pods: number;
  /** Of `kubectl apply`, from its start to its end. */
  kubectlMs: Spread;
  /** From the pod's creation in the API to the engine's answer that its container has started. */
  startedMs: Spread;
  /** Of it in the engine's create and start. */
  engineMs: Spread;
  /** The rest. */
  oursMs: Spread;
  /** Two containers made and started alike, by bare calls, one after each pod. */
  bareMs: Spread;
  /** From the pod's creation to Running in the API. */
  runningMs: Spread;
}

interface Timed {
  kubectlMs: number;
  startedMs: number;
  engineMs: number;
  runningMs: number;
}

const PODS = { group: '', resource: 'pods' };
const COMMAND = ['sleep', '1000'];
const run = promisify(execFile);

/** Where the engine's time goes: both calls of every DockerEngine, summed since `since` was set. */
const engineCalls = { ms: 0, lastEnd: 0 };
for (const name of ['create', 'start'] as const) {
  const original = DockerEngine.prototype[name] as (this: DockerEngine, argument: unknown) => Promise<unknown>;
  Object.defineProperty(DockerEngine.prototype, name, {
    async value(this: DockerEngine, argument: unknown) {
      const began = performance.now();
      const answer = await original.call(this, argument);
      engineCalls.lastEnd = performance.now();
      engineCalls.ms += engineCalls.lastEnd - began;
      return answer;
    },
  });
}

/** undefined, said aloud, without a kubectl. @param pods beside one that warms up. */
export async function measureFirstContainer(own: OwnEngine, pods: number): Promise<FirstContainerRow | undefined> {
  const [kubectl] = installedKubectls(['1.33']).values();
  if (!kubectl) return undefined;
  const home = mkdtempSync(join(tmpdir(), 'keelson-bench-home-'));
  try {
    return await inCluster(own, async (cluster) => {
      const timed: Timed[] = [];
      const bareMs: number[] = [];
      for (let i = 0; i <= pods; i++) {
        timed.push(await applied(own, cluster, kubectl, home, `pod-${i}`));
        bareMs.push(await bare(own, `bare-${i}`));
      }
      return rowOf(timed.slice(1), bareMs.slice(1));
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function rowOf(timed: readonly Timed[], bareMs: readonly number[]): FirstContainerRow {
  return {
    pods: timed.length,
    kubectlMs: spreadOf(timed.map((one) => one.kubectlMs)),
    startedMs: spreadOf(timed.map((one) => one.startedMs)),
    engineMs: spreadOf(timed.map((one) => one.engineMs)),
    oursMs: spreadOf(timed.map((one) => one.startedMs - one.engineMs)),
    bareMs: spreadOf(bareMs),
    runningMs: spreadOf(timed.map((one) => one.runningMs)),
  };
}

async function applied(
  own: OwnEngine,
  { server: { client }, url }: RunningCluster,
  kubectl: string,
  home: string,
  name: string,
): Promise<Timed> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'a', image: BUSYBOX.name, command: COMMAND }],
    },
  };
  const find = (): V1Pod | undefined => client.view.get('', 'pods', 'default', name) as unknown as V1Pod | undefined;
  const at = { created: 0, running: 0 };
  const watch = client.watch(PODS, {
    namespace: 'default',
    onEvents() {
      if (at.created === 0 && find()) at.created = performance.now();
      if (at.running === 0 && find()?.status?.phase === 'Running') at.running = performance.now();
    },
  });
  engineCalls.ms = 0;
  const began = performance.now();
  const child = run(kubectl, ['--server', url, 'apply', '-f', '-'], { env: { HOME: home, PATH: process.env.PATH } });
  child.child.stdin?.end(JSON.stringify(pod));
  await child;
  const kubectlMs = performance.now() - began;
  while (at.running === 0) await new Promise((next) => setTimeout(next, 1));
  watch.stop();
  const timed = {
    kubectlMs,
    startedMs: engineCalls.lastEnd - at.created,
    engineMs: engineCalls.ms,
    runningMs: at.running - at.created,
  };
  await client.delete(PODS, 'default', name, { gracePeriodSeconds: 0 });
  await emptied(own);
  return timed;
}

/** What a pod's containers ask of the engine at the least. */
async function bare({ dockerd: { docker } }: OwnEngine, name: string): Promise<number> {
  const began = performance.now();
  const sandbox = await docker.createContainer({
    name: `${name}-pod`,
    Image: PAUSE_IMAGE,
    HostConfig: { IpcMode: 'shareable' },
  });
  await sandbox.start();
  const shared = `container:${sandbox.id}`;
  const container = await docker.createContainer({
    name,
    Image: BUSYBOX.name,
    Cmd: COMMAND,
    HostConfig: { NetworkMode: shared, IpcMode: shared },
  });
  await container.start();
  const tookMs = performance.now() - began;
  for (const one of [container, sandbox]) await one.remove({ force: true });
  return tookMs;
}
