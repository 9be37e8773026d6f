/** The worker of one pod over an engine that is made up, with a clock that is set by hand. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Pod } from '@kubernetes/client-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../../core/index.ts';
import type { ApiClient } from '../../../../runtime/api/client.ts';
import {
  type CreateOptions,
  type Engine,
  EngineGone,
  type Observed,
} from '../../../../runtime/node/docker/engine/engine.ts';
import type { NodeParts } from '../../../../runtime/node/docker/pod/parts.ts';
import { PodWorker } from '../../../../runtime/node/docker/pod/pod-worker.ts';
import { lookups, samplePod, seen } from './sample.ts';

/** Starts what it is told, and says so; `down` makes it answer nothing. */
class FakeEngine {
  all: Observed[] = [];
  down = false;
  now = 0;

  async containers(): Promise<Observed[]> {
    if (this.down) throw new EngineGone('down');
    return this.all.map((one) => ({ ...one }));
  }
  async image() {
    return { id: 'sha256:1', digest: '', sizeBytes: 1, user: '' };
  }
  async create({ name }: CreateOptions): Promise<string> {
    const [, container] = name.split('_');
    const [one] = seen(`${container}#${name.split('_').at(-1)} created`);
    this.all.push(one);
    return one.id;
  }
  async start(id: string): Promise<void> {
    this.set(id, { state: 'running', startedMs: this.now });
  }
  async stop(id: string): Promise<void> {
    this.set(id, { state: 'exited', exitCode: 143, finishedMs: this.now });
  }
  kill = this.stop;
  async remove(id: string): Promise<void> {
    this.all = this.all.filter((one) => one.id !== id);
  }
  async removeVolumes(): Promise<void> {}
  set(id: string, change: Partial<Observed>): void {
    Object.assign(this.all.find((one) => one.id === id) ?? {}, change);
  }
}

function world(pod: V1Pod, services: Partial<NodeParts['services']> = {}) {
  const engine = new FakeEngine();
  const directory = mkdtempSync(join(tmpdir(), 'keelson-worker-'));
  const seenByApi = { pod: pod as unknown as KubeObject | undefined, told: [] as string[], gone: 0 };
  const client = {
    view: { get: () => seenByApi.pod },
    update: async (_resource: object, object: KubeObject) => (seenByApi.pod = object),
    delete: async () => (seenByApi.pod = undefined),
  } as unknown as ApiClient;
  const node: NodeParts = {
    engine: engine as unknown as Engine,
    client,
    owner: 'o',
    directory,
    hostIP: '10.0.0.1',
    allowPrivileged: false,
    lookups: () => lookups(),
    pullSecrets: () => ({ logins: [], missing: [] }),
    issueToken: async () => 'token',
    services: { joined() {}, withdraw: async () => undefined, ...services },
    tell: (_pod, _type, reason) => void seenByApi.told.push(reason),
    now: () => engine.now,
    engineGone: () => void seenByApi.gone++,
    problem: (error) => assert.unreachable(`${error} ${error.cause}`),
  };
  const finished = { yes: false };
  const worker = new PodWorker(pod as unknown as KubeObject, node, () => (finished.yes = true));
  const until = async (what: string, holds: () => unknown): Promise<void> => {
    for (let i = 0; i < 2000 && !holds(); i++) {
      if (i % 20 === 0) worker.wake();
      await new Promise((next) => setTimeout(next, 2));
    }
    assert.ok(holds(), what);
  };
  const a = () => (seenByApi.pod as unknown as V1Pod)?.status?.containerStatuses?.[0];
  const end = async () => {
    await worker.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { engine, worker, until, a, seenByApi, finished, end };
}

test('worker: a container that fails again and again starts at once, then 10 s later, then 20 s', async () => {
  const { engine, until, a, seenByApi, end } = world(samplePod());
  const fail = (attempt: number) =>
    engine.set(`a#${attempt}`, { state: 'exited', exitCode: 1, finishedMs: engine.now });
  await until('it runs', () => a()?.state?.running);
  fail(0);
  await until('it runs again at once', () => a()?.restartCount === 1 && a()?.state?.running);
  for (const [attempt, seconds] of [
    [1, 10],
    [2, 20],
  ]) {
    fail(attempt);
    await until('it waits', () => a()?.state?.waiting?.reason === 'CrashLoopBackOff' && a()?.restartCount === attempt);
    assert.match(a()?.state?.waiting?.message ?? '', new RegExp(`^back-off ${seconds}s restarting failed container=a`));
    engine.now += seconds * 1000;
    await until('it runs again', () => a()?.restartCount === attempt + 1 && a()?.state?.running);
  }
  assert.is(seenByApi.told.filter((reason) => reason === 'BackOff').length, 2);
  await end();
});

test('worker: an engine that is gone is told of; when it is back all goes on', async () => {
  const { engine, worker, until, a, seenByApi, end } = world(samplePod());
  engine.down = true;
  worker.wake();
  await until('it is told', () => seenByApi.gone > 0);
  engine.down = false;
  engine.now += 60_000;
  await until('it runs', () => a()?.state?.running);
  await end();
});

test('worker: a pod that is deleted is told to end once Services send nothing new to it, or at once when it has no time', async () => {
  for (const hurried of [false, true]) {
    const asked: number[] = [];
    const letGo = Promise.withResolvers<void>();
    const withdraw = (_pod: object, limitMs: number): Promise<void> => {
      asked.push(limitMs);
      return letGo.promise;
    };
    const { engine, worker, until, a, seenByApi, end } = world(samplePod({ terminationGracePeriodSeconds: 2 }), {
      withdraw,
    });
    await until('it runs', () => a()?.state?.running);
    const { metadata, ...rest } = seenByApi.pod as KubeObject;
    const deleted = { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 2 };
    seenByApi.pod = { ...rest, metadata: deleted } as KubeObject;
    worker.update(seenByApi.pod);
    await until('it is withdrawn', () => asked.length > 0);
    assert.equal(asked, [2000], 'once, and not longer than it has');
    assert.ok(engine.all.every(({ state }) => state === 'running'));
    if (hurried) worker.gone();
    else letGo.resolve();
    await until('it ends', () => engine.all.every(({ state }) => state === 'exited'));
    letGo.resolve();
    await end();
  }
});

test('worker: a pod that is deleted ends, leaves the API, and then the engine', async () => {
  const { engine, worker, until, a, seenByApi, finished, end } = world(samplePod());
  await until('it runs', () => a()?.state?.running);
  const { metadata, ...rest } = seenByApi.pod as KubeObject;
  seenByApi.pod = { ...rest, metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } } as KubeObject;
  worker.update(seenByApi.pod);
  await until('it leaves the API', () => seenByApi.pod === undefined);
  assert.ok(engine.all.every(({ state }) => state === 'exited'));
  worker.gone();
  await until('nothing is left', () => finished.yes);
  assert.equal(engine.all, []);
  assert.ok(seenByApi.told.includes('Killing'));
  await end();
});

test.run();
