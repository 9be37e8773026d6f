/** Keelson is SIGKILLed again and again while pods come and go: no container is lost, doubled, started again or left over. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Pod } from '@kubernetes/client-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BUSYBOX_IMAGE, startDockerd, WAITS } from '../../../support/dockerd.ts';

const KILLS = 6;
const KEELSON = join(import.meta.dirname, '../../../../runtime/cli/keelson.ts');
const dockerd = await startDockerd();
const dataDir = mkdtempSync(join(tmpdir(), 'keelson-kill-'));

interface Up {
  child: ChildProcess;
  pods: string;
}

async function up(): Promise<Up> {
  const args = ['--port', '0', '--insecure', '-o', 'json', '--data-dir', dataDir, '--docker-host', dockerd!.host];
  const child = spawn(process.execPath, [KEELSON, 'up', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const piece of child.stdout) {
    said += piece;
    if (said.trim().endsWith('}')) break;
  }
  return { child, pods: `${JSON.parse(said).url}/api/v1/namespaces/default/pods` };
}

async function kill({ child }: Up): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function create(pods: string, name: string): Promise<void> {
  const container = { name: 'a', image: BUSYBOX_IMAGE, imagePullPolicy: 'IfNotPresent', command: WAITS };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 0, containers: [container] },
  };
  const answer = await fetch(pods, {
    method: 'POST',
    body: JSON.stringify(pod),
    headers: { 'Content-Type': 'application/json' },
  });
  assert.is(answer.status, 201, await answer.text());
}

async function list(pods: string): Promise<V1Pod[]> {
  return ((await (await fetch(pods)).json()) as { items: V1Pod[] }).items;
}

const idOf = ({ status }: V1Pod): string =>
  (status?.containerStatuses?.[0]?.containerID ?? '').replace('docker://', '');
const nameOf = ({ metadata }: V1Pod): string => metadata?.name ?? '';

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 45_000; Date.now() < end; await new Promise((next) => setTimeout(next, 50))) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`${what} did not come about`);
}

if (dockerd) {
  test.after(async () => {
    await dockerd.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test(`${KILLS} kills while pods come and go: none lost, doubled, restarted or leaked`, async () => {
    const wanted = new Set<string>();
    const firstIds = new Map<string, string>();
    for (let i = 0; i < KILLS; i++) {
      const keelson = await up();
      for (const name of [`first-${i}`, `second-${i}`]) {
        await create(keelson.pods, name);
        wanted.add(name);
      }
      if (i > 0) {
        await fetch(`${keelson.pods}/second-${i - 1}`, { method: 'DELETE' });
        wanted.delete(`second-${i - 1}`);
      }
      // Each at another moment: before the sandbox, between sandbox and container, while one goes, when all run.
      await new Promise((next) => setTimeout(next, i * 220));
      for (const pod of await list(keelson.pods)) {
        if (pod.status?.phase === 'Running') firstIds.set(nameOf(pod), firstIds.get(nameOf(pod)) ?? idOf(pod));
      }
      await kill(keelson);
    }
    const last = await up();
    const settled = await until('all wanted pods run, and no other', async () => {
      const pods = await list(last.pods);
      const done = pods.length === wanted.size && pods.every(({ status }) => status?.phase === 'Running');
      return done ? pods : undefined;
    });
    assert.equal(new Set(settled.map(nameOf)), wanted);
    assert.ok(firstIds.size > 0, 'some ran before a kill');
    for (const pod of settled) {
      assert.is(pod.status?.containerStatuses?.[0].restartCount, 0, nameOf(pod));
      assert.is(idOf(pod), firstIds.get(nameOf(pod)) ?? idOf(pod), `${nameOf(pod)} is the container it was`);
    }
    await until('the engine has a sandbox and a container a pod', async () => {
      const containers = await dockerd.docker.listContainers({ all: true });
      return containers.length === 2 * wanted.size && containers.every(({ State }) => State === 'running')
        ? true
        : undefined;
    });
    await kill(last);
  });
}

test.run();
