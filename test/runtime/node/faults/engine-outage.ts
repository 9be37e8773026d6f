/**
 * The engine is stopped for a while and comes back: with its containers, which then run on as if nothing had been, or
 * without them (it ends them itself), and then each starts again by its policy. Nothing is doubled either way.
 */
import type { V1Pod } from '@kubernetes/client-node';
import { BUSYBOX_IMAGE, type TestDockerd, WAITS } from '../../../support/dockerd.ts';
import { newFolder } from '../../store/folder.ts';
import { FaultCluster, nameOf, pause, until } from './cluster.ts';
import { containersOf } from './containers.ts';

export interface OutageReport {
  pods: number;
  /** Milliseconds from the engine's going to its node's being NotReady; undefined where it was back before. */
  notReadyMs: number | undefined;
  /** From the engine's return to all pods as they should be. */
  healedMs: number;
  restarts: number;
  problems: string[];
}

const container = { name: 'a', image: BUSYBOX_IMAGE, imagePullPolicy: 'IfNotPresent', command: WAITS };
const spec = { terminationGracePeriodSeconds: 1, containers: [container] };

/** @param liveRestore whether the engine is one that leaves its containers running. */
export async function engineOutage(
  dockerd: TestDockerd,
  { liveRestore, awayMs }: { liveRestore: boolean; awayMs: number },
): Promise<OutageReport> {
  const dataDir = newFolder();
  const cluster = await FaultCluster.start(dataDir, ['--docker-host', dockerd.host]);
  await cluster.createDeployment('web', 5, spec);
  await cluster.createPod('never', { ...spec, restartPolicy: 'Never' });
  await cluster.createPod('leaves', spec);
  const before = await until('all run', () => allOf(cluster, 7, ({ status }) => status?.phase === 'Running'));
  const ids = new Map(before.map((pod) => [nameOf(pod), pod.status?.containerStatuses?.[0].containerID]));

  await dockerd.stop();
  const goneMs = Date.now();
  await cluster.createPod('comes', spec);
  await cluster.deletePod('leaves');
  const notReadyMs = await whenNotReady(cluster, goneMs, goneMs + awayMs);
  const problems: string[] = [];
  for (const pod of await cluster.pods()) {
    const expected = nameOf(pod) === 'comes' ? 'Pending' : 'Running';
    // An engine that ends its containers before it goes may have been asked in between.
    if (nameOf(pod) === 'never' && !liveRestore) continue;
    if (pod.status?.phase !== expected) problems.push(`${nameOf(pod)} was ${pod.status?.phase} without an engine`);
  }
  await dockerd.start();

  const backMs = Date.now();
  const isSettled = (pod: V1Pod): boolean => {
    if (nameOf(pod) === 'never' && !liveRestore)
      return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
    const [status] = pod.status?.containerStatuses ?? [];
    const again = !liveRestore && nameOf(pod) !== 'comes';
    return (
      status?.state?.running !== undefined &&
      (status.containerID !== ids.get(nameOf(pod))) === (again || nameOf(pod) === 'comes')
    );
  };
  const after = await until('all are as they should be', () => allOf(cluster, 7, isSettled)).catch(
    async (cause: Error) => {
      const others = (await cluster.pods()).filter((pod) => !isSettled(pod));
      const told = others.map((pod) => `${nameOf(pod)} ${JSON.stringify(pod.status)}`);
      throw new Error([cause.message, ...told].join('\n'), { cause });
    },
  );
  const healedMs = Date.now() - backMs;
  await until('the node is ready', async () => ((await isReady(cluster)) ? true : undefined));
  const restarts = after.map((pod) => pod.status?.containerStatuses?.[0].restartCount ?? 0);
  const sum = restarts.reduce((total, count) => total + count, 0);
  // While it ends its containers an engine still starts others, which it then ends too.
  const isRight = liveRestore ? sum === 0 : restarts.filter((count) => count > 0).length === 5;
  if (!isRight) problems.push(`restarts are said to be ${restarts}`);
  if (after.some((pod) => nameOf(pod) === 'leaves')) problems.push('leaves is still there');
  const running = (await containersOf(dockerd.docker, dataDir)).filter((one) => one.running);
  const names = running.map(({ podUid, name }) => `${podUid}/${name}`);
  const wanted = liveRestore ? 14 : 12;
  if (names.length !== wanted || new Set(names).size !== wanted) problems.push(`${names.length} containers run`);
  for (const { metadata } of after) await cluster.deletePod(metadata?.name ?? '', 0).catch(() => undefined);
  await cluster.up.kill('SIGTERM');
  return { pods: after.length, notReadyMs, healedMs, restarts: sum, problems };
}

/** Waits until then in any case. */
async function whenNotReady(cluster: FaultCluster, sinceMs: number, untilMs: number): Promise<number | undefined> {
  let found: number | undefined;
  while (Date.now() < untilMs) {
    if (found === undefined && !(await isReady(cluster))) found = Date.now() - sinceMs;
    await pause(100);
  }
  return found;
}

async function isReady({ up }: FaultCluster): Promise<boolean> {
  const { items } = (await up.ask('GET', '/api/v1/nodes')).body;
  return items[0].status.conditions.some(
    ({ type, status }: { type: string; status: string }) => type === 'Ready' && status === 'True',
  );
}

async function allOf(
  cluster: FaultCluster,
  count: number,
  holds: (pod: V1Pod) => boolean,
): Promise<V1Pod[] | undefined> {
  const pods = await cluster.pods();
  return pods.length === count && pods.every(holds) ? pods : undefined;
}
