/** Requests that make no sense: whatever comes, the answer is never a 500, and the server goes on. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { configMap, deployment, plainPod, startApi, type TestServer } from '../../support/api-server.ts';

let api: TestServer;
test.before(async () => {
  api = await startApi();
  await api.post('/api/v1/namespaces/default/configmaps', configMap('there', { a: 'b' }));
  await api.post('/apis/apps/v1/namespaces/default/deployments', deployment('there'));
  await api.post('/api/v1/namespaces/default/pods', plainPod('there'));
});
test.after(() => api.close());

const PATHS = [
  '/api/v1/namespaces/default/configmaps/there',
  '/api/v1/namespaces/default/configmaps',
  '/apis/apps/v1/namespaces/default/deployments/there',
  '/apis/apps/v1/namespaces/default/deployments/there/scale',
  '/apis/apps/v1/namespaces/default/deployments/there/status',
  '/apis/apps/v1/namespaces/default/deployments',
  '/api/v1/namespaces/default/pods/there',
  '/api/v1/namespaces/default/pods/there/binding',
  '/api/v1/namespaces/default/pods/there/eviction',
  '/api/v1/namespaces/default/pods/there/ephemeralcontainers',
  '/api/v1/namespaces/default/pods/there/resize',
  '/api/v1/namespaces/default/pods',
  '/api/v1/namespaces/default/services',
  '/api/v1/namespaces/default/serviceaccounts/default/token',
  '/api/v1/namespaces',
  '/api/v1/namespaces/default/finalize',
  '/api/v1/nodes',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers',
  '/apis/events.k8s.io/v1/namespaces/default/events',
  '/apis/batch/v1/namespaces/default/jobs',
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
];
const PATCHES = ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml'];
const TYPES = [
  ...PATCHES.map((patch) => `application/${patch}`),
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  '',
];

/** Names that objects have, and names that every JavaScript object inherits. */
const key = fc.constantFrom(
  ...['apiVersion', 'kind', 'metadata', 'name', 'namespace', 'generateName', 'labels', 'annotations', 'finalizers'],
  ...['ownerReferences', 'spec', 'status', 'template', 'containers', 'replicas', 'selector', 'ports', 'data', 'target'],
  ...[
    'op',
    'path',
    'value',
    'from',
    '$patch',
    '$retainKeys',
    '$setElementOrder/containers',
    'managedFields',
    'versions',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'schema',
    'openAPIV3Schema',
    'names',
    'rules',
    'metrics',
    'spec.x',
    '',
    'deleteOptions',
  ],
);
const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e300,
    'there',
    'v1',
    'ConfigMap',
    'replace',
    'delete',
    '/data',
    '/spec/replicas',
  ),
  fc.string(),
  fc.integer(),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs)),
  ),
}));
const body = fc.oneof(
  value.map((made) => JSON.stringify(made) ?? ''),
  value.map((made) => (JSON.stringify(made) ?? '').slice(0, -1)),
  value.map(
    (made) => `{"apiVersion":"v1","metadata":${JSON.stringify(made) ?? ''},"spec":${JSON.stringify(made) ?? ''}}`,
  ),
  fc.uint8Array({ maxLength: 60 }),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.concat([Buffer.from('k8s\0'), bytes])),
  fc.constantFrom('', 'a: &a [*a]', '!!js/function x', '{"a":1,"a":2}', '[[[[[[[[', '\u0000', '%YAML 9.9'),
);
const query = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'limit',
        'continue',
        'resourceVersion',
        'resourceVersionMatch',
        'labelSelector',
        'fieldSelector',
        'dryRun',
        'fieldManager',
        'fieldValidation',
        'force',
        'timeoutSeconds',
        'propagationPolicy',
        'gracePeriodSeconds',
        'includeObject',
        'pretty',
      ),
      fc.oneof(
        fc.string({ maxLength: 12 }),
        fc.constantFrom(
          '0',
          '-1',
          '1',
          'All',
          'x',
          'Strict',
          'true',
          'a=b',
          'metadata.name=there',
          '999999999999999999',
        ),
      ),
    ),
    { maxLength: 3 },
  )
  // A version to come is waited for, which is right and slow.
  .map((pairs) => pairs.filter(([name, text]) => !(name === 'resourceVersion' && Number(text) > 0)))
  .map((pairs) => pairs.map(([name, text]) => `${name}=${encodeURIComponent(text.toWellFormed())}`).join('&'));

