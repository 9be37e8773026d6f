/** Pod spec → what the engine is told: environment, expansion, files, limits, security. */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Container, V1Pod, V1Service, V1Volume } from '@kubernetes/client-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeFiles } from '../../../../runtime/node/docker/spec/atomic-files.ts';
import { containerOptions, limits } from '../../../../runtime/node/docker/spec/container-options.ts';
import { environment } from '../../../../runtime/node/docker/spec/environment.ts';
import { expand } from '../../../../runtime/node/docker/spec/expansion.ts';
import { hostnameOf, hostsFile } from '../../../../runtime/node/docker/spec/hosts-file.ts';
import { repositoryOf } from '../../../../runtime/node/docker/spec/image-name.ts';
import { loginsFor, pullSecretsOf } from '../../../../runtime/node/docker/spec/pull-secrets.ts';
import { sandboxOptions } from '../../../../runtime/node/docker/spec/sandbox-options.ts';
import { volumeFiles } from '../../../../runtime/node/docker/spec/volume-files.ts';
import { lookups, samplePod } from './sample.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const found = lookups({
  configMap: (name) =>
    name === 'cm' ? { data: { one: '1', two: '2' }, binaryData: { raw: base64('\u0000') } } : undefined,
  secret: (name) => (name === 'sec' ? { data: { key: base64('hidden') } } : undefined),
});

for (const { name, text, gives } of [
  { name: 'a known name', text: 'x $(A) y', gives: 'x 1 y' },
  { name: 'an unknown name stays', text: '$(B)', gives: '$(B)' },
  { name: 'two dollars are one', text: '$$(A) $$', gives: '$(A) $' },
  { name: 'three: a dollar and a value', text: '$$$(A)', gives: '$1' },
  { name: 'shell variables are not ours', text: '$A $ {A}', gives: '$A $ {A}' },
]) {
  test(`expansion: ${name}`, () => assert.is(expand(text, new Map([['A', '1']])), gives));
}

for (const { name, spec, hostname, line } of [
  { name: 'the name of the pod', spec: {}, hostname: 'p', line: '10.1.1.1\tp' },
  { name: 'a name of its own', spec: { hostname: 'h' }, hostname: 'h', line: '10.1.1.1\th' },
  {
    name: 'below a subdomain',
    spec: { hostname: 'h', subdomain: 's' },
    hostname: 'h',
    line: '10.1.1.1\th.s.default.svc.cluster.local\th',
  },
  {
    name: 'all of it as the host name',
    spec: { hostname: 'h', subdomain: 's', setHostnameAsFQDN: true },
    hostname: 'h.s.default.svc.cluster.local',
    line: '10.1.1.1\th.s.default.svc.cluster.local\th',
  },
  { name: 'of the node', spec: { hostNetwork: true }, hostname: 'p', line: '1.2.3.4\tnode' },
  {
    name: 'with aliases',
    spec: { hostAliases: [{ ip: '5.6.7.8', hostnames: ['a', 'b'] }] },
    hostname: 'p',
    line: '5.6.7.8\ta\tb',
  },
]) {
  test(`/etc/hosts and host name: ${name}`, () => {
    const pod = samplePod(spec);
    assert.is(hostnameOf(pod), hostname);
    assert.ok(hostsFile(pod, '10.1.1.1', '1.2.3.4\tnode\n').split('\n').includes(line));
  });
}

test('a name that is too long is cut, and ends with a letter', () => {
  assert.is(hostnameOf(samplePod({ hostname: `${'a'.repeat(62)}-b` })), 'a'.repeat(62));
});

const env = (more: Partial<V1Container>, pod: V1Pod = samplePod()) =>
  Object.fromEntries(environment(pod, { name: 'a', ...more }, found));

