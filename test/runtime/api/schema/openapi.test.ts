import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openApiRoutes } from '../../../../runtime/api/discovery/openapi.ts';
import { KindTable } from '../../../../runtime/api/kinds/table.ts';
import { loadSchemas } from '../../../../runtime/api/schema/load.ts';
import { openApiIndex, openApiV3 } from '../../../../runtime/api/schema/openapi/openapi.ts';
import { startApi, type TestServer } from '../../../support/api-server.ts';

type Json = Record<string, unknown>;

const schemas = await loadSchemas();
const rows = [...new KindTable().rows()];

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce((held, key) => (held as Json | undefined)?.[key], value);
}

const apps = openApiV3('apps/v1', rows, schemas);
const core = openApiV3('v1', rows, schemas);
const POD_SPEC = ['components', 'schemas', 'io.k8s.api.core.v1.PodSpec', 'properties'];

test('openApiV3: a kind is patched with fieldValidation and by strategic merge, under its group, version and kind', () => {
  const patch = at(apps, 'paths', '/apis/apps/v1/namespaces/{namespace}/deployments/{name}', 'patch');
  assert.equal(at(patch, 'x-kubernetes-group-version-kind'), { group: 'apps', kind: 'Deployment', version: 'v1' });
  const names = (at(patch, 'parameters') as Json[]).map(({ name }) => name);
  assert.ok(names.includes('fieldValidation'), String(names));
  assert.ok(at(patch, 'requestBody', 'content', 'application/strategic-merge-patch+json'));
});

test('openApiV3: the schema of a kind says which kind it is', () => {
  const deployment = at(apps, 'components', 'schemas', 'io.k8s.api.apps.v1.Deployment');
  assert.equal(at(deployment, 'x-kubernetes-group-version-kind'), [
    { group: 'apps', kind: 'Deployment', version: 'v1' },
  ]);
});

const extensions: { name: string; place: unknown; says: Json }[] = [
  {
    name: 'containers merge by name',
    place: at(core, ...POD_SPEC, 'containers'),
    says: {
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
    },
  },
  {
    name: 'volumes keep the keys kubectl says',
    place: at(core, ...POD_SPEC, 'volumes'),
    says: { 'x-kubernetes-patch-strategy': 'merge,retainKeys' },
  },
  {
    name: 'spread constraints merge by one key and are owned by two',
    place: at(core, ...POD_SPEC, 'topologySpreadConstraints'),
    says: {
      'x-kubernetes-list-map-keys': ['topologyKey', 'whenUnsatisfiable'],
      'x-kubernetes-patch-merge-key': 'topologyKey',
    },
  },
  {
    name: 'tolerations are atomic',
    place: at(core, ...POD_SPEC, 'tolerations'),
    says: { 'x-kubernetes-list-type': 'atomic' },
  },
  {
    name: 'so is the node selector',
    place: at(core, ...POD_SPEC, 'nodeSelector'),
    says: { 'x-kubernetes-map-type': 'atomic' },
  },
  {
    name: 'a strategy keeps the keys kubectl says',
    place: at(apps, 'components', 'schemas', 'io.k8s.api.apps.v1.DeploymentSpec', 'properties', 'strategy'),
    says: { 'x-kubernetes-patch-strategy': 'retainKeys' },
  },
];
for (const { name, place, says } of extensions) {
  test(`openApiV3: ${name}`, () => {
    assert.equal(Object.fromEntries(Object.keys(says).map((key) => [key, at(place, key)])), says);
  });
}

test('openApiV3: every reference of every document leads somewhere, every path names its placeholders', () => {
  for (const groupVersion of new Set(rows.map(({ group, version }) => (group ? `${group}/${version}` : version)))) {
    const document = openApiV3(groupVersion, rows, schemas);
    const known = new Set(Object.keys(at(document, 'components', 'schemas') as Json));
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      assert.ok(known.has(name), `${groupVersion}: ${name}`);
    }
    assert.ok(Object.keys(document.paths as Json).length > 0, groupVersion);
  }
});

