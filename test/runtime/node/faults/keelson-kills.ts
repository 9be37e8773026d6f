/**
 * `keelson up` is SIGKILLed at random moments while pods come and go on a Docker Engine. No pod may be lost or doubled, and
 * no container lost, doubled, started again or left over. Checked against what the engine itself counts.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Pod } from '@kubernetes/client-node';
import type Docker from 'dockerode';
import { Random } from '../../../../core/random.ts';
import { UID_LABEL } from '../../../../runtime/node/docker/engine/labels.ts';
import { BUSYBOX_IMAGE, type TestDockerd, WAITS } from '../../../support/dockerd.ts';
import { newFolder } from '../../store/folder.ts';
import { FaultCluster, nameOf, pause, uidOf, until } from './cluster.ts';
import { type Container, containersOf, Starts } from './containers.ts';

/** Longest time between a start and its kill: a pod takes about a second to run. */
const LONGEST_MS = 2500;

export interface KillsReport {
  kills: number;
  /** Pods made, by hand and by the Deployment, and those that were there at the end. */
  pods: number;
  left: number;
  /** Containers that the engine started, sandboxes among them; each once. */
  started: number;
  /** Containers found running after a kill, and the same ones they had been. */
  adopted: number;
  /** Everything that should not be; empty. */
  problems: string[];
}

const container = (name: string, command: readonly string[], more: object = {}): object => {
  return { name, image: BUSYBOX_IMAGE, imagePullPolicy: 'IfNotPresent', command, ...more };
};

