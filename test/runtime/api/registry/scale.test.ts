/** The Scale of whatever has replicas: as it is read, and what writing it does and is refused for. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Answer, startApi, type TestServer } from '../../../support/api-server.ts';
import { definitionOf } from '../../../support/every-kind.ts';

const CORE = '/api/v1/namespaces/default';
const APPS = '/apis/apps/v1/namespaces/default';
const CUSTOM = '/apis/example.com/v1/namespaces/default';
const TEMPLATE = { metadata: { labels: { app: 'a', tier: 'x' } }, spec: { containers: [{ name: 'c', image: 'a:1' }] } };

const test = suite<{ api: TestServer }>('scale');
test.before(async (context) => {
  context.api = await startApi();
  const definition = { metadata: { name: 'gadgets.example.com' }, ...definitionOf('gadgets') };
  await context.api.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  while (!context.api.server.kinds.find('example.com', 'v1', 'gadgets')) await new Promise(setImmediate);
});
test.after(({ api }) => api.close());

async function made(api: TestServer, collection: string, name: string, spec: object): Promise<Answer> {
  const kind = api.server.kinds.find(...kindOf(collection));
  const body = {
    apiVersion: kind && `${kind.group ? `${kind.group}/` : ''}v1`,
    kind: kind?.kind,
    metadata: { name },
    spec,
  };
  const answer = await api.post(collection, body);
  assert.is(answer.code, 201, answer.text);
  return answer;
}

function kindOf(collection: string): [group: string, version: string, plural: string] {
  const parts = collection.split('/');
  return parts[1] === 'api' ? ['', 'v1', parts.at(-1) ?? ''] : [parts[2], 'v1', parts.at(-1) ?? ''];
}

const SELECTORS: readonly (readonly [
  sentence: string,
  collection: string,
  selector: object,
  text: string | undefined,
])[] = [
  ['a Deployment by labels', `${APPS}/deployments`, { matchLabels: { app: 'a' } }, 'app=a'],
  ['two labels', `${APPS}/replicasets`, { matchLabels: { tier: 'x', app: 'a' } }, 'app=a,tier=x'],
  [
    'expressions of every sort',
    `${APPS}/statefulsets`,
    {
      matchExpressions: [
        { key: 'app', operator: 'In', values: ['a', 'b'] },
        { key: 'tier', operator: 'NotIn', values: ['y'] },
        { key: 'app', operator: 'Exists' },
        { key: 'none', operator: 'DoesNotExist' },
      ],
    },
    'app,app in (a,b),!none,tier notin (y)',
  ],
  ['a ReplicationController’s plain map', `${CORE}/replicationcontrollers`, { app: 'a' }, 'app=a'],
];
for (const [i, [sentence, collection, selector, text]] of SELECTORS.entries()) {
  test(`the selector as a text: ${sentence}`, async ({ api }) => {
    const name = `selector-${i}`;
    await made(api, collection, name, { replicas: 2, selector, template: TEMPLATE });
    const { body } = await api.get(`${collection}/${name}/scale`);
    const sorted = (terms: string | undefined) => terms?.split(/,(?![^(]*\))/).sort();
    assert.equal(sorted(body.status.selector), sorted(text));
    assert.equal([body.apiVersion, body.kind, body.spec.replicas], ['autoscaling/v1', 'Scale', 2]);
    assert.is(body.metadata.name, name);
  });
}

type Row = readonly [
  sentence: string,
  method: 'PUT' | 'json' | 'merge' | 'strategic' | 'apply',
  change: (scale: Record<string, object>) => unknown,
  code: number,
  /** What the Deployment has then, where that is not the 2 it had. */
  replicas?: number,
];
const WRITES: readonly Row[] = [
  ['replaced', 'PUT', (scale) => ({ ...scale, spec: { replicas: 3 } }), 200, 3],
  ['replaced without kind and version', 'PUT', ({ metadata }) => ({ metadata, spec: { replicas: 3 } }), 200, 3],
  ['replaced whatever version there is', 'PUT', () => ({ metadata: { name: 'd' }, spec: { replicas: 4 } }), 200, 4],
  ['replaced without replicas, which are none then', 'PUT', (scale) => ({ ...scale, spec: {} }), 200, 0],
  ['to none', 'merge', () => ({ spec: { replicas: 0 } }), 200, 0],
  ['to as many as fit a number', 'merge', () => ({ spec: { replicas: 2 ** 31 - 1 } }), 200, 2 ** 31 - 1],
  ['by a JSON patch', 'json', () => [{ op: 'replace', path: '/spec/replicas', value: 7 }], 200, 7],
  ['by a strategic patch', 'strategic', () => ({ spec: { replicas: 8 } }), 200, 8],
  ['its status, which is not its own', 'merge', () => ({ status: { replicas: 9 } }), 200],
  ['below none', 'merge', () => ({ spec: { replicas: -1 } }), 422],
  ['beyond a number', 'merge', () => ({ spec: { replicas: 2 ** 31 } }), 422],
  ['to half a pod', 'merge', () => ({ spec: { replicas: 1.5 } }), 422],
  ['to a text', 'merge', () => ({ spec: { replicas: 'two' } }), 422],
  ['to what brings its own toString', 'merge', () => ({ spec: { replicas: { toString: {} } } }), 422],
  ['of an old version', 'PUT', (scale) => ({ ...scale, metadata: { ...scale.metadata, resourceVersion: '1' } }), 409],
  ['of another object of the name', 'PUT', (scale) => ({ ...scale, metadata: { ...scale.metadata, uid: 'x' } }), 409],
  ['of another name', 'PUT', (scale) => ({ ...scale, metadata: { ...scale.metadata, name: 'x' } }), 400],
  ['as another kind', 'PUT', (scale) => ({ ...scale, kind: 'Deployment' }), 400],
  ['a list', 'PUT', () => [], 400],
  ['a patch to nowhere', 'json', () => [{ op: 'replace', path: '/spec/nothing/a', value: 7 }], 422],
];
for (const [i, [sentence, method, change, code, replicas = 2]] of WRITES.entries()) {
  test(`${code < 300 ? 'scaled' : `refused with ${code}`}: ${sentence}`, async ({ api }) => {
    const path = `${APPS}/deployments/d-${i}`;
    const selector = { matchLabels: { app: 'a' } };
    const { body: before } = await made(api, `${APPS}/deployments`, `d-${i}`, {
      replicas: 2,
      selector,
      template: TEMPLATE,
    });
    const { body: scale } = await api.get(`${path}/scale`);
    const body = change(scale);
    if (method === 'PUT' && typeof body === 'object' && body !== null && 'metadata' in body) {
      const metadata = body.metadata as { name: string };
      if (metadata.name === 'd') Object.assign(metadata, { name: `d-${i}` });
    }
    const answer =
      method === 'PUT' ? await api.put(`${path}/scale`, body) : await api.patch(`${path}/scale`, method, body);
    assert.is(answer.code, code, answer.text);
    const { body: after } = await api.get(path);
    assert.is(after.spec.replicas, replicas);
    assert.equal({ ...after.spec, replicas: 2 }, before.spec, 'nothing else changes');
    if (code < 300) assert.is(answer.body.spec.replicas, replicas);
    assert.is(after.metadata.generation, replicas === 2 ? 1 : 2);
  });
}

