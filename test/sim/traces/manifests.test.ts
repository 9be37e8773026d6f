/** Manifests as a simulation's input: which files are read, what workloads become, and what is wrong with bad input. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { errorsOf, formatProblem, type Pod } from '../../../core/index.ts';
import { type ManifestOptions, type Manifests, readManifests } from '../../../sim/traces/manifests.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-manifests-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

let folders = 0;
/** The files in a folder of their own, read as that folder; `only` reads one of them by its name. */
function read(
  files: Record<string, string | Uint8Array>,
  { only, ...options }: ManifestOptions & { only?: string } = {},
): Manifests {
  const root = join(folder, String(folders++));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  const found = readManifests([only === undefined ? root : join(root, only)], options);
  for (const problem of found.problems) problem.source = problem.source?.slice(root.length + 1);
  return found;
}
const said = ({ problems }: Manifests): string[] => problems.map(formatProblem);
const names = (objects: readonly { metadata: { name: string } }[]): string[] =>
  objects.map(({ metadata }) => metadata.name);

const node = (name: string, rest = ''): string => `apiVersion: v1\nkind: Node\nmetadata: {name: ${name}}\n${rest}`;
const pod = (name: string, spec = '', rest = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: main, image: web}]${spec}}\n${rest}`;
const all = (...documents: string[]): string => documents.join('---\n');
/** A workload with a template whose pods are labelled app: web; JSON, as YAML takes it too. */
function workload(
  kind: string,
  name: string,
  spec: Record<string, unknown> = {},
  podSpec: Record<string, unknown> = {},
): string {
  const apiVersion = kind === 'Job' ? 'batch/v1' : kind === 'ReplicationController' ? 'v1' : 'apps/v1';
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'main', image: 'web' }], ...podSpec },
  };
  const selector =
    kind === 'Job' ? undefined : kind === 'ReplicationController' ? { app: 'web' } : { matchLabels: { app: 'web' } };
  return `${JSON.stringify({ apiVersion, kind, metadata: { name }, spec: { selector, template, ...spec } })}\n`;
}

// --- files -----------------------------------------------------------------------------------------------------------

test('a folder is read to its depths, in the order of names, manifests only', () => {
  const found = read({
    'b.yml': node('b'),
    'a/z.json': '{"apiVersion":"v1","kind":"Node","metadata":{"name":"az"}}',
    'a/b.yaml.gz': gzipSync(node('ab')),
    'readme.md': '# no manifest',
    '.hidden.yaml': 'kind: [',
    '.git/c.yaml': 'kind: [',
  });
  assert.equal(names(found.nodes), ['ab', 'az', 'b']);
  assert.equal(said(found), []);
});

test('a file is read whatever its name, gzipped or not', () => {
  assert.equal(names(read({ dump: gzipSync(node('a')) }, { only: 'dump' }).nodes), ['a']);
});

test('a link back up is walked once, and one into the void not at all', () => {
  const root = join(folder, 'links');
  mkdirSync(join(root, 'below'), { recursive: true });
  writeFileSync(join(root, 'below', 'a.yaml'), node('a'));
  symlinkSync(root, join(root, 'below', 'up'));
  symlinkSync(join(root, 'gone.yaml'), join(root, 'void.yaml'));
  const found = readManifests([root]);
  assert.equal(names(found.nodes), ['a']);
  assert.equal(found.problems, []);
});

test('what is no manifest is passed over in a folder and refused when it is named', () => {
  const files = { 'values.yaml': 'port: 80\n', 'node.yaml': node('a') };
  assert.equal(said(read(files)), ['values.yaml:1:1: warning: no Kubernetes object: has neither apiVersion nor kind']);
  assert.equal(said(read(files, { only: 'values.yaml' })), [
    'values.yaml:1:1: no Kubernetes object: has neither apiVersion nor kind',
  ]);
});

// --- bad input -------------------------------------------------------------------------------------------------------

const bad: { name: string; file?: string; content: string | Uint8Array; says: string }[] = [
  { name: 'an empty file', content: '', says: 'a.yaml: the file is empty' },
  { name: 'only blanks', content: ' \n', says: 'a.yaml: is empty' },
  { name: 'a binary file', content: Uint8Array.of(1, 0, 2), says: 'a.yaml: not a text file (byte 1 is zero)' },
  { name: 'no UTF-8', content: Uint8Array.of(0xff, 0xfe, 0x41), says: 'a.yaml: not a text file (not UTF-8)' },
  {
    name: 'a gzip cut off',
    file: 'a.yaml.gz',
    content: gzipSync(node('a').repeat(99)).subarray(0, -9),
    says: 'a.yaml.gz: the gzip data is truncated or damaged: unexpected end of file',
  },
  { name: 'a tab', content: 'metadata:\n\tname: a\n', says: 'a.yaml:2:1: a tab cannot indent; use spaces' },
  { name: 'a key that stands twice', content: 'kind: Node\nkind: Pod\n', says: "a.yaml:2:1: duplicate key 'kind'" },
  {
    name: '10 MB of brackets',
    file: 'a.json',
    content: '['.repeat(10 << 20),
    says: 'a.json:1:101: is nested more than 100 levels deep',
  },
  {
    name: 'a kind nobody knows',
    content: 'apiVersion: v1\nkind: Foo\n',
    says: "a.yaml:2:7: foo: kind: no kind 'Foo' is known in v1",
  },
  {
    name: 'a negative quantity',
    content: node('a', 'status: {allocatable: {cpu: -1}}\n'),
    says: 'a.yaml:4:29: node a: status.allocatable.cpu: -1 is negative',
  },
  {
    name: 'a quantity that overflows',
    content: node('a', 'status: {allocatable: {memory: 9Ei}}\n'),
    says: "a.yaml:4:32: node a: status.allocatable.memory: '9Ei' overflows: a quantity has at most 2^63-1 units",
  },
  {
    name: 'a name of 300 characters',
    content: node('a'.repeat(300)),
    says: `a.yaml:3:18: node ${'a'.repeat(80)}…: metadata.name: '${'a'.repeat(80)}…' has 300 characters; a name has at most 253`,
  },
  {
    name: 'a pod on a node that is not there',
    content: pod('web', ', nodeName: lost'),
    says: "a.yaml:4:58: pod default/web: spec.nodeName: node 'lost' is not among the nodes",
  },
  {
    name: 'a workload on a node that is not there',
    content: workload('Deployment', 'web', {}, { nodeName: 'lost' }),
    says: "a.yaml:1:232: deployment default/web: spec.template.spec.nodeName: node 'lost' is not among the nodes",
  },
  {
    name: 'more replicas than anyone can mean',
    content: workload('Deployment', 'web', { replicas: 2_000_000_000 }),
    says: 'a.yaml:1:234: deployment default/web: spec.replicas: 2000000000 pods are more than the 1000000 one workload may have here',
  },
];
for (const { name, file = 'a.yaml', content, says } of bad) {
  test(`bad input: ${name} is one clear message`, () => {
    const found = read({ [file]: content }, { only: file });
    assert.equal(said(found), [says]);
    assert.is(errorsOf(found.problems).length, 1);
  });
}

test('bad input: a path that leads nowhere, and a folder without manifests', () => {
  assert.equal(said(readManifests(['/no/such/thing'])), ['/no/such/thing: cannot be read: no such file or folder']);
  const empty = join(folder, 'nothing');
  mkdirSync(empty);
  assert.equal(said(readManifests([empty])), [`${empty}: holds no manifest (.yaml, .yml or .json, also with .gz)`]);
});

test('bad input: a pod on a node that is refused is no second mistake', () => {
  const found = read({ 'a.yaml': all(node('n1', 'status: {allocatable: {cpu: x}}\n'), pod('web', ', nodeName: n1')) });
  assert.equal(said(found), ["a.yaml:4:29: node n1: status.allocatable.cpu: 'x' is not a quantity"]);
});

test('bad input: one bad file leaves the others', () => {
  const found = read({ 'a.yaml': 'kind: [', 'b.yaml': node('b') });
  assert.equal(names(found.nodes), ['b']);
  assert.is(errorsOf(found.problems).length, 1);
});

test('one name for two objects: the last counts, with a warning, or an error when strict', () => {
  const files = { 'a.yaml': all(node('a', 'spec: {unschedulable: true}\n'), node('a')) };
  const found = read(files);
  assert.equal(
    found.nodes.map(({ spec }) => spec?.unschedulable),
    [undefined],
  );
  assert.equal(said(found), [
    'a.yaml:8:18: warning: node a: metadata.name: this name was given before; the last object counts',
  ]);
  assert.is(errorsOf(read(files, { strict: true }).problems).length, 1);
  assert.equal(said(read({ 'a.yaml': all(node('a'), node('a')) })), [], 'the same twice is no contradiction');
});

// --- pods ------------------------------------------------------------------------------------------------------------

test('pods that run and pods that wait are there, finished ones are not', () => {
  const found = read({
    'a.yaml': all(
      node('n1'),
      pod('runs', ', nodeName: n1'),
      pod('waits'),
      pod('done', ', nodeName: gone', 'status: {phase: Succeeded}\n'),
    ),
  });
  assert.equal(
    found.pods.map(({ metadata, spec }) => [metadata.name, spec.nodeName]),
    [
      ['runs', 'n1'],
      ['waits', undefined],
    ],
  );
  assert.equal(said(found), []);
});

test('defaults are in: namespace, priority of its class, request of its limit', () => {
  const found = read({
    'a.yaml': all(
      'apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 7\n',
      'apiVersion: v1\nkind: Pod\nmetadata: {generateName: web-}\nspec:\n  priorityClassName: high\n  containers: [{name: a, image: b, resources: {limits: {cpu: 1}}}]\n',
    ),
  });
  const [web] = found.pods;
  assert.equal([web.metadata.name, web.metadata.namespace, web.spec.priority], ['web-0', 'default', 7]);
  assert.equal(web.spec.containers[0].resources?.requests, { cpu: 1 });
  assert.ok(web.metadata.uid);
});

test('a priority class nobody knows is a warning', () => {
  assert.equal(said(read({ 'a.yaml': pod('web', ', priorityClassName: lost') })), [
    "a.yaml:4:67: warning: pod default/web: spec.priorityClassName: no PriorityClass 'lost' is given; it counts as 0",
  ]);
});

test('namespaces that pods live in exist, labelled with their name', () => {
  const found = read({ 'a.yaml': pod('web').replace('{name: web}', '{name: web, namespace: shop}') });
  assert.equal(
    found.others.map(({ kind, metadata }) => [kind, metadata.name, metadata.labels]),
    [['Namespace', 'shop', { 'kubernetes.io/metadata.name': 'shop' }]],
  );
});

// --- workloads -------------------------------------------------------------------------------------------------------

const owner = ({ metadata }: Pod): string | undefined => {
  const controller = metadata.ownerReferences?.find((reference) => reference.controller);
  return controller && `${controller.kind}/${controller.name}`;
};
const HASH = '[bcdfghjklmnpqrstvwxz2456789]+';

test('a Deployment becomes its ReplicaSet and that one its pods', () => {
  const found = read({ 'a.json': workload('Deployment', 'web', { replicas: 2 }) });
  const set = found.others.find(({ kind }) => kind === 'ReplicaSet');
  assert.ok(set);
  assert.match(set.metadata.name, new RegExp(`^web-${HASH}$`));
  assert.equal(names(found.pods), [`${set.metadata.name}-0`, `${set.metadata.name}-1`]);
  assert.equal(found.pods.map(owner), [`ReplicaSet/${set.metadata.name}`, `ReplicaSet/${set.metadata.name}`]);
  assert.is(found.pods[0].metadata.ownerReferences?.[0].uid, set.metadata.uid);
  const hash = set.metadata.name.slice('web-'.length);
  assert.equal(found.pods[0].metadata.labels, { app: 'web', 'pod-template-hash': hash });
  assert.equal((set as unknown as { spec: { selector: unknown } }).spec.selector, {
    matchLabels: { app: 'web', 'pod-template-hash': hash },
  });
});

test('the same manifest gives the same names, another template gives others', () => {
  const pods = (image: string) =>
    names(read({ 'a.json': workload('Deployment', 'web', {}, { containers: [{ name: 'a', image }] }) }).pods);
  assert.equal(pods('x'), pods('x'));
  assert.not.equal(pods('x'), pods('y'));
});

const counts: { name: string; text: string; pods: number; owner?: string }[] = [
  { name: 'a ReplicaSet', text: workload('ReplicaSet', 'web', { replicas: 3 }), pods: 3, owner: 'ReplicaSet/web' },
  {
    name: 'a ReplicationController',
    text: workload('ReplicationController', 'web', { replicas: 2 }),
    pods: 2,
    owner: 'ReplicationController/web',
  },
  { name: 'a Deployment that does not say how many', text: workload('Deployment', 'web'), pods: 1 },
  { name: 'a Deployment scaled to nothing', text: workload('Deployment', 'web', { replicas: 0 }), pods: 0 },
  { name: 'a Job', text: workload('Job', 'web', {}, { restartPolicy: 'Never' }), pods: 1, owner: 'Job/web' },
  {
    name: 'a Job runs no more pods at once than it may',
    text: workload('Job', 'web', { parallelism: 2, completions: 9 }, { restartPolicy: 'Never' }),
    pods: 2,
  },
  {
    name: 'a Job runs no more pods than it needs',
    text: workload('Job', 'web', { parallelism: 9, completions: 2 }, { restartPolicy: 'Never' }),
    pods: 2,
  },
  { name: 'a suspended Job', text: workload('Job', 'web', { suspend: true }, { restartPolicy: 'Never' }), pods: 0 },
];
for (const { name, text, pods, owner: expected } of counts) {
  test(`${name} has ${pods} pods`, () => {
    const found = read({ 'a.json': text });
    assert.is(found.pods.length, pods);
    assert.is(new Set(names(found.pods)).size, pods);
    if (expected !== undefined) assert.equal(new Set(found.pods.map(owner)), new Set([expected]));
  });
}

test('a StatefulSet numbers its pods and gives each its claims', () => {
  const template = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const found = read({
    'a.json': workload('StatefulSet', 'db', { replicas: 2, ordinals: { start: 3 }, volumeClaimTemplates: [template] }),
  });
  assert.equal(names(found.pods), ['db-3', 'db-4']);
  assert.equal(found.pods[0].spec.volumes, [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-3' } }]);
  const claims = found.others.filter(({ kind }) => kind === 'PersistentVolumeClaim');
  assert.equal(names(claims), ['data-db-3', 'data-db-4']);
  assert.is(found.pods[0].metadata.labels?.['apps.kubernetes.io/pod-index'], '3');
});

test('a DaemonSet has a pod on every node that may run it', () => {
  const nodes = all(
    node('plain'),
    node('cordoned', 'spec: {unschedulable: true}\n'),
    node('tainted', 'spec: {taints: [{key: gpu, effect: NoSchedule}]}\n'),
    node('soft', 'spec: {taints: [{key: gpu, effect: PreferNoSchedule}]}\n'),
  );
  const found = read({ 'a.yaml': nodes, 'b.json': workload('DaemonSet', 'agent') });
  const nodesOf = found.pods.map(({ spec }) => {
    const [term] = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
    return term.matchFields?.[0].values?.[0];
  });
  assert.equal(nodesOf, ['plain', 'cordoned', 'soft']);
  assert.ok(found.pods[0].spec.tolerations?.some(({ key }) => key === 'node.kubernetes.io/disk-pressure'));
  assert.is(owner(found.pods[0]), 'DaemonSet/agent');
});

test("a DaemonSet's node selector and required affinity choose its nodes", () => {
  const nodes = all(node('ssd').replace('{name: ssd}', '{name: ssd, labels: {disk: ssd}}'), node('plain'));
  const pods = (podSpec: Record<string, unknown>) =>
    read({ 'a.yaml': nodes, 'b.json': workload('DaemonSet', 'agent', {}, podSpec) }).pods.length;
  assert.is(pods({}), 2);
  assert.is(pods({ nodeSelector: { disk: 'ssd' } }), 1);
  const term = { matchExpressions: [{ key: 'disk', operator: 'Exists' }] };
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } };
  assert.is(pods({ affinity: { nodeAffinity: required } }), 1);
});

test('a CronJob makes no pods, and says so', () => {
  const cron = {
    schedule: '* * * * *',
    jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'b' }] } } } },
  };
  const found = read({
    'a.json': JSON.stringify({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'nightly' }, spec: cron }),
  });
  assert.is(found.pods.length, 0);
  assert.equal(said(found), [
    'a.json:1:1: warning: cronjob default/nightly: a CronJob makes no pods before its time has come',
  ]);
});

test('a waiting pod gets the claim of its ephemeral volume', () => {
  const volume =
    ', volumes: [{name: scratch, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}]';
  const found = read({ 'a.yaml': pod('web', volume) });
  const claims = found.others.filter(({ kind }) => kind === 'PersistentVolumeClaim');
  assert.equal(names(claims), ['web-scratch']);
  assert.is(claims[0].metadata.ownerReferences?.[0].uid, found.pods[0].metadata.uid);
});

// --- dumps -----------------------------------------------------------------------------------------------------------

const owned = (name: string, kind: string, ownerName: string, labels = '{}'): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  labels: ${labels}\n  ownerReferences: [{apiVersion: apps/v1, kind: ${kind}, name: ${ownerName}, uid: u, controller: true}]\n` +
  'spec: {containers: [{name: main, image: web}]}\n';