test('openApiIndex: a hash changes with its document, and with no other', () => {
  const before = openApiIndex(rows, schemas).paths;
  const after = openApiIndex(
    rows.map((row) => (row.kind === 'Deployment' ? { ...row, subresources: [] } : row)),
    schemas,
  ).paths;
  const changed = Object.keys(before).filter(
    (path) => at(before, path, 'serverRelativeURL') !== at(after, path, 'serverRelativeURL'),
  );
  assert.equal(changed, ['apis/apps/v1']);
});

test('openApiV3: a custom kind has a path and an open schema, and no strategic merge', () => {
  const widget = {
    group: 'example.com',
    version: 'v1',
    kind: 'Widget',
    plural: 'widgets',
    namespaced: true,
    verbs: ['get', 'list', 'patch'],
    subresources: [],
    custom: true,
  };
  const document = openApiV3('example.com/v1', [widget], schemas);
  const patch = at(document, 'paths', '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}', 'patch');
  assert.not(at(patch, 'requestBody', 'content', 'application/strategic-merge-patch+json'));
  assert.ok(at(document, 'components', 'schemas', 'com.example.v1.Widget', 'x-kubernetes-preserve-unknown-fields'));
});

// --- served ------------------------------------------------------------------------------------------------------------

async function served(use: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await startApi({ routes: (kinds) => openApiRoutes(schemas, kinds) });
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

test('served: the address in the index leads to a document that may be kept', () =>
  served(async ({ get }) => {
    const index = await get('/openapi/v3');
    const address = String(at(index.body, 'paths', 'apis/apps/v1', 'serverRelativeURL'));
    const document = await get(address);
    assert.is(document.code, 200);
    assert.is(document.headers['cache-control'], 'public, immutable');
    assert.is((await get(address, { 'if-none-match': String(document.headers.etag) })).code, 304);
    assert.not.match(String((await get('/openapi/v3/apis/apps/v1?hash=OLD')).headers['cache-control']), 'immutable');
    assert.is((await get('/openapi/v3/apis/none/v1')).code, 404);
    assert.is((await get('/openapi/v3/api/apps/v1')).code, 404);
  }));

test('served: version 2 is no bytes of protobuf, or JSON', () =>
  served(async ({ get }) => {
    const protobuf = await get('/openapi/v2', { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' });
    assert.is(protobuf.headers['content-type'], 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    assert.is(protobuf.text, '');
    assert.is((await get('/openapi/v2', { accept: 'application/json' })).body.swagger, '2.0');
  }));

// --- kubectl -----------------------------------------------------------------------------------------------------------

const run = promisify(execFile);

async function kubectl(server: TestServer, ...args: string[]): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'keelson-kubectl-'));
  try {
    const options = { env: { HOME: home, PATH: process.env.PATH }, timeout: 30_000 };
    const { stdout } = await run('kubectl', ['--server', server.url, '--cache-dir', home, ...args], options);
    return stdout;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const isThere = (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, 'kubectl')));
const explained: { name: string; args: string[]; says: RegExp[] }[] = [
  {
    name: 'a kind',
    args: ['deployment'],
    says: [/KIND:\s+Deployment/, /VERSION:\s+v1/, /GROUP:\s+apps/, /spec\s+<DeploymentSpec>/],
  },
  { name: 'a list of structs', args: ['pod.spec.containers'], says: [/<\[\]Container>/, /name\s+<string> -required-/] },
  { name: 'quantities', args: ['pod.spec.containers.resources.limits'], says: [/<map\[string\]Quantity>/] },
  { name: 'an int or a text', args: ['pdb.spec.minAvailable'], says: [/<IntOrString>/] },
  {
    name: 'one version of two',
    args: ['hpa.spec', '--api-version=autoscaling/v1'],
    says: [/targetCPUUtilizationPercentage/],
  },
];
if (isThere) {
  for (const { name, args, says } of explained) {
    test(`kubectl explain: ${name}`, () =>
      served(async (server) => {
        const text = await kubectl(server, 'explain', ...args);
        for (const words of says) assert.match(text, words);
      }));
  }
} else {
  console.log('skipped: kubectl explain, as there is no kubectl in the PATH');
  test('kubectl is there in CI', () => assert.not(process.env.CI === 'true'));
}

test.run();