test('a dry run scales nothing', async ({ api }) => {
  const selector = { matchLabels: { app: 'a' } };
  await made(api, `${APPS}/deployments`, 'dry', { replicas: 2, selector, template: TEMPLATE });
  const path = `${APPS}/deployments/dry`;
  const answer = await api.ask('PATCH', `${path}/scale?dryRun=All`, {
    body: { spec: { replicas: 5 } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  assert.equal([answer.code, answer.body.spec.replicas], [200, 5], answer.text);
  assert.is((await api.get(path)).body.spec.replicas, 2);
});

test('a custom object is scaled where its definition says, and its selector is its own text', async ({ api }) => {
  await made(api, `${CUSTOM}/gadgets`, 'g', { replicas: 2, color: 'green' });
  const path = `${CUSTOM}/gadgets/g`;
  await api.patch(`${path}/status`, 'merge', { status: { replicas: 1, selector: 'app=g' } });
  const { body: scale } = await api.get(`${path}/scale`);
  assert.equal([scale.spec, scale.status], [{ replicas: 2 }, { replicas: 1, selector: 'app=g' }]);
  const put = await api.put(`${path}/scale`, { ...scale, spec: { replicas: 5 } });
  assert.is(put.code, 200, put.text);
  const { body: after } = await api.get(path);
  assert.equal([after.spec.replicas, after.spec.color, after.status.replicas], [5, 'green', 1]);
});

test('what has no replicas has no scale', async ({ api }) => {
  for (const path of [
    `${APPS}/daemonsets/x/scale`,
    `${CORE}/pods/x/scale`,
    `${CORE}/configmaps/kube-root-ca.crt/scale`,
  ]) {
    assert.is((await api.get(path)).code, 404, path);
  }
  const { code, body } = await api.get(`${APPS}/deployments/nowhere/scale`);
  assert.equal([code, body.message], [404, 'deployments.apps "nowhere" not found']);
});

test.run();
