/** `keelson up` as a process of its own: when it is ready, creates over HTTPS, a list of thousands, what it takes at rest. */
import { readFileSync } from 'node:fs';
import { UpProcess } from '../../test/runtime/api/faults/up-process.ts';
import { folder } from './folders.ts';
import { HttpsClient } from './https-client.ts';
import { configMap, pod } from './objects.ts';
import { atLeast, atMost, type Part, rate, repeated, row } from './row.ts';

const CLIENTS = 16;
const NAMESPACE = '/api/v1/namespaces/default';
const SETTLED_MS = 5_000;

/** As a user has it: the first start, on an empty folder. */
export const ready: Part = async ({ runs }) => {
  const times = await repeated(runs, async () => {
    const up = await UpProcess.start(folder(), ['--nodes', '3']);
    await up.kill('SIGTERM');
    return up.readyMs;
  });
  return [row('keelson up ready, first start', 'ms', times, atMost(1_500))];
};

export const createsOverHttps: Part = async ({ runs, pods }) => {
  const up = await UpProcess.start(folder(), ['--nodes', '3']);
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => HttpsClient.connect(up)));
  const create = (name: string) => (client: HttpsClient, i: number) =>
    posted(client, `${NAMESPACE}/configmaps`, configMap(`${name}-${i}`));
  const first = await spread(clients, pods, create('first'));
  const rates = await repeated(runs, (run) => spread(clients, pods, create(`run-${run}`)));
  for (const client of clients) client.close();
  await up.kill('SIGTERM');
  return [
    row(`creates over HTTPS, ${CLIENTS} clients`, '/s', rates, atLeast(3_000)),
    row(`of it the first ${pods} after the start`, '/s', [first]),
  ];
};

/** Of pods that run on made-up nodes. */
export const lists: Part = async ({ runs, pods }) => {
  const nodes = Math.max(3, Math.ceil(pods / 100));
  const up = await UpProcess.start(folder(), ['--nodes', String(nodes)]);
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => HttpsClient.connect(up)));
  await spread(clients, pods, (client, i) => posted(client, `${NAMESPACE}/pods`, pod(`pod-${i}`)));
  const [client] = clients;
  while ((await client.ask('GET', '/api/v1/pods?fieldSelector=status.phase%21%3DRunning')).bytes > 400) {
    await new Promise((next) => setTimeout(next, 200));
  }
  let bytes = 0;
  const list = async (): Promise<number> => {
    const began = performance.now();
    const answer = await client.ask('GET', '/api/v1/pods');
    bytes = answer.bytes;
    return performance.now() - began;
  };
  await repeated(3, list);
  const times = await repeated(Math.max(runs, 5), list);
  for (const one of clients) one.close();
  await up.kill('SIGTERM');
  return [
    row(`a list of ${pods} running pods over HTTPS`, 'ms', times, atMost(150)),
    row('its size', 'MB', [bytes / 1e6]),
  ];
};

/** Three made-up nodes and nothing to do. */
export const rest: Part = async ({ restMs }) => {
  const { pid, kill } = await atRest();
  await new Promise((next) => setTimeout(next, Math.min(restMs, SETTLED_MS)));
  const before = usage(pid);
  await new Promise((next) => setTimeout(next, restMs));
  const after = usage(pid);
  await kill();
  return [
    row('at rest: share of a core', '%', [((after.cpuMs - before.cpuMs) / restMs) * 100], atMost(1)),
    row('at rest: resident memory', 'MB', [after.rss / 1e6], atMost(150)),
    row(`at rest: written to the disk in ${restMs / 1000} s`, 'bytes', [after.written - before.written], atMost(0)),
  ];
};

async function atRest() {
  const up = await UpProcess.start(folder(), ['--nodes', '3']);
  return { pid: up.pid, kill: () => up.kill('SIGTERM') };
}

/** Requests a second; each client has one under way. */
function spread(clients: HttpsClient[], count: number, one: (client: HttpsClient, i: number) => Promise<void>) {
  const free = [...clients];
  return rate(count, clients.length, async (i) => {
    const client = free.pop() as HttpsClient;
    await one(client, i);
    free.push(client);
  });
}

async function posted(client: HttpsClient, path: string, object: object): Promise<void> {
  const { code } = await client.ask('POST', path, JSON.stringify(object));
  if (code !== 201) throw new Error(`POST ${path} was answered with ${code}`);
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