const accept = fc.constantFrom(
  '',
  '*/*',
  'application/json',
  'application/json;as=Table;g=meta.k8s.io;v=v1',
  ';;,',
  'a/b;q=x',
);

/** What random bodies found once: each was a 500. */
const TEXTS: readonly (readonly [sentence: string, method: string, path: string, type: string, body: unknown])[] = [
  [
    'an apiVersion that brings its own toString',
    'PUT',
    '/api/v1/namespaces/default/configmaps/there',
    'application/json',
    { apiVersion: { toString: {} } },
  ],
  [
    'a kind that brings its own toString',
    'POST',
    '/api/v1/namespaces/default/configmaps',
    'application/json',
    { kind: { toString: {} } },
  ],
  [
    'an applied name that brings its own toString',
    'PATCH',
    '/api/v1/namespaces/default/configmaps/there',
    'application/apply-patch+yaml',
    { metadata: { name: { toString: {} } } },
  ],
  [
    'a directive that brings its own toString',
    'PATCH',
    '/api/v1/namespaces/default/configmaps/there',
    'application/strategic-merge-patch+json',
    { $patch: { toString: {} } },
  ],
  [
    'a directive of a list item that brings its own toString',
    'PATCH',
    '/api/v1/namespaces/default/pods/there',
    'application/strategic-merge-patch+json',
    { spec: { containers: [{ name: 'c', $patch: { toString: {} } }] } },
  ],
  [
    'a propagation policy that brings its own toString',
    'DELETE',
    '/api/v1/namespaces/default/configmaps/there',
    'application/json',
    { propagationPolicy: { toString: {} } },
  ],
  [
    'a dry run that brings its own toString',
    'DELETE',
    '/api/v1/namespaces/default/configmaps/there',
    'application/json',
    { dryRun: [{ toString: {} }] },
  ],
];

for (const [sentence, method, path, type, sent] of TEXTS) {
  test(`${sentence} is a 400`, async () => {
    const bytes = JSON.stringify(sent);
    const answer = await api.ask(method, `${path}?fieldManager=x`, { bytes, headers: { 'content-type': type } });
    assert.is(answer.code, 400, answer.text);
  });
}

test('requests that make no sense are never a fault of the server', async () => {
  const request = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
    path: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...PATHS) }, { weight: 1, arbitrary: fc.webPath() }),
    type: fc.constantFrom(...TYPES),
    body,
    query,
    accept,
  });
  const property = fc.asyncProperty(
    request,
    async ({ method, path, type, body: bytes, query: asked, accept: form }) => {
      // Deleting what the other requests are made about would leave nothing to break.
      if (method === 'DELETE') return;
      const headers = { 'content-type': type, accept: form };
      const answer = await api.ask(method, `${path || '/'}?${asked}`, { bytes, headers });
      assert.ok(answer.code < 500, `${method} ${path}?${asked} ${type}: ${answer.code} ${answer.text}`);
    },
  );
  await fc.assert(property, { numRuns: 2000 });
  assert.is((await api.get('/readyz')).text, 'ok');
});

test('paths and headers that make no sense are refused, and more than the limit is a 413', async () => {
  assert.is((await api.get('/api/v1/namespaces/%zz/pods')).code, 400);
  assert.is((await api.get('/api/v1/namespaces/default/pods/a%2Fb')).code, 404);
  assert.is((await api.get('/nowhere')).code, 404);
  const large = await api.post('/api/v1/namespaces/default/configmaps', configMap('large', { a: 'x'.repeat(4 << 20) }));
  assert.is(large.code, 413);
  const tooLarge = await api.post('/api/v1/namespaces/default/secrets', {
    metadata: { name: 'l' },
    stringData: { a: 'x'.repeat(2 << 20) },
  });
  assert.ok(tooLarge.code === 413 || tooLarge.code === 422, tooLarge.text);
});

test('no request was a fault of the server', () => {
  assert.equal(
    api.problems.map(({ cause, message }) => String((cause as Error)?.stack ?? message)),
    [],
  );
});

test.run();