for (const { name, container, gives } of [
  {
    name: 'values see what is before them',
    container: {
      env: [
        { name: 'A', value: 'x' },
        { name: 'B', value: '$(A)$(C)' },
        { name: 'C', value: 'z' },
      ],
    },
    gives: { A: 'x', B: 'x$(C)', C: 'z' },
  },
  {
    name: 'envFrom with a prefix, and env goes before it',
    container: { envFrom: [{ prefix: 'P_', configMapRef: { name: 'cm' } }], env: [{ name: 'P_one', value: 'own' }] },
    gives: { P_one: 'own', P_two: '2' },
  },
  {
    name: 'a key of a Secret',
    container: { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'sec', key: 'key' } } }] },
    gives: { A: 'hidden' },
  },
  {
    name: 'an optional key that is not there',
    container: { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'no', key: 'key', optional: true } } }] },
    gives: {},
  },
  {
    name: 'a field',
    container: { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] },
    gives: { A: '172.17.0.2' },
  },
  {
    name: 'a limit that is not set is what the node has',
    container: { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } }] },
    gives: { A: '1024' },
  },
  {
    name: 'a limit is rounded up',
    container: {
      resources: { limits: { cpu: '1500m' } },
      env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }],
    },
    gives: { A: '2' },
  },
] as { name: string; container: Partial<V1Container>; gives: object }[]) {
  test(`environment: ${name}`, () => assert.equal(env(container), gives));
}

test('environment: a ConfigMap or key that is not there says which', () => {
  const ref = (name: string) => ({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name, key: 'none' } } }] });
  assert.throws(() => env(ref('gone')), 'configmap "gone" not found');
  assert.throws(() => env(ref('cm')), "couldn't find key none in ConfigMap default/cm");
});

test('environment: Services are told, those of the pod only with enableServiceLinks', () => {
  const service = (name: string, namespace: string): V1Service => ({
    metadata: { name, namespace },
    spec: { clusterIP: '10.96.0.9', ports: [{ name: 'http', port: 80 }] },
  });
  const services = () => [service('kubernetes', 'default'), service('my-db', 'default')];
  const all = environment(samplePod(), { name: 'a' }, lookups({ services }));
  assert.is(all.get('MY_DB_SERVICE_HOST'), '10.96.0.9');
  assert.is(all.get('MY_DB_SERVICE_PORT_HTTP'), '80');
  assert.is(all.get('MY_DB_PORT_80_TCP'), 'tcp://10.96.0.9:80');
  const few = environment(samplePod({ enableServiceLinks: false }), { name: 'a' }, lookups({ services }));
  assert.is(few.has('MY_DB_SERVICE_HOST'), false);
  assert.is(few.get('KUBERNETES_SERVICE_HOST'), '10.96.0.9');
});

const files = async (volume: Partial<V1Volume>) => {
  const all = await volumeFiles(samplePod(), { name: 'v', ...volume }, found, async () => 'token');
  return Object.fromEntries(
    [...(all ?? [])].map(([path, { content, mode }]) => [path, `${content} ${mode.toString(8)}`]),
  );
};

for (const { name, volume, gives } of [
  {
    name: 'all keys of a ConfigMap',
    volume: { configMap: { name: 'cm' } },
    gives: { one: '1 644', two: '2 644', raw: '\u0000 644' },
  },
  {
    name: 'items with paths and modes',
    volume: { secret: { secretName: 'sec', defaultMode: 0o400, items: [{ key: 'key', path: 'a/b' }] } },
    gives: { 'a/b': 'hidden 400' },
  },
  { name: 'an optional one that is not there', volume: { configMap: { name: 'no', optional: true } }, gives: {} },
  {
    name: 'fields of the pod',
    volume: { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' }, mode: 0o600 }] } },
    gives: { name: 'p 600' },
  },
  {
    name: 'several sources in one, a token among them',
    volume: {
      projected: {
        sources: [
          { serviceAccountToken: { path: 't' } },
          { configMap: { name: 'cm', items: [{ key: 'one', path: 'o' }] } },
        ],
      },
    },
    gives: { t: 'token 644', o: '1 644' },
  },
] as { name: string; volume: Partial<V1Volume>; gives: object }[]) {
  test(`volume: ${name}`, async () => assert.equal(await files(volume), gives));
}

test('volume: files change all at once, and what is gone goes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-files-'));
  const file = (text: string) => ({ content: Buffer.from(text), mode: 0o640 });
  await writeFiles(
    folder,
    new Map([
      ['a', file('1')],
      ['d/b', file('2')],
    ]),
  );
  const before = readlinkSync(join(folder, '..data'));
  await writeFiles(
    folder,
    new Map([
      ['a', file('1')],
      ['d/b', file('2')],
    ]),
  );
  assert.is(readlinkSync(join(folder, '..data')), before, 'nothing is written when nothing changed');
  assert.is(statSync(join(folder, 'a')).mode & 0o777, 0o640);
  await writeFiles(folder, new Map([['a', file('3')]]));
  assert.is(readFileSync(join(folder, 'a'), 'utf8'), '3');
  assert.equal(
    readdirSync(folder).filter((name) => !name.startsWith('..')),
    ['a'],
  );
  rmSync(folder, { recursive: true });
});

