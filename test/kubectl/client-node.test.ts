/** The other client that people have: @kubernetes/client-node, against a cluster as `keelson up` starts it, over HTTPS. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  ApiException,
  AppsV1Api,
  Attach,
  CoreV1Api,
  Cp,
  CustomObjectsApi,
  Exec,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  Metrics,
  makeInformer,
  PatchStrategy,
  PortForward,
  setHeaderOptions,
  type V1ConfigMap,
  type V1Pod,
  type V1Status,
  VersionApi,
  Watch,
} from '@kubernetes/client-node';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RunningCluster, startCluster } from '../../runtime/up/cluster.ts';

interface Context {
  directory: string;
  cluster: RunningCluster;
  config: KubeConfig;
  core: CoreV1Api;
}

const NAMESPACE = 'default';
const problems: string[] = [];
const configMap = (name: string, data: Record<string, string> = { a: '1' }): V1ConfigMap => ({
  metadata: { name },
  data,
});

async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 500; i++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((next) => setTimeout(next, 20));
  }
  throw new Error(`${what}: it did not come about`);
}

const test = suite<Context>('@kubernetes/client-node');

test.before(async (context) => {
  context.directory = mkdtempSync(join(tmpdir(), 'keelson-client-'));
  context.cluster = await startCluster({
    dataDir: join(context.directory, 'data'),
    store: 'memory',
    host: '127.0.0.1',
    port: 0,
    insecure: false,
    nodes: 3,
    problem: (error) => void problems.push(`${error.message} ${error.cause ?? ''}`),
  });
  context.config = new KubeConfig();
  context.config.loadFromString(context.cluster.kubeconfig);
  context.core = context.config.makeApiClient(CoreV1Api);
  const body: V1Pod = {
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'main', image: 'web:1', stdin: true, ports: [{ containerPort: 8080 }] }] },
  };
  await context.core.createNamespacedPod({ namespace: NAMESPACE, body });
  await until('the pod runs', async () => {
    const { status } = await context.core.readNamespacedPod({ namespace: NAMESPACE, name: 'web' });
    return status?.phase === 'Running' ? true : undefined;
  });
});

test.after(async ({ cluster, directory }) => {
  await cluster.stop();
  rmSync(directory, { recursive: true });
  assert.equal(problems, [], 'nothing went wrong meanwhile');
});

test('version, list, pages', async ({ config, core }) => {
  const version = await config.makeApiClient(VersionApi).getCode();
  assert.is(version.minor, '36');
  const { items } = await core.listNode();
  assert.equal(items.map(({ metadata }) => metadata?.name).sort(), ['node-0', 'node-1', 'node-2']);
  const first = await core.listNode({ limit: 2 });
  assert.is(first.items.length, 2);
  const rest = await core.listNode({ limit: 2, _continue: first.metadata?._continue });
  assert.is(rest.items.length, 1);
  assert.ok(items[0].metadata?.creationTimestamp instanceof Date);
});

test('what is missing, there already, or wrong is an ApiException with code and Status', async ({ core }) => {
  const failing = async (call: Promise<unknown>): Promise<ApiException<string>> => {
    try {
      await call;
    } catch (error) {
      assert.instance(error, ApiException);
      return error as ApiException<string>;
    }
    throw new Error('it did not fail');
  };
  const missing = await failing(core.readNamespacedConfigMap({ namespace: NAMESPACE, name: 'none' }));
  assert.is(missing.code, 404);
  assert.match(String(missing.body), /configmaps \\?"none\\?" not found/);
  await core.createNamespacedConfigMap({ namespace: NAMESPACE, body: configMap('twice') });
  const twice = await failing(core.createNamespacedConfigMap({ namespace: NAMESPACE, body: configMap('twice') }));
  assert.is(twice.code, 409);
  const wrong = await failing(core.createNamespacedConfigMap({ namespace: NAMESPACE, body: configMap('No Name') }));
  assert.is(wrong.code, 422);
});

test('create, replace, all kinds of patches, delete', async ({ core }) => {
  const at = { namespace: NAMESPACE, name: 'patched' };
  const created = await core.createNamespacedConfigMap({ namespace: NAMESPACE, body: configMap('patched') });
  await core.replaceNamespacedConfigMap({ ...at, body: { ...created, data: { b: '2' } } });
  const json = await core.patchNamespacedConfigMap({ ...at, body: [{ op: 'add', path: '/data/c', value: '3' }] });
  assert.equal(json.data, { b: '2', c: '3' });
  const patch = (strategy: PatchStrategy, body: object): Promise<V1ConfigMap> =>
    core.patchNamespacedConfigMap(
      { ...at, body, ...(strategy === PatchStrategy.ServerSideApply && { fieldManager: 'me', force: true }) },
      setHeaderOptions('Content-Type', strategy),
    );
  const merged = await patch(PatchStrategy.MergePatch, { data: { c: null, d: '4' } });
  assert.equal(merged.data, { b: '2', d: '4' });
  const strategic = await patch(PatchStrategy.StrategicMergePatch, { metadata: { labels: { x: 'y' } } });
  assert.equal(strategic.metadata?.labels, { x: 'y' });
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'patched' }, data: { e: '5' } };
  const applied = await patch(PatchStrategy.ServerSideApply, body);
  assert.equal(applied.data, { b: '2', d: '4', e: '5' });
  await core.deleteNamespacedConfigMap(at);
});

test('a watch sees what comes, changes and goes', async ({ config, core }) => {
  const seen: string[] = [];
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
  const watch = await new Watch(config).watch(
    path,
    { fieldSelector: 'metadata.name=watched', allowWatchBookmarks: true },
    (phase) => void seen.push(phase),
    () => undefined,
  );
  const at = { namespace: NAMESPACE, name: 'watched' };
  await core.createNamespacedConfigMap({ namespace: NAMESPACE, body: configMap('watched') });
  await core.patchNamespacedConfigMap({ ...at, body: [{ op: 'replace', path: '/data/a', value: '2' }] });
  await core.deleteNamespacedConfigMap(at);
  await until('three events', () => (seen.includes('DELETED') ? true : undefined));
  assert.equal(
    seen.filter((phase) => phase !== 'BOOKMARK'),
    ['ADDED', 'MODIFIED', 'DELETED'],
  );
  watch.abort();
});

test('an informer keeps a copy', async ({ config, core }) => {
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
  const informer = makeInformer(config, path, () => core.listNamespacedConfigMap({ namespace: NAMESPACE }));
  await informer.start();
  await core.createNamespacedConfigMap({ namespace: NAMESPACE, body: configMap('kept') });
  const kept = await until('the copy', () => informer.get('kept', NAMESPACE));
  assert.equal(kept.data, { a: '1' });
  await core.deleteNamespacedConfigMap({ namespace: NAMESPACE, name: 'kept' });
  await until('its end', () => (informer.get('kept', NAMESPACE) ? undefined : true));
  await informer.stop();
});

test('logs, at once and followed to their end', async ({ config, core }) => {
  const log = new Log(config);
  const once = new PassThrough();
  await log.log(NAMESPACE, 'web', 'main', once, { tailLines: 1 });
  assert.match(await text(once), /^web\/main: line \d+\n$/);
  const body: V1Pod = {
    metadata: { name: 'short', annotations: { 'keelson.dev/made-up-run': '1.5s' } },
    spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'a' }] },
  };
  await core.createNamespacedPod({ namespace: NAMESPACE, body });
  await until('it runs', async () => {
    const { status } = await core.readNamespacedPod({ namespace: NAMESPACE, name: 'short' });
    return status?.phase === 'Pending' ? undefined : true;
  });
  const followed = new PassThrough();
  await log.log(NAMESPACE, 'short', 'main', followed, { follow: true });
  assert.is(await text(followed), 'short/main: line 1\nshort/main: line 2\n');
});

test('exec: output, input, exit code', async ({ config }) => {
  const exec = new Exec(config);
  const run = async (command: string[], input?: string): Promise<{ out: string; err: string; status: V1Status }> => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const stdin = input === undefined ? null : new PassThrough();
    const status = Promise.withResolvers<V1Status>();
    await exec.exec(NAMESPACE, 'web', 'main', command, stdout, stderr, stdin, false, status.resolve);
    stdin?.end(input);
    const [out, err] = await Promise.all([text(stdout), text(stderr)]);
    return { out, err, status: await status.promise };
  };
  const hello = await run(['echo', 'hello']);
  assert.is(hello.out, 'hello\n');
  assert.is(hello.status.status, 'Success');
  const failing = await run(['sh', '-c', 'echo wrong >&2; exit 3']);
  assert.is(failing.err, 'wrong\n');
  assert.equal(failing.status.details?.causes, [{ reason: 'ExitCode', message: '3' }]);
  assert.is((await run(['cat'], 'typed')).out, 'typed');
});

test('attach', async ({ config }) => {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const socket = await new Attach(config).attach(NAMESPACE, 'web', 'main', stdout, null, stdin, false);
  stdin.end('echoed');
  assert.is(await text(stdout), 'echoed');
  socket.close();
});

test('port-forward', async ({ config }) => {
  const [input, output, error] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let got = '';
  output.on('data', (bytes: Buffer) => {
    got += bytes.toString();
  });
  const socket = await new PortForward(config).portForward(NAMESPACE, 'web', [8080], output, error, input);
  input.write('GET /page HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n');
  await until('the page', () => (got.includes('made-up pod: GET /page') ? true : undefined));
  assert.match(got, /^HTTP\/1\.1 200 OK\r\n/);
  if ('close' in socket) socket.close();
});

test('port-forward to a port that is closed says so', async ({ config }) => {
  const [input, output, error] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let told = '';
  error.on('data', (bytes: Buffer) => {
    told += bytes.toString();
  });
  await new PortForward(config).portForward(NAMESPACE, 'web', [9], output, error, input);
  await until('the refusal', () => (told === '' ? undefined : true));
  assert.match(told, /error forwarding port 9 to pod web, uid [\w-]+: connect: connection refused/);
});

test('cp into a pod', async ({ config, directory, core }) => {
  const local = join(directory, 'sent');
  rmSync(local, { recursive: true, force: true });
  const from = mkdtempSync(join(directory, 'from-'));
  writeFileSync(join(from, 'note'), 'copied\n');
  await new Cp(config).cpToPod(NAMESPACE, 'web', 'main', from, '/tmp');
  const exec = new Exec(config);
  const note = await until('the file', async () => {
    const stdout = new PassThrough();
    await exec.exec(NAMESPACE, 'web', 'main', ['cat', '/tmp/note'], stdout, new PassThrough(), null, false);
    return (await text(stdout)) || undefined;
  });
  assert.is(note, readFileSync(join(from, 'note'), 'utf8'));
  assert.ok(core);
});

test('objects of any kind: server-side apply, read, custom ones', async ({ config }) => {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'applied', namespace: NAMESPACE },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'applied' } },
      template: { metadata: { labels: { app: 'applied' } }, spec: { containers: [{ name: 'a', image: 'a' }] } },
    },
  };
  await objects.patch(deployment, undefined, undefined, 'me', true, PatchStrategy.ServerSideApply);
  const read = await config
    .makeApiClient(AppsV1Api)
    .readNamespacedDeployment({ name: 'applied', namespace: NAMESPACE });
  assert.is(read.metadata?.managedFields?.find(({ manager }) => manager === 'me')?.operation, 'Apply');
  const names = { plural: 'gears', singular: 'gear', kind: 'Gear' };
  const schema = { openAPIV3Schema: { type: 'object', properties: { teeth: { type: 'integer' } } } };
  await objects.create({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gears.made.up' },
    spec: {
      group: 'made.up',
      scope: 'Namespaced',
      names,
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  } as Parameters<typeof objects.create>[0]);
  const custom = config.makeApiClient(CustomObjectsApi);
  const at = { group: 'made.up', version: 'v1', namespace: NAMESPACE, plural: 'gears' };
  const body = { apiVersion: 'made.up/v1', kind: 'Gear', metadata: { name: 'one' }, teeth: 9 };
  await until('the kind is served', () =>
    custom.createNamespacedCustomObject({ ...at, body }).catch((error: unknown) => {
      if (error instanceof ApiException && error.code === 404) return undefined;
      throw error;
    }),
  );
  const one = (await custom.getNamespacedCustomObject({ ...at, name: 'one' })) as { teeth: number };
  assert.is(one.teeth, 9);
});

test('metrics of nodes and pods', async ({ config }) => {
  const metrics = new Metrics(config);
  const { items } = await metrics.getNodeMetrics();
  assert.is(items.length, 3);
  assert.match(items[0].usage.cpu, /^\d+n$/);
  const pods = await metrics.getPodMetrics(NAMESPACE);
  assert.ok(pods.items.some(({ metadata }) => metadata.name === 'web'));
});

test.run();
