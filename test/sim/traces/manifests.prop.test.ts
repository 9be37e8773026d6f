/** Good manifests, mutilated at random, and bytes torn out of their text: problems come back, nothing is ever thrown. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { formatProblem } from '../../../core/index.ts';
import { readManifests } from '../../../sim/traces/manifests.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const template: Json = {
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [
      {
        name: 'main',
        image: 'web',
        ports: [{ containerPort: 80, hostPort: 80 }],
        resources: { requests: { cpu: '100m' }, limits: { memory: '1Gi' } },
      },
    ],
    tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }],
    nodeSelector: { disk: 'ssd' },
    priorityClassName: 'high',
    volumes: [
      {
        name: 'data',
        ephemeral: {
          volumeClaimTemplate: {
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        },
      },
    ],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
        matchLabelKeys: ['app'],
      },
    ],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }],
        },
      },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, podAffinityTerm: { topologyKey: 'zone', labelSelector: {} } },
        ],
      },
    },
  },
};
const named = (apiVersion: string, kind: string, rest: { [key: string]: Json }): Json => ({
  apiVersion,
  kind,
  metadata: { name: 'one', labels: { a: 'b' } },
  ...rest,
});
const selector: Json = { matchLabels: { app: 'web' } };
const cluster: Json = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    named('v1', 'Node', {
      spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] },
      status: { capacity: { cpu: '4', pods: 110 } },
    }),
    named('scheduling.k8s.io/v1', 'PriorityClass', { value: 5, globalDefault: true }),
    named('v1', 'Pod', template as { [key: string]: Json }),
    named('apps/v1', 'Deployment', { spec: { replicas: 2, selector, template } }),
    named('apps/v1', 'StatefulSet', {
      spec: {
        replicas: 1,
        selector,
        template,
        volumeClaimTemplates: [
          {
            metadata: { name: 'd' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: 1 } } },
          },
        ],
      },
    }),
    named('apps/v1', 'DaemonSet', { spec: { selector, template } }),
    named('batch/v1', 'Job', {
      spec: {
        parallelism: 2,
        template: { ...(template as { [key: string]: Json }), spec: { containers: [], restartPolicy: 'Never' } },
      },
    }),
    named('v1', 'PersistentVolumeClaim', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
    named('v1', 'ConfigMap', { data: { a: 'b' } }),
  ],
};

const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    -1,
    0,
    1.5,
    1e300,
    2 ** 53,
    '',
    '-1',
    '1e999',
    '99Ei',
    'x'.repeat(300),
    '\u0007',
    '😀',
    '__proto__',
    'constructor',
    [],
    {},
    [null],
    { '': null },
  ),
  fc.string({ maxLength: 12 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const key = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'name',
  'spec',
  'items',
  '',
  'a b',
  'x'.repeat(300),
);
type Mutation = { at: number; how: 'drop' | 'replace' | 'repeat' | 'rename' | 'wrap'; value: Json; key: string };
const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(400),
  how: fc.constantFrom('drop', 'replace', 'repeat', 'rename', 'wrap'),
  value: scalar,
  key,
});

/** Every place below the root, as its parent and its key there. */
function places(value: Json, found: [Json[] | { [key: string]: Json }, string][] = []): typeof found {
  if (typeof value !== 'object' || value === null) return found;
  for (const name of Object.keys(value)) {
    found.push([value, name]);
    places((value as { [key: string]: Json })[name], found);
  }
  return found;
}

function mutate(root: Json, { at, how, value, key }: Mutation): void {
  const all = places(root);
  if (all.length === 0) return;
  const [parent, name] = all[at % all.length];
  const holder = parent as { [key: string]: Json };
  const set = (to: string, what: Json): void => {
    Object.defineProperty(holder, to, { value: what, enumerable: true, configurable: true, writable: true });
  };
  if (how === 'replace') set(name, structuredClone(value));
  else if (how === 'wrap') set(name, [holder[name]]);
  else if (Array.isArray(parent))
    parent.splice(Number(name), how === 'drop' ? 1 : 0, structuredClone(parent[Number(name)]));
  else if (how === 'rename' || how === 'repeat') set(key, structuredClone(holder[name]));
  if ((how === 'drop' || how === 'rename') && !Array.isArray(parent)) delete holder[name];
}

const folder = mkdtempSync(join(tmpdir(), 'keelson-fuzz-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

function readsWithoutThrowing(content: string | Uint8Array, name: string): void {
  const path = join(folder, name);
  writeFileSync(path, content);
  const { nodes, pods, others, problems } = readManifests([path]);
  for (const problem of problems) {
    const text = formatProblem(problem);
    assert.ok(text.startsWith(path), text);
    assert.not.match(text, /bug:|undefined|\[object/);
    assert.ok(text.length < 1_000, text);
  }
  for (const { metadata } of [...nodes, ...pods, ...others]) assert.type(metadata.name, 'string');
  assert.is(({} as { polluted?: unknown }).polluted, undefined);
}

test('mutilated manifests give problems, never an exception', () => {
  fc.assert(
    fc.property(
      fc.array(mutation, { minLength: 1, maxLength: 6 }),
      fc.constantFrom('a.json', 'a.yaml', 'a.yaml.gz'),
      (mutations, name) => {
        const root = structuredClone(cluster);
        for (const one of mutations) mutate(root, one);
        const text = name === 'a.json' ? JSON.stringify(root) : stringify(root, { aliasDuplicateObjects: false });
        readsWithoutThrowing(name.endsWith('.gz') ? gzipSync(text) : text, name);
      },
    ),
    { numRuns: 500 },
  );
});

const yaml = stringify(cluster);
const json = JSON.stringify(cluster, null, 1);
const torn = fc.record({
  /** The whole value of some line, or any stretch of text. */
  aValue: fc.boolean(),
  from: fc.nat(),
  length: fc.nat(40),
  put: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom('\t', '\0', '{', ']', '&a ', '*a', '&a {b: *a}', '---', '"', '!!x ', '%', '? ', '|'),
  ),
});

test('text torn apart gives problems, never an exception', () => {
  fc.assert(
    fc.property(fc.array(torn, { minLength: 1, maxLength: 4 }), fc.constantFrom('a.json', 'a.yaml'), (cuts, name) => {
      let text = name === 'a.json' ? json : yaml;
      for (const { aValue, from, length, put } of cuts) {
        const colon = aValue ? text.indexOf(': ', from % text.length) : -1;
        const at = colon < 0 ? from % (text.length + 1) : colon + 2;
        const end = colon < 0 ? at + length : at + text.slice(at).search(/\n|$/);
        text = text.slice(0, at) + put + text.slice(end);
      }
      readsWithoutThrowing(text, name);
    }),
    { numRuns: 300 },
  );
});

test('gzip data torn apart gives problems, never an exception', () => {
  const whole = gzipSync(yaml);
  fc.assert(
    fc.property(fc.nat(whole.length), fc.nat(255), (at, byte) => {
      const bytes = Uint8Array.from(whole);
      bytes[at % bytes.length] = byte;
      readsWithoutThrowing(bytes, 'a.yaml.gz');
      readsWithoutThrowing(whole.subarray(0, at), 'a.yaml.gz');
    }),
    { numRuns: 40 },
  );
});

test.run();