test('limits: cpu as shares and quota, memory in bytes', () => {
  assert.equal(limits({ requests: { cpu: '250m' }, limits: { cpu: '500m', memory: '64Mi' } }), {
    CpuShares: 256,
    CpuPeriod: 100_000,
    CpuQuota: 50_000,
    Memory: 67_108_864,
    MemorySwap: 67_108_864,
  });
  assert.equal(limits({}), { CpuShares: 2 });
});

const options = (container: Partial<V1Container>, spec: object = {}, user = '') =>
  containerOptions(
    samplePod(spec),
    { name: 'a', ...container },
    {
      place: { owner: 'o', container: 'a', attempt: 1, sandbox: 'S', messageFile: '' },
      variables: new Map([['A', '1']]),
      image: { id: 'sha256:1', digest: '', sizeBytes: 1, user },
      mounts: [{ source: '/s', target: '/t', readOnly: true }],
      allowPrivileged: false,
    },
  );

test('container: namespaces of the sandbox, expanded words, mounts, names', () => {
  const made = options({ command: ['sh', '$(A)'], args: ['$(A)'] });
  assert.is(made.name, 'k8s_a_p_default_u-1_1');
  assert.equal([made.Entrypoint, made.Cmd], [['sh', '1'], ['1']]);
  assert.is(made.HostConfig.NetworkMode, 'container:S');
  assert.is(made.HostConfig.IpcMode, 'container:S');
  assert.equal(made.HostConfig.Binds, ['/s:/t:ro']);
});

for (const { name, of, spec, user, says } of [
  { name: 'privileged', of: { securityContext: { privileged: true } }, says: /privileged containers are refused/ },
  {
    name: 'root by its image, where that is forbidden',
    of: { securityContext: { runAsNonRoot: true } },
    says: /image will run as root/,
  },
  {
    name: 'root by its spec, where that is forbidden',
    of: { securityContext: { runAsUser: 0 } },
    spec: { securityContext: { runAsNonRoot: true } },
    says: /breaks non-root policy/,
  },
  {
    name: 'a named user that may be root',
    of: { securityContext: { runAsNonRoot: true } },
    user: 'web',
    says: /non-numeric user \(web\)/,
  },
] as { name: string; of: Partial<V1Container>; spec?: object; user?: string; says: RegExp }[]) {
  test(`container refused: ${name}`, () => assert.throws(() => options(of, spec, user), says));
}

test('container: user, groups, capabilities, read-only root', () => {
  const made = options(
    {
      securityContext: {
        runAsUser: 5,
        runAsGroup: 6,
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
      },
    },
    { securityContext: { fsGroup: 7, supplementalGroups: [8] } },
  );
  const { ReadonlyRootfs, CapAdd, CapDrop, SecurityOpt, GroupAdd } = made.HostConfig;
  assert.is(made.User, '5:6');
  assert.equal(
    { ReadonlyRootfs, CapAdd, CapDrop, SecurityOpt, GroupAdd },
    {
      ReadonlyRootfs: true,
      CapAdd: ['NET_ADMIN'],
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      GroupAdd: ['8', '7'],
    },
  );
});

