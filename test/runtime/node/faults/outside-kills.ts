/** Somebody ends or removes containers and sandboxes behind the node's back. */
import type { V1Pod } from '@kubernetes/client-node';
import { BUSYBOX_IMAGE, type TestDockerd, WAITS } from '../../../support/dockerd.ts';
import { newFolder } from '../../store/folder.ts';
import { FaultCluster, until } from './cluster.ts';
import { containersOf } from './containers.ts';

export interface OutsideKillsReport {
  /** Milliseconds from the kill to the next container's running. */
  killedMs: number;
  removedMs: number;
  sandboxMs: number;
  /** From the second kill in a row to its third start: the back-off. */
  backOffMs: number | undefined;
  problems: string[];
}

const container = { name: 'a', image: BUSYBOX_IMAGE, imagePullPolicy: 'IfNotPresent', command: WAITS };

/** @param backOff whether the ten seconds of it are waited for. */
export async function outsideKills(
  dockerd: TestDockerd,
  { backOff }: { backOff: boolean },
): Promise<OutsideKillsReport> {
  const dataDir = newFolder();
  const cluster = await FaultCluster.start(dataDir, ['--docker-host', dockerd.host]);
  const problems: string[] = [];
  const expect = (what: string, actual: unknown, expected: unknown): void => {
    if (actual !== expected) problems.push(`${what}: ${actual}, where ${expected} is right`);
  };
  const scene = { cluster, dockerd, dataDir, expect };
  const pods = { killed: 'Always', removed: 'Always', sandbox: 'Always', once: 'Never', 'once-removed': 'Never' };
  for (const [name, restartPolicy] of Object.entries(pods)) {
    await cluster.createPod(name, { terminationGracePeriodSeconds: 1, restartPolicy, containers: [container] });
  }
  for (const name of Object.keys(pods)) await cluster.podWhen(name, 'runs', (pod) => statusOf(pod)?.state?.running);

  const killedMs = await killed(scene);
  const backOffMs = await killedAgain(scene, backOff);
  const removedMs = await removed(scene);
  const sandboxMs = await sandboxKilled(scene);
  for (const name of ['once', 'once-removed']) {
    const { docker } = dockerd;
    const id = await idOf(scene, name, 'a');
    if (name === 'once') await docker.getContainer(id).kill();
    else await docker.getContainer(id).remove({ force: true });
    const pod = await cluster.podWhen(name, 'has failed', ({ status }) => status?.phase === 'Failed');
    expect(`restarts of ${name}`, statusOf(pod)?.restartCount, 0);
    expect(`exit code of ${name}`, statusOf(pod)?.state?.terminated?.exitCode, 137);
  }
  for (const name of Object.keys(pods)) await cluster.deletePod(name);
  await until('nothing is left', async () =>
    (await containersOf(dockerd.docker, dataDir)).length === 0 ? true : undefined,
  );
  await cluster.up.kill('SIGTERM');
  return { killedMs, removedMs, sandboxMs, backOffMs, problems };
}

interface Scene {
  cluster: FaultCluster;
  dockerd: TestDockerd;
  dataDir: string;
  expect(what: string, actual: unknown, expected: unknown): void;
}

const statusOf = ({ status }: V1Pod) => status?.containerStatuses?.[0];

async function idOf({ cluster, dockerd, dataDir }: Scene, pod: string, name: string): Promise<string> {
  const uid = (await cluster.pod(pod))?.metadata?.uid;
  const found = await containersOf(dockerd.docker, dataDir);
  const one = found.find((other) => other.podUid === uid && other.name === name && other.running);
  if (!one) throw new Error(`${pod} has no ${name} that runs`);
  return one.id;
}

const runsAgain = (count: number) => (pod: V1Pod) =>
  statusOf(pod)?.restartCount === count && statusOf(pod)?.state?.running;

/** The first time it starts again at once. */
async function killed(scene: Scene): Promise<number> {
  const { cluster, dockerd, expect } = scene;
  const id = await idOf(scene, 'killed', 'a');
  const beganMs = Date.now();
  await dockerd.docker.getContainer(id).kill();
  const pod = await cluster.podWhen('killed', 'runs again', runsAgain(1));
  const last = statusOf(pod)?.lastState?.terminated;
  expect('exit code of killed', last?.exitCode, 137);
  expect('reason of killed', last?.reason, 'Error');
  expect('last container of killed', last?.containerID, `docker://${id}`);
  return Date.now() - beganMs;
}

/** The second time in a row it waits. */
async function killedAgain(scene: Scene, wait: boolean): Promise<number | undefined> {
  const { cluster, dockerd, expect } = scene;
  const beganMs = Date.now();
  await dockerd.docker.getContainer(await idOf(scene, 'killed', 'a')).kill();
  const pod = await cluster.podWhen('killed', 'waits', (one) => statusOf(one)?.state?.waiting);
  const { reason, message } = statusOf(pod)?.state?.waiting ?? {};
  expect('reason of waiting', reason, 'CrashLoopBackOff');
  const place = `killed_default(${pod.metadata?.uid})`;
  expect('message of waiting', message, `back-off 10s restarting failed container=a pod=${place}`);
  expect('exit code while waiting', statusOf(pod)?.lastState?.terminated?.exitCode, 137);
  expect('restarts while waiting', statusOf(pod)?.restartCount, 1);
  expect('phase while waiting', pod.status?.phase, 'Running');
  if (!wait) return undefined;
  await cluster.podWhen('killed', 'runs a third time', runsAgain(2));
  return Date.now() - beganMs;
}

/** Nobody knows how it ended; it counts all the same. */
async function removed(scene: Scene): Promise<number> {
  const { cluster, dockerd, expect } = scene;
  const id = await idOf(scene, 'removed', 'a');
  const beganMs = Date.now();
  await dockerd.docker.getContainer(id).remove({ force: true });
  const pod = await cluster.podWhen('removed', 'runs again', runsAgain(1));
  expect('phase of removed', pod.status?.phase, 'Running');
  return Date.now() - beganMs;
}

/** The pod gets a new sandbox with a new address, and its containers start in that. */
async function sandboxKilled(scene: Scene): Promise<number> {
  const { cluster, dockerd, dataDir, expect } = scene;
  const sandbox = await idOf(scene, 'sandbox', 'POD');
  const beganMs = Date.now();
  await dockerd.docker.getContainer(sandbox).kill();
  const pod = await cluster.podWhen('sandbox', 'runs again', runsAgain(1));
  const tookMs = Date.now() - beganMs;
  const running = (await containersOf(dockerd.docker, dataDir)).filter(
    ({ podUid, running }) => running && podUid === pod.metadata?.uid,
  );
  expect(
    'containers of sandbox',
    running
      .map(({ name }) => name)
      .sort()
      .join(),
    'POD,a',
  );
  expect('sandbox of a', new Set(running.map((one) => one.sandbox)).size, 1);
  expect('sandbox', running[0]?.sandbox === sandbox, false);
  const events = await cluster.eventsOf('sandbox');
  const changed = events.find(({ reason }) => reason === 'SandboxChanged')?.message;
  expect('event', changed, 'Pod sandbox changed, it will be killed and re-created.');
  return tookMs;
}
