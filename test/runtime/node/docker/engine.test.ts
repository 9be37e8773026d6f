/** Pods in real containers: a whole cluster in this process over a Docker Engine of the test's own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../../core/index.ts';
import type { ApiClient } from '../../../../runtime/api/client.ts';
import { DockerEngine } from '../../../../runtime/node/docker/engine/docker-engine.ts';
import { DockerStreams } from '../../../../runtime/node/docker/streams.ts';
import { type RunningCluster, startCluster } from '../../../../runtime/up/cluster.ts';
import { BUSYBOX_IMAGE, startDockerd, WAITS } from '../../../support/dockerd.ts';

const PODS = { group: '', resource: 'pods' };
const dockerd = await startDockerd();
const dataDir = mkdtempSync(join(tmpdir(), 'keelson-docker-'));
const problems: Error[] = [];
const never = new AbortController().signal;

let cluster: RunningCluster;
let client: ApiClient;
let streams: DockerStreams;

async function up(): Promise<void> {
  cluster = await startCluster({
    dataDir,
    store: 'lmdb',
    host: '127.0.0.1',
    port: 0,
    insecure: true,
    nodes: 0,
    docker: { host: dockerd!.host, allowPrivileged: false, nodeName: 'real' },
    problem: (error) => void problems.push(error),
  });
  client = cluster.server.client;
  streams = new DockerStreams(new DockerEngine(dockerd!.host), dataDir);
}

async function until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 40_000;
  while (Date.now() < end) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((next) => setTimeout(next, 25));
  }
  const all = [...client.view.list('', 'pods', 'default')].map((pod) =>
    JSON.stringify((pod as unknown as V1Pod).status),
  );
  throw new Error(`${what} did not come about; ${problems.map(String)} ${all.join('\n')}`);
}

function pod(name: string, containers: object[], more: object = {}): Promise<KubeObject> {
  const full = containers.map((one, i) => ({
    name: 'abc'[i],
    image: BUSYBOX_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    ...one,
  }));
  const spec = { containers: full, terminationGracePeriodSeconds: 2, ...more };
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec };
  return client.create(PODS, object as unknown as KubeObject);
}

const find = (name: string): V1Pod | undefined =>
  client.view.get('', 'pods', 'default', name) as unknown as V1Pod | undefined;
const when = (name: string, holds: (pod: V1Pod) => unknown) => () => {
  const found = find(name);
  return found && holds(found) ? found : undefined;
};
const inPhase = (name: string, phase: string) =>
  until(
    `${name} ${phase}`,
    when(name, ({ status }) => status?.phase === phase),
  );
const isReady = ({ status }: V1Pod): boolean =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
const stateOf = (found: V1Pod, name = 'a'): V1ContainerStatus | undefined =>
  [...(found.status?.initContainerStatuses ?? []), ...(found.status?.containerStatuses ?? [])].find(
    (one) => one.name === name,
  );

async function logOf(name: string, more: object = {}): Promise<string> {
  const options = { container: 'a', follow: false, previous: false, timestamps: false, ...more };
  const parts: Uint8Array[] = [];
  for await (const piece of streams.logs(find(name) as unknown as KubeObject, options, never)) parts.push(piece);
  return Buffer.concat(parts).toString();
}

async function execIn(
  name: string,
  command: string[],
  input?: string,
): Promise<{ code: number; out: string; error: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const stdin = input === undefined ? undefined : new PassThrough();
  stdin?.end(input);
  const target = find(name) as unknown as KubeObject;
  const code = await streams.exec(target, 'a', command, {
    stdin,
    stdout,
    stderr,
    tty: false,
    gone: never,
    onResize() {},
  });
  return { code, out: String(stdout.read() ?? ''), error: String(stderr.read() ?? '') };
}

const ofThisCluster = () =>
  dockerd!.docker.listContainers({ all: true, filters: { label: [`keelson.dev/owner=${dataDir}`] } });

async function remove(...names: string[]): Promise<void> {
  for (const name of names) await client.delete(PODS, 'default', name);
  await until('pods gone', () => names.every((name) => !find(name)));
  await until('containers gone', async () => (await ofThisCluster()).length === 0);
}

if (dockerd) {
  test.before(up);
  test.after(async () => {
    await cluster.stop();
    await dockerd.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('the node is this machine, ready, with what it has', async () => {
    const node = client.view.get('', 'nodes', '', 'real') as unknown as {
      status: { capacity: Record<string, string>; conditions: { type: string; status: string }[] };
    };
    assert.is(node.status.conditions.find(({ type }) => type === 'Ready')?.status, 'True');
    assert.ok(Number(node.status.capacity.cpu) > 0);
    assert.match(node.status.capacity.memory, /^\d+Ki$/);
  });

  test('a pod runs in containers: environment, volumes, init, probes, logs, exec, an address of its own', async () => {
    await client.create({ group: '', resource: 'configmaps' }, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'default' },
      data: { greeting: 'hello', colour: 'blue' },
    } as KubeObject);
    await pod(
      'full',
      [
        {
          command: [
            'sh',
            '-c',
            'echo "$GREETING from $NAME"; echo page > /tmp/index.html; trap "exit 0" TERM; httpd -f -p 80 -h /tmp & wait',
          ],
          args: [],
          env: [
            { name: 'WORD', valueFrom: { configMapKeyRef: { name: 'settings', key: 'greeting' } } },
            { name: 'GREETING', value: '$(WORD)!' },
            { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
          ],
          resources: { limits: { cpu: '500m', memory: '64Mi' } },
          readinessProbe: { httpGet: { path: '/index.html', port: 80 }, periodSeconds: 1 },
          volumeMounts: [
            { name: 'work', mountPath: '/work' },
            { name: 'settings', mountPath: '/settings' },
            { name: 'quick', mountPath: '/quick' },
          ],
        },
      ],
      {
        initContainers: [
          {
            name: 'first',
            image: BUSYBOX_IMAGE,
            command: ['sh', '-c', 'echo one > /work/file'],
            volumeMounts: [{ name: 'work', mountPath: '/work' }],
          },
          {
            name: 'side',
            image: BUSYBOX_IMAGE,
            restartPolicy: 'Always',
            command: ['sh', '-c', 'cat /work/file > /work/copy; trap "exit 0" TERM; sleep 1000 & wait'],
            volumeMounts: [{ name: 'work', mountPath: '/work' }],
          },
        ],
        volumes: [
          { name: 'work', emptyDir: {} },
          { name: 'quick', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
          { name: 'settings', configMap: { name: 'settings', items: [{ key: 'colour', path: 'a/colour' }] } },
        ],
      },
    );
    const running = await until('full is ready', when('full', isReady));
    assert.match(running.status?.podIP ?? '', /^\d+\.\d+\.\d+\.\d+$/);
    assert.is(stateOf(running, 'first')?.state?.terminated?.reason, 'Completed');
    assert.is(stateOf(running, 'side')?.started, true);
    assert.is(await logOf('full'), 'hello! from full\n');
    assert.match(await logOf('full', { timestamps: true }), /^\d{4}-\d\d-\d\dT[\d:.]+Z hello! from full\n$/);
    const seen = await execIn('full', [
      'sh',
      '-c',
      'cat /work/copy /settings/a/colour; echo; echo $CPU; hostname; df /quick | grep -c tmpfs; cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || echo 67108864',
    ]);
    assert.is(seen.out, 'one\nblue\n500\nfull\n1\n67108864\n');
    const answered = await fetch(`http://${running.status?.podIP}/index.html`);
    assert.is(await answered.text(), 'page\n');
  });

  test('exec gives input, both outputs and the exit code; tar goes both ways', async () => {
    const failed = await execIn('full', ['sh', '-c', 'cat; echo bad >&2; exit 7'], 'given');
    assert.equal(failed, { code: 7, out: 'given', error: 'bad\n' });
    const packed = await execIn('full', ['sh', '-c', 'echo x > /tmp/f; tar cf - /tmp/f 2>/dev/null | tar tf -']);
    assert.is(packed.out, 'tmp/f\n');
    const events = [...client.view.list('', 'events', 'default')] as unknown as {
      reason: string;
      involvedObject: { name: string };
    }[];
    const reasons = events.filter(({ involvedObject }) => involvedObject.name === 'full').map(({ reason }) => reason);
    for (const reason of ['Scheduled', 'Pulled', 'Created', 'Started']) assert.ok(reasons.includes(reason), reason);
  });

  test('what has ended is Succeeded or Failed, with its last words; what ends again and again waits', async () => {
    await pod('done', [{ command: ['sh', '-c', 'echo bye > /dev/termination-log'] }], { restartPolicy: 'Never' });
    await pod('failing', [{ command: ['sh', '-c', 'exit 4'] }], { restartPolicy: 'Never' });
    await pod('looping', [{ command: ['sh', '-c', 'echo once; exit 1'] }]);
    await pod('absent', [{ image: 'keelson.invalid/none:1', imagePullPolicy: 'Never' }]);
    await pod('misnamed', [{ command: ['/nothing'] }], { restartPolicy: 'Never' });
    const done = await inPhase('done', 'Succeeded');
    assert.is(stateOf(done)?.state?.terminated?.message, 'bye\n');
    assert.is(stateOf(await inPhase('failing', 'Failed'))?.state?.terminated?.exitCode, 4);
    assert.is(stateOf(await inPhase('misnamed', 'Failed'))?.state?.terminated?.reason, 'StartError');
    const looping = await until(
      'looping backs off',
      when('looping', (one) => stateOf(one)?.state?.waiting?.reason === 'CrashLoopBackOff'),
    );
    assert.is(stateOf(looping)?.lastState?.terminated?.exitCode, 1);
    assert.ok((stateOf(looping)?.restartCount ?? 0) >= 1);
    assert.is(await logOf('looping', { previous: true }), 'once\n');
    await until(
      'absent says why',
      when('absent', (one) => stateOf(one)?.state?.waiting?.reason === 'ErrImageNeverPull'),
    );
    await remove('done', 'failing', 'looping', 'absent', 'misnamed', 'full');
  });

  test('a container that is found dead by its liveness probe, or killed from outside, is started again', async () => {
    const probe = {
      exec: { command: ['test', '-f', '/tmp/alive'] },
      periodSeconds: 1,
      failureThreshold: 1,
      initialDelaySeconds: 1,
    };
    await pod('frail', [
      { command: ['sh', '-c', 'touch /tmp/alive; trap "exit 0" TERM; sleep 1000 & wait'], livenessProbe: probe },
    ]);
    await inPhase('frail', 'Running');
    await execIn('frail', ['rm', '/tmp/alive']);
    const again = await until(
      'frail restarts',
      when('frail', (one) => (stateOf(one)?.restartCount ?? 0) === 1 && stateOf(one)?.state?.running),
    );
    await dockerd.docker.getContainer((stateOf(again)?.containerID ?? '').replace('docker://', '')).kill();
    await until(
      'its end is seen',
      when('frail', (one) => stateOf(one)?.lastState?.terminated?.exitCode === 137),
    );
    await remove('frail');
  });

  test('a Keelson that ends and comes again takes the containers over, and removes those of pods that went', async () => {
    await pod('stays', [{ command: WAITS }]);
    await pod('goes', [{ command: WAITS }]);
    const before = await inPhase('stays', 'Running');
    await inPhase('goes', 'Running');
    const uid = find('goes')?.metadata?.uid;
    await cluster.stop();
    // The pod goes while nobody looks after it: a cluster without the real node deletes it at once.
    const without = await startCluster({
      dataDir,
      store: 'lmdb',
      host: '127.0.0.1',
      port: 0,
      insecure: true,
      nodes: 0,
      problem: (error) => void problems.push(error),
    });
    await without.server.client.delete(PODS, 'default', 'goes', { gracePeriodSeconds: 0 });
    await without.stop();
    await up();
    await until('what was left of it is removed', async () =>
      (await ofThisCluster()).every(({ Labels }) => Labels['io.kubernetes.pod.uid'] !== uid),
    );
    const after = await until('stays is known', when('stays', isReady));
    assert.is(stateOf(after)?.containerID, stateOf(before)?.containerID);
    assert.is(stateOf(after)?.restartCount, 0);
    assert.is((await ofThisCluster()).length, 2);
  });

  test('an engine that goes makes the node not ready; when it is back, the pods run again', async () => {
    const readiness = (): string | undefined =>
      (
        client.view.get('', 'nodes', '', 'real') as unknown as {
          status: { conditions: { type: string; status: string }[] };
        }
      ).status.conditions.find(({ type }) => type === 'Ready')?.status;
    problems.length = 0;
    await dockerd.stop();
    await until('not ready', () => readiness() === 'False');
    assert.match(problems[0]?.message ?? '', /container engine/);
    problems.length = 0;
    await dockerd.start();
    await until('ready', () => readiness() === 'True');
    await until(
      'stays runs again',
      when('stays', (one) => isReady(one) && (stateOf(one)?.restartCount ?? 0) === 1),
    );
    await remove('stays');
  });
}

test.run();