const KINDS: Record<string, object> = {
  plain: { containers: [container('a', WAITS)] },
  volumes: {
    initContainers: [container('init', ['sh', '-c', 'echo made >> /shared/by-init'], mounts())],
    containers: [container('a', WAITS, mounts())],
    volumes: [
      { name: 'shared', emptyDir: {} },
      { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'self', downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
    ],
  },
  done: { restartPolicy: 'Never', containers: [container('a', ['true'])] },
};

function mounts(): object {
  const volumeMounts = ['shared', 'memory', 'self'].map((name) => ({ name, mountPath: `/${name}` }));
  return { volumeMounts };
}

export async function keelsonKills(
  { docker, host }: Pick<TestDockerd, 'docker' | 'host'>,
  { kills, seed }: { kills: number; seed: number },
): Promise<KillsReport> {
  const random = new Random(seed);
  const dataDir = newFolder();
  const starts = new Starts();
  await starts.follow(docker, dataDir);
  const report: KillsReport = { kills, pods: 0, left: 0, started: 0, adopted: 0, problems: [] };
  const uids = new Set<string>();
  /** By name, of which kind: the pods that were asked for and not deleted. */
  const wanted = new Map<string, string>();
  let replicas = 2;
  let before: Container[] = [];
  for (let round = 0; round <= kills; round++) {
    const cluster = await FaultCluster.start(dataDir, ['--docker-host', host]);
    await checkAdopted({ cluster, docker, dataDir, round, before, report });
    if (round === kills) {
      await settled(cluster, { docker, dataDir, wanted, replicas, report });
      for (const pod of await cluster.pods()) uids.add(uidOf(pod));
      await cluster.up.kill();
      break;
    }
    if (round === 0)
      await cluster.createDeployment('web', replicas, { terminationGracePeriodSeconds: 1, ...KINDS.plain });
    for (const kind of Object.keys(KINDS)) {
      const name = `${kind}-${round}`;
      await cluster.createPod(name, { terminationGracePeriodSeconds: 1, ...KINDS[kind] });
      wanted.set(name, kind);
    }
    replicas = 1 + random.below(4);
    await cluster.scale('web', replicas);
    for (const name of [...wanted.keys()]) {
      if (wanted.size <= 4 || random.below(3) > 0) continue;
      await cluster.deletePod(name);
      wanted.delete(name);
    }
    await pause(random.below(LONGEST_MS));
    for (const pod of await cluster.pods()) uids.add(uidOf(pod));
    before = await containersOf(docker, dataDir);
    // Gone from the API at once: what is left of it in the engine is nobody's after the kill.
    const [forced] = [...wanted.keys()].filter((name) => name.startsWith('plain'));
    if (round > 0 && forced) {
      await cluster.deletePod(forced, 0);
      wanted.delete(forced);
    }
    await cluster.up.kill();
  }
  report.problems.push(...starts.repeated().map((text) => `started ${text}`));
  report.started = starts.total;
  report.pods = uids.size;
  starts.stop();
  return report;
}

/** Each container that ran when Keelson was killed runs on, unless its pod has been told to go. */
async function checkAdopted({
  cluster,
  docker,
  dataDir,
  round,
  before,
  report,
}: {
  cluster: FaultCluster;
  docker: Docker;
  dataDir: string;
  round: number;
  before: readonly Container[];
  report: KillsReport;
}): Promise<void> {
  const pods = new Map((await cluster.pods()).map((pod) => [uidOf(pod), pod]));
  const now = new Map((await containersOf(docker, dataDir)).map((one) => [one.id, one]));
  for (const { id, podUid, name, running, startedAt } of before) {
    const pod = pods.get(podUid);
    if (!running || !pod || pod.metadata?.deletionTimestamp) continue;
    const found = now.get(id);
    // What ends by itself may have ended meanwhile.
    if (name !== 'a' && name !== 'POD') continue;
    if (nameOf(pod).startsWith('done')) continue;
    if (found?.running && found.startedAt === startedAt) report.adopted++;
    else report.problems.push(`round ${round}: container ${name} of ${nameOf(pod)} does not run on`);
  }
}

/** What is wanted comes about, and nothing else is left. */
async function settled(
  cluster: FaultCluster,
  {
    docker,
    dataDir,
    wanted,
    replicas,
    report,
  }: { docker: Docker; dataDir: string; wanted: ReadonlyMap<string, string>; replicas: number; report: KillsReport },
): Promise<void> {
  const isDone = (pod: V1Pod): boolean =>
    pod.status?.phase === (wanted.get(nameOf(pod)) === 'done' ? 'Succeeded' : 'Running');
  const unfinished = async (): Promise<string[]> => {
    const pods = await cluster.pods();
    const own = pods.filter(({ metadata }) => !metadata?.ownerReferences);
    const names = own.map(nameOf);
    return [
      ...[...wanted.keys()].filter((name) => !names.includes(name)).map((name) => `${name} is lost`),
      ...names.filter((name) => !wanted.has(name)).map((name) => `${name} is left`),
      ...pods.filter((pod) => !isDone(pod)).map((pod) => `${nameOf(pod)} is ${pod.status?.phase}`),
      ...(pods.length - own.length === replicas ? [] : [`web has ${pods.length - own.length} pods of ${replicas}`]),
      ...(await leftovers(pods, docker, dataDir)),
    ];
  };
  let why: string[] = [];
  await until('rest', async () => ((why = await unfinished()).length === 0 ? true : undefined)).catch(() =>
    report.problems.push(...why),
  );
  const pods = await cluster.pods();
  report.left = pods.length;
  for (const pod of pods) {
    const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
    for (const { name, restartCount } of all) {
      if (restartCount > 0) report.problems.push(`${nameOf(pod)}/${name} says ${restartCount} restarts`);
    }
  }
}

/** Containers, volumes and files that no pod wants, and those that are there twice. */
async function leftovers(pods: readonly V1Pod[], docker: Docker, dataDir: string): Promise<string[]> {
  const uids = new Set(pods.map(uidOf));
  const containers = await containersOf(docker, dataDir);
  const problems: string[] = [];
  for (const pod of pods) {
    const names = containers.filter(({ podUid }) => podUid === uidOf(pod)).map(({ name }) => name);
    const { initContainers = [], containers: main = [] } = pod.spec ?? {};
    const expected = ['POD', ...[...initContainers, ...main].map(({ name }) => name)];
    if (names.sort().join() !== expected.sort().join()) problems.push(`${nameOf(pod)} has containers ${names}`);
  }
  problems.push(
    ...containers.filter(({ podUid }) => !uids.has(podUid)).map(({ name, podUid }) => `container ${name} of ${podUid}`),
  );
  const { Volumes } = await docker.listVolumes();
  for (const { Name, Labels } of Volumes ?? []) if (!uids.has(Labels?.[UID_LABEL])) problems.push(`volume ${Name}`);
  const folders = await readdir(join(dataDir, 'pods'));
  problems.push(...folders.filter((uid) => !uids.has(uid)).map((uid) => `files of ${uid}`));
  return problems;
}
