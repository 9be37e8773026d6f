/** Lists over HTTP: pages, versions, selectors, tables and what is refused. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Answer, configMap, plainPod, startApi, type TestServer } from '../../support/api-server.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const LABELLED = `${CONFIG_MAPS}?labelSelector=page`;
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

let api: TestServer;
test.before(async () => {
  api = await startApi();
  for (let i = 0; i < 7; i++) {
    await api.post(CONFIG_MAPS, configMap(`page-${i}`, { n: String(i) }, { page: String(i), odd: String(i % 2) }));
  }
});
test.after(() => api.close());

const names = ({ body }: Answer): string[] =>
  body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
const all = [0, 1, 2, 3, 4, 5, 6].map((i) => `page-${i}`);

test('pages: together they are the list, at one version, whatever is written in between', async () => {
  const seen: string[] = [];
  const versions = new Set<string>();
  let token = '';
  for (let i = 0; ; i++) {
    const page = await api.get(`${LABELLED}&limit=3${token && `&continue=${token}`}`);
    assert.is(page.code, 200, page.text);
    seen.push(...names(page));
    versions.add(page.body.metadata.resourceVersion);
    token = page.body.metadata.continue ?? '';
    if (token === '') break;
    // One that comes, one that goes and one that changes: the pages show what was.
    if (i === 0) {
      await api.post(CONFIG_MAPS, configMap('page-new', {}, { page: 'new' }));
      await api.delete(`${CONFIG_MAPS}/page-5`);
      await api.patch(`${CONFIG_MAPS}/page-6`, 'merge', { metadata: { labels: { page: null } } });
    }
  }
  assert.equal(seen, all);
  assert.is(versions.size, 1);
  await api.delete(`${CONFIG_MAPS}/page-new`);
  await api.post(CONFIG_MAPS, configMap('page-5', { n: '5' }, { page: '5', odd: '1' }));
  await api.patch(`${CONFIG_MAPS}/page-6`, 'merge', { metadata: { labels: { page: '6' } } });
});

test('pages: without a selector they say how much is left', async () => {
  const whole = await api.get(CONFIG_MAPS);
  const { body } = await api.get(`${CONFIG_MAPS}?limit=2`);
  assert.is(body.metadata.remainingItemCount, whole.body.items.length - 2);
  assert.is(whole.body.metadata.remainingItemCount, undefined);
  assert.is((await api.get(`${LABELLED}&limit=2`)).body.metadata.remainingItemCount, undefined);
});

test('pages: a token that has grown old is a 410 with one that goes on', async () => {
  const first = await api.get(`${LABELLED}&limit=2`);
  await api.post(CONFIG_MAPS, configMap('later'));
  api.server.parts.cache.forget(api.server.parts.cache.revision);
  const late = await api.get(`${LABELLED}&limit=2&continue=${first.body.metadata.continue}`);
  assert.is(late.code, 410);
  assert.is(late.body.reason, 'Expired');
  const again = await api.get(`${LABELLED}&limit=9&continue=${late.body.metadata.continue}`);
  assert.is(again.code, 200);
  assert.equal(names(again), all.slice(2));
});

const refusals = [
  { name: 'a token that is none', query: 'continue=nonsense', code: 400 },
  { name: 'a version in words', query: 'resourceVersion=abc', code: 400 },
  { name: 'a version beside a token', query: 'resourceVersion=5&continue=eyJ9', code: 400 },
  { name: 'a match without a version', query: 'resourceVersionMatch=Exact', code: 422 },
  { name: 'an unknown match', query: 'resourceVersion=5&resourceVersionMatch=Perhaps', code: 422 },
  { name: 'an exact match of version 0', query: 'resourceVersion=0&resourceVersionMatch=Exact', code: 422 },
  { name: 'a version that is gone', query: 'resourceVersion=1&resourceVersionMatch=Exact', code: 410 },
  { name: 'a limit in words', query: 'limit=ten', code: 400 },
  { name: 'a field that cannot be selected', query: 'fieldSelector=data.n%3D1', code: 400 },
  { name: 'a field selector without a value', query: 'fieldSelector=metadata.name', code: 400 },
  { name: 'a label selector of half a set', query: 'labelSelector=a%20in%20(b', code: 400 },
  { name: 'a label selector with a wrong key', query: 'labelSelector=a%2Fb%2Fc%3D1', code: 400 },
];
for (const { name, query, code } of refusals) {
  test(`lists refuse ${name}`, async () => {
    const answer = await api.get(`${CONFIG_MAPS}?${query}`);
    assert.is(answer.code, code, answer.text);
    assert.is(answer.body.kind, 'Status');
  });
}

test('a version that is yet to come is waited for, then refused as too large', async () => {
  const { code, body, headers } = await api.get(`${CONFIG_MAPS}?resourceVersion=999999999`);
  assert.is(code, 504);
  assert.match(body.message, /^Too large resource version: 999999999, current: \d+$/);
  assert.is(headers['retry-after'], '1');
});

test('an exact version shows what was then', async () => {
  const { body: before } = await api.get(CONFIG_MAPS);
  await api.post(CONFIG_MAPS, configMap('after'));
  const { resourceVersion } = before.metadata;
  const then = await api.get(`${CONFIG_MAPS}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`);
  assert.equal(then.body, before);
  const now = await api.get(`${CONFIG_MAPS}?resourceVersion=${resourceVersion}&resourceVersionMatch=NotOlderThan`);
  assert.is(now.body.items.length, before.items.length + 1);
});

const selections = [
  { query: 'labelSelector=odd%3D1', finds: ['page-1', 'page-3', 'page-5'] },
  { query: 'labelSelector=odd%3D%3D1,page!%3D3', finds: ['page-1', 'page-5'] },
  { query: 'labelSelector=page%20in%20(1,2)', finds: ['page-1', 'page-2'] },
  { query: 'labelSelector=odd,page%20notin%20(0,1,2,3)', finds: ['page-4', 'page-5', 'page-6'] },
  { query: 'labelSelector=page,!odd', finds: [] },
  { query: 'labelSelector=page%3E4', finds: ['page-5', 'page-6'] },
  { query: 'fieldSelector=metadata.name%3Dpage-3', finds: ['page-3'] },
  { query: 'labelSelector=page&fieldSelector=metadata.name!%3Dpage-3', finds: all.filter((name) => name !== 'page-3') },
  { query: 'fieldSelector=metadata.namespace%3Dother', finds: [] },
  { query: 'labelSelector=page&fieldSelector=metadata.namespace%3Ddefault', finds: all },
];
for (const { query, finds } of selections) {
  test(`a list selects: ${decodeURIComponent(query)}`, async () => {
    assert.equal(names(await api.get(`${CONFIG_MAPS}?${query}`)), finds);
  });
}

test('pods are selected by node and phase, and an absent field is empty', async () => {
  await api.post('/api/v1/namespaces/default/pods', plainPod('placed', { nodeName: 'n1' }));
  await api.post('/api/v1/namespaces/default/pods', plainPod('waiting'));
  assert.equal(names(await api.get('/api/v1/pods?fieldSelector=spec.nodeName%3Dn1')), ['placed']);
  assert.equal(names(await api.get('/api/v1/pods?fieldSelector=spec.nodeName%3D')), ['waiting']);
  assert.equal(names(await api.get('/api/v1/pods?fieldSelector=status.phase!%3DPending')), []);
});

test('events are selected by who reports them, as source if they name no other', async () => {
  const event = { apiVersion: 'v1', kind: 'Event', involvedObject: { namespace: 'default' } };
  await api.post('/api/v1/namespaces/default/events', {
    ...event,
    metadata: { name: 'new' },
    reportingComponent: 'reporter',
  });
  await api.post('/api/v1/namespaces/default/events', {
    ...event,
    metadata: { name: 'old' },
    source: { component: 'origin' },
    reportingComponent: 'reporter',
  });
  const found = async (field: string): Promise<string[]> =>
    names(await api.get(`/api/v1/namespaces/default/events?fieldSelector=${encodeURIComponent(field)}`));
  assert.equal(await found('source=reporter'), ['new']);
  assert.equal(await found('source=origin'), ['old']);
  assert.equal(await found('reportingComponent=reporter'), ['new', 'old']);
});

test('a namespace without objects, or that is not there, has an empty list', async () => {
  const { code, body } = await api.get('/api/v1/namespaces/absent/pods');
  assert.is(code, 200);
  assert.equal(body.items, []);
  assert.is(body.kind, 'PodList');
});

// --- forms -----------------------------------------------------------------------------------------------------------

test('a list is the objects one by one: spliced bytes say what encoding says', async () => {
  const { body } = await api.get(LABELLED);
  for (const item of body.items) assert.equal(item, (await api.get(`${CONFIG_MAPS}/${item.metadata.name}`)).body);
});

test('a list of megabytes is whole, for several at once, and one that breaks off harms nobody', async () => {
  const large = '/api/v1/namespaces/kube-public/configmaps';
  for (let i = 0; i < 12; i++)
    await api.post(large, configMap(`large-${i}`, { x: 'é'.repeat(i === 5 ? 150_000 : 40_000) }));
  await api.post(large, configMap('small', { x: 'y' }));
  const broken = connect(Number(new URL(api.url).port), '127.0.0.1');
  broken.write(`GET ${large} HTTP/1.1\r\nHost: api\r\n\r\n`);
  await once(broken, 'data');
  broken.destroy();
  const answers = await Promise.all([api.get(large), api.get(large), api.get(large)]);
  const ones = await Promise.all(names(answers[0]).map((name) => api.get(`${large}/${name}`)));
  for (const answer of answers) {
    assert.is(answer.code, 200);
    assert.equal(
      answer.body.items,
      ones.map(({ body }) => body),
    );
  }
  assert.ok(ones.length >= 13);
});

test('a table has the columns of its kind, and the metadata of each row', async () => {
  const { code, body } = await api.get('/api/v1/namespaces/default/pods', { accept: TABLE });
  assert.is(code, 200);
  assert.is(body.kind, 'Table');
  assert.is(body.apiVersion, 'meta.k8s.io/v1');
  assert.equal(
    body.columnDefinitions.slice(0, 3).map(({ name }: { name: string }) => name),
    ['Name', 'Ready', 'Status'],
  );
  assert.is(body.columnDefinitions[0].format, 'name');
  assert.equal(body.rows[0].cells.slice(0, 3), ['placed', '0/1', 'Pending']);
  assert.is(body.rows[0].cells.length, body.columnDefinitions.length);
  assert.is(body.rows[0].object.kind, 'PartialObjectMetadata');
  assert.is(body.rows[0].object.metadata.name, 'placed');
});

test('a table carries whole objects, or none, when asked', async () => {
  const whole = await api.get('/api/v1/pods?includeObject=Object', { accept: TABLE });
  assert.is(whole.body.rows[0].object.kind, 'Pod');
  const none = await api.get('/api/v1/pods?includeObject=None', { accept: TABLE });
  assert.is(none.body.rows[0].object, undefined);
});

test('one object is a table of one row', async () => {
  const { body } = await api.get('/api/v1/namespaces/default/pods/placed', { accept: TABLE });
  assert.is(body.kind, 'Table');
  assert.is(body.rows.length, 1);
});

test('who wants metadata only gets nothing else', async () => {
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
  const { body } = await api.get(LABELLED, { accept });
  assert.is(body.kind, 'PartialObjectMetadataList');
  assert.is(body.items[0].kind, 'PartialObjectMetadata');
  assert.is(body.items[0].data, undefined);
});

const accepts = [
  { accept: 'application/json', code: 200 },
  { accept: '*/*', code: 200 },
  { accept: 'application/vnd.kubernetes.protobuf,application/json', code: 200 },
  { accept: 'application/vnd.kubernetes.protobuf', code: 406 },
  { accept: 'text/html', code: 406 },
  { accept: 'application/json;as=Table;v=v9;g=meta.k8s.io', code: 406 },
];
for (const { accept, code } of accepts) {
  test(`Accept: ${accept} is answered with ${code}`, async () => {
    assert.is((await api.get(CONFIG_MAPS, { accept })).code, code);
  });
}

test('what is no object has no table: a review asked for as one is a 406', async () => {
  const review = { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  assert.is((await api.post(path, review, { accept })).code, 406);
  assert.is((await api.post(path, review)).body.status.allowed, true);
});

test('no request was a fault of the server', () => {
  assert.equal(api.problems, []);
});

test.run();