test('sandbox: host ports are opened, unless the pod is on the host network', () => {
  const ports = { containers: [{ name: 'a', ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 81 }] }] };
  assert.equal(sandboxOptions(samplePod(ports), 0, 'o', []).HostConfig.PortBindings, {
    '80/tcp': [{ HostPort: '8080' }],
  });
  const onHost = sandboxOptions(samplePod({ ...ports, hostNetwork: true }), 0, 'o', []);
  assert.equal([onHost.HostConfig.NetworkMode, onHost.HostConfig.PortBindings], ['host', {}]);
});

test('pull secrets: both spellings of a login', () => {
  const config = {
    auths: { 'r.example': { auth: base64('me:a:b') }, 'q.example': { username: 'you', password: 'c' } },
  };
  const secret = () => ({ data: { '.dockerconfigjson': base64(JSON.stringify(config)) } });
  assert.equal(pullSecretsOf(samplePod({ imagePullSecrets: [{ name: 's' }] }), secret).logins, [
    { serveraddress: 'r.example', username: 'me', password: 'a:b' },
    { serveraddress: 'q.example', username: 'you', password: 'c' },
  ]);
});

test('pull secrets: those that are not there, and those that cannot be read, give no login', () => {
  const secret = (name: string) => (name === 'odd' ? { data: { '.dockerconfigjson': 'e30' } } : undefined);
  const pod = samplePod({ imagePullSecrets: [{ name: 'odd' }, { name: 'none' }] });
  assert.equal(pullSecretsOf(pod, secret), { logins: [], missing: ['none'] });
});

const LOGINS: [sentence: string, addresses: string[], image: string, tried: string[]][] = [
  ['a host is its own', ['r.example', 'q.example'], 'r.example/a', ['r.example']],
  ['a port counts', ['r.example', 'r.example:5000'], 'r.example:5000/a', ['r.example:5000']],
  ['the longest path goes first', ['r.example', 'r.example/team'], 'r.example/team/a', ['r.example/team', 'r.example']],
  ['a path is that of the image', ['r.example/team'], 'r.example/other', []],
  ['a version is no path', ['https://r.example/v2/'], 'r.example/a', ['https://r.example/v2/']],
  ['a star stands for one part', ['*.example'], 'r.example/a', ['*.example']],
  ['and not for two', ['*.example'], 'a.r.example/a', []],
  ['no host is the default one', ['https://index.docker.io/v1/', 'r.example'], 'a', ['https://index.docker.io/v1/']],
  ['the default one by its other name', ['docker.io'], 'team/a', ['docker.io']],
];
for (const [sentence, addresses, image, tried] of LOGINS) {
  test(`pull secrets: ${sentence}`, () => {
    const logins = addresses.map((serveraddress) => ({ serveraddress, username: '', password: '' }));
    assert.equal(
      loginsFor(repositoryOf(image), logins).map(({ serveraddress }) => serveraddress),
      tried,
    );
  });
}

const DIGEST = `sha256:${'a'.repeat(64)}`;
const NAMES: [image: string, repository: string | RegExp][] = [
  ['busybox', 'docker.io/library/busybox'],
  ['busybox:1', 'docker.io/library/busybox'],
  ['team/web:1.0-a_b', 'docker.io/team/web'],
  ['localhost/web', 'localhost/web'],
  ['r.example:5000/team/web:1', 'r.example:5000/team/web'],
  [`r.example/web:1@${DIGEST}`, 'r.example/web'],
  ['index.docker.io/web', 'docker.io/library/web'],
  ['Web', /^invalid reference format: repository name \(library\/Web\) must be lowercase$/],
  ['', /^invalid reference format$/],
  ['web:', /^invalid reference format$/],
  ['web:1:2', /^invalid reference format$/],
  ['we b', /^invalid reference format$/],
  ['r.example/web@sha256:1', /^invalid reference format$/],
  [`r.example/${'a'.repeat(255)}`, `r.example/${'a'.repeat(255)}`],
  [`r.example/${'a'.repeat(256)}`, /must not be more than 255/],
  ['a'.repeat(64), /cannot specify 64-byte/],
];
for (const [image, repository] of NAMES) {
  test(`image name: ${image.slice(0, 40)}`, () => {
    if (typeof repository === 'string') assert.is(repositoryOf(image), repository);
    else assert.throws(() => repositoryOf(image), repository);
  });
}

test.run();