const dumps: { name: string; text: string; pods: string[] }[] = [
  {
    name: 'a ReplicaSet with pods gets no more',
    text: all(workload('ReplicaSet', 'web', { replicas: 3 }), owned('web-x', 'ReplicaSet', 'web')),
    pods: ['web-x'],
  },
  {
    name: 'nor does a Deployment whose ReplicaSet was not dumped',
    text: all(
      workload('Deployment', 'web', { replicas: 3 }),
      owned('web-abc-x', 'ReplicaSet', 'web-abc', '{pod-template-hash: abc}'),
    ),
    pods: ['web-abc-x'],
  },
  {
    name: 'nor one whose ReplicaSet was, which has its pods itself',
    text: all(
      workload('Deployment', 'web', { replicas: 3 }),
      workload('ReplicaSet', 'web-abc', { replicas: 2 }).replace(
        '"name":"web-abc"',
        '"name":"web-abc","ownerReferences":[{"apiVersion":"apps/v1","kind":"Deployment","name":"web","uid":"u","controller":true}]',
      ),
    ),
    pods: ['web-abc-0', 'web-abc-1'],
  },
  {
    name: 'pods of another owner do not count',
    text: all(workload('StatefulSet', 'db', { replicas: 1 }), owned('x', 'StatefulSet', 'other')),
    pods: ['db-0', 'x'],
  },
  {
    name: 'finished pods count',
    text: all(
      workload('Job', 'once', {}, { restartPolicy: 'Never' }),
      `${owned('once-x', 'Job', 'once')}status: {phase: Succeeded}\n`,
    ),
    pods: [],
  },
];
for (const { name, text, pods } of dumps) {
  test(`dump: ${name}`, () => assert.equal(names(read({ 'a.yaml': text }).pods), pods));
}

test.run();
