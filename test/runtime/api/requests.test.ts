/** Requests and their answers over HTTP on loopback, as tables: reads, writes, subresources and refusals. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { configMap, deployment, plainPod, startApi, type TestServer } from '../../support/api-server.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

let api: TestServer;
test.before(async () => {
  api = await startApi();
});
test.after(() => api.close());

// --- create ----------------------------------------------------------------------------------------------------------

test('create: the server names the version, the uid, the time and the namespace, and gives the object back', async () => {
  const { code, body } = await api.post(CONFIG_MAPS, { ...configMap('made', { a: 'b' }), status: {} });
  assert.is(code, 201);
  assert.is(body.metadata.namespace, 'default');
  assert.match(body.metadata.uid, /^[0-9a-f-]{36}$/);
  assert.match(body.metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.match(body.metadata.resourceVersion, /^\d+$/);
  assert.equal((await api.get(`${CONFIG_MAPS}/made`)).body, body);
});

test('create: a name is generated from its beginning', async () => {
  const { code, body } = await api.post(CONFIG_MAPS, { metadata: { generateName: 'gen-' } });
  assert.is(code, 201);
  assert.match(body.metadata.name, /^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});

const refusedCreates: { name: string; path: string; body: unknown; code: number; reason: string; message: RegExp }[] = [
  {
    name: 'a name that is taken',
    path: CONFIG_MAPS,
    body: configMap('made'),
    code: 409,
    reason: 'AlreadyExists',
    message: /^configmaps "made" already exists$/,
  },
  {
    name: 'a kind that the path does not take',
    path: CONFIG_MAPS,
    body: plainPod('x'),
    code: 400,
    reason: 'BadRequest',
    message: /Pod/,
  },
  {
    name: 'a version that the path does not take',
    path: DEPLOYMENTS,
    body: { ...deployment('x'), apiVersion: 'apps/v1beta1' },
    code: 400,
    reason: 'BadRequest',
    message: /apps\/v1beta1.* does not match the expected API version \(apps\/v1\)/,
  },
  {
    name: 'another namespace than that of the path',
    path: CONFIG_MAPS,
    body: { metadata: { name: 'x', namespace: 'other' } },
    code: 400,
    reason: 'BadRequest',
    message: /^the namespace of the provided object does not match/,
  },
  {
    name: 'no name at all',
    path: CONFIG_MAPS,
    body: { metadata: {} },
    code: 422,
    reason: 'Invalid',
    message: /metadata\.name: Required value/,
  },
  {
    name: 'a name with capitals',
    path: CONFIG_MAPS,
    body: configMap('Capital'),
    code: 422,
    reason: 'Invalid',
    message: /^ConfigMap "Capital" is invalid: metadata\.name/,
  },
  {
    name: 'a label that is none',
    path: CONFIG_MAPS,
    body: configMap('x', {}, { a: 'not a label' }),
    code: 422,
    reason: 'Invalid',
    message: /metadata\.labels/,
  },
  {
    name: 'a field of the wrong type',
    path: DEPLOYMENTS,
    body: { ...deployment('x'), spec: { replicas: 'three' } },
    code: 400,
    reason: 'BadRequest',
    message: /^Deployment in version "v1" cannot be handled as a Deployment: /,
  },
  {
    name: 'a list instead of an object',
    path: CONFIG_MAPS,
    body: [],
    code: 400,
    reason: 'BadRequest',
    message: /no JSON object/,
  },
  {
    name: 'metadata that is no map',
    path: CONFIG_MAPS,
    body: { metadata: 'x' },
    code: 400,
    reason: 'BadRequest',
    message: /metadata/,
  },
  {
    name: 'a name on the path',
    path: `${CONFIG_MAPS}/x`,
    body: configMap('x'),
    code: 405,
    reason: 'MethodNotAllowed',
    message: /./,
  },
  {
    name: 'a resource that is not served',
    path: '/api/v1/namespaces/default/widgets',
    body: {},
    code: 404,
    reason: 'NotFound',
    message: /^the server could not find the requested resource$/,
  },
  {
    name: 'a namespace for what has none',
    path: '/api/v1/namespaces/default/nodes',
    body: {},
    code: 404,
    reason: 'NotFound',
    message: /./,
  },
  {
    name: 'no namespace for what has one',
    path: '/api/v1/pods',
    body: plainPod('x'),
    code: 405,
    reason: 'MethodNotAllowed',
    message: /./,
  },
];
for (const { name, path, body, code, reason, message } of refusedCreates) {
  test(`create refuses ${name}`, async () => {
    const answer = await api.post(path, body);
    assert.is(answer.code, code, answer.text);
    assert.is(answer.body.kind, 'Status');
    assert.is(answer.body.code, code);
    assert.is(answer.body.reason, reason);
    assert.match(answer.body.message, message);
  });
}

test('create: a dry run checks and answers, and writes nothing', async () => {
  assert.is((await api.post(`${CONFIG_MAPS}?dryRun=All`, configMap('dry'))).code, 201);
  assert.is((await api.get(`${CONFIG_MAPS}/dry`)).code, 404);
  assert.is((await api.post(`${CONFIG_MAPS}?dryRun=All`, configMap('made'))).code, 409);
  assert.is((await api.post(`${CONFIG_MAPS}?dryRun=Some`, configMap('dry'))).code, 422);
});

test('create: unknown fields are refused, warned of or dropped, as fieldValidation says', async () => {
  const odd = { ...configMap('odd'), what: 1, metadata: { name: 'odd', whatever: 2 } };
  const strict = await api.post(`${CONFIG_MAPS}?fieldValidation=Strict`, odd);
  assert.is(strict.code, 400);
  assert.match(strict.body.message, /strict decoding error: .*unknown field "what"/);
  assert.match(strict.body.message, /unknown field "metadata.whatever"/);
  const warned = await api.post(`${CONFIG_MAPS}?fieldValidation=Warn`, odd);
  assert.is(warned.code, 201);
  assert.match(String(warned.headers.warning), /299 - "unknown field \\"what\\""/);
  assert.is(warned.body.what, undefined);
  await api.delete(`${CONFIG_MAPS}/odd`);
  const ignored = await api.post(`${CONFIG_MAPS}?fieldValidation=Ignore`, odd);
  assert.is(ignored.headers.warning, undefined);
});

// --- update and patch ----------------------------------------------------------------------------------------------

test('update: with a version that is not the present one it is a conflict, without one the last writer wins', async () => {
  const { body: first } = await api.post(CONFIG_MAPS, configMap('shared', { n: '1' }));
  const { code, body: second } = await api.put(`${CONFIG_MAPS}/shared`, { ...first, data: { n: '2' } });
  assert.is(code, 200);
  const stale = await api.put(`${CONFIG_MAPS}/shared`, { ...first, data: { n: '3' } });
  assert.is(stale.code, 409);
  assert.match(
    stale.body.message,
    /^Operation cannot be fulfilled on configmaps "shared": the object has been modified/,
  );
  const free = await api.put(`${CONFIG_MAPS}/shared`, configMap('shared', { n: '4' }));
  assert.is(free.code, 200);
  assert.is(free.body.metadata.uid, second.metadata.uid);
  assert.is(free.body.metadata.creationTimestamp, second.metadata.creationTimestamp);
});

test('update: what changes nothing writes nothing', async () => {
  const { body: before } = await api.post(CONFIG_MAPS, configMap('same', { a: 'b' }));
  const { code, body: after } = await api.put(`${CONFIG_MAPS}/same`, before);
  assert.is(code, 200);
  assert.equal(after, before);
});

test('update: another uid is a conflict, another name a bad request, an absent object not found', async () => {
  const { body } = await api.get(`${CONFIG_MAPS}/same`);
  const other = { ...body, metadata: { ...body.metadata, uid: 'x' } };
  assert.is((await api.put(`${CONFIG_MAPS}/same`, other)).code, 409);
  assert.is((await api.put(`${CONFIG_MAPS}/same`, configMap('different'))).code, 400);
  assert.is((await api.put(`${CONFIG_MAPS}/absent`, configMap('absent'))).code, 404);
});

test('update: what only the server writes stays, whatever the client sends', async () => {
  const { body } = await api.get(`${CONFIG_MAPS}/same`);
  const bold = {
    ...body.metadata,
    creationTimestamp: '2001-01-01T00:00:00Z',
    deletionTimestamp: '2001-01-01T00:00:00Z',
  };
  const { code, body: after } = await api.put(`${CONFIG_MAPS}/same`, { ...body, metadata: bold });
  assert.is(code, 200);
  assert.is(after.metadata.creationTimestamp, body.metadata.creationTimestamp);
  assert.is(after.metadata.deletionTimestamp, undefined);
});

test('a status is written through /status only, and a generation counts changes of the spec only', async () => {
  const { body: made } = await api.post(DEPLOYMENTS, { ...deployment('gen'), status: { replicas: 7 } });
  assert.is(made.metadata.generation, 1);
  assert.is(made.status?.replicas, undefined);
  const spec = { ...made.spec, replicas: 2 };
  const { body: scaled } = await api.put(`${DEPLOYMENTS}/gen`, { ...made, spec, status: { replicas: 7 } });
  assert.is(scaled.metadata.generation, 2);
  assert.is(scaled.status?.replicas, undefined);
  const labelled = await api.patch(`${DEPLOYMENTS}/gen`, 'merge', { metadata: { labels: { a: 'b' } } });
  assert.is(labelled.body.metadata.generation, 2);
  const status = await api.put(`${DEPLOYMENTS}/gen/status`, {
    ...scaled,
    metadata: { name: 'gen' },
    spec: { replicas: 9 },
    status: { replicas: 2 },
  });
  assert.is(status.code, 200, status.text);
  assert.is(status.body.spec.replicas, 2);
  assert.is(status.body.status.replicas, 2);
  assert.is(status.body.metadata.generation, 2);
});

const patches = [
  {
    name: 'a JSON patch',
    type: 'json',
    body: [{ op: 'add', path: '/data/json', value: '1' }],
    data: { a: 'b', json: '1' },
  },
  { name: 'a merge patch', type: 'merge', body: { data: { merge: '1', a: null } }, data: { json: '1', merge: '1' } },
  { name: 'a strategic merge patch', type: 'strategic', body: { data: { json: null } }, data: { merge: '1' } },
] as const;
for (const { name, type, body, data } of patches) {
  test(`patch: ${name}`, async () => {
    if (type === 'json') await api.post(CONFIG_MAPS, configMap('patched', { a: 'b' }));
    const answer = await api.patch(`${CONFIG_MAPS}/patched`, type, body);
    assert.is(answer.code, 200, answer.text);
    assert.equal(answer.body.data, data);
  });
}

test('patch: a resourceVersion in the patch is a condition', async () => {
  const { body } = await api.get(`${CONFIG_MAPS}/patched`);
  const patch = (resourceVersion: string) => ({ metadata: { resourceVersion }, data: { at: resourceVersion } });
  assert.is((await api.patch(`${CONFIG_MAPS}/patched`, 'merge', patch('1'))).code, 409);
  assert.is((await api.patch(`${CONFIG_MAPS}/patched`, 'merge', patch(body.metadata.resourceVersion))).code, 200);
});

test('patch: one that changes nothing leaves the version as it is', async () => {
  const { body } = await api.get(`${CONFIG_MAPS}/patched`);
  const { code, body: after } = await api.patch(`${CONFIG_MAPS}/patched`, 'merge', { data: body.data });
  assert.is(code, 200);
  assert.is(after.metadata.resourceVersion, body.metadata.resourceVersion);
});

test('patch: a hundred at a time, none lost', async () => {
  await api.post(CONFIG_MAPS, configMap('busy'));
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => api.patch(`${CONFIG_MAPS}/busy`, 'merge', { data: { [`k${i}`]: 'v' } })),
  );
  assert.is(answers.filter(({ code }) => code === 200).length, 100);
  assert.is(Object.keys((await api.get(`${CONFIG_MAPS}/busy`)).body.data).length, 100);
});

test('patch: a type that is unknown is a 415', async () => {
  const headers = { 'content-type': 'application/json' };
  const { code, body } = await api.ask('PATCH', `${CONFIG_MAPS}/patched`, { body: {}, headers });
  assert.is(code, 415);
  assert.is(body.reason, 'UnsupportedMediaType');
});

// --- delete --------------------------------------------------------------------------------------------------------

test('delete: at once, told by a Status that names what is gone', async () => {
  const { body } = await api.post(CONFIG_MAPS, configMap('short'));
  const { code, body: status } = await api.delete(`${CONFIG_MAPS}/short`);
  assert.is(code, 200);
  assert.is(status.status, 'Success');
  assert.equal(status.details, { name: 'short', kind: 'configmaps', uid: body.metadata.uid });
  assert.is((await api.get(`${CONFIG_MAPS}/short`)).code, 404);
  assert.is((await api.delete(`${CONFIG_MAPS}/short`)).code, 404);
});

test('delete: a dry run in the body or in the query deletes nothing', async () => {
  await api.post(CONFIG_MAPS, configMap('kept'));
  assert.is((await api.delete(`${CONFIG_MAPS}/kept`, { dryRun: ['All'] })).code, 200);
  assert.is((await api.delete(`${CONFIG_MAPS}/kept?dryRun=All`)).code, 200);
  assert.is((await api.get(`${CONFIG_MAPS}/kept`)).code, 200);
});

test('delete: preconditions of uid and version', async () => {
  const { body } = await api.get(`${CONFIG_MAPS}/kept`);
  assert.is((await api.delete(`${CONFIG_MAPS}/kept`, { preconditions: { uid: 'x' } })).code, 409);
  assert.is((await api.delete(`${CONFIG_MAPS}/kept`, { preconditions: { resourceVersion: '1' } })).code, 409);
  assert.is((await api.delete(`${CONFIG_MAPS}/kept`, { preconditions: { uid: body.metadata.uid } })).code, 200);
});

test('delete: a finalizer holds the object until it is taken away', async () => {
  const object = { metadata: { name: 'held', finalizers: ['example.com/hold'] } };
  await api.post(CONFIG_MAPS, object);
  const { body } = await api.delete(`${CONFIG_MAPS}/held`);
  assert.ok(body.metadata.deletionTimestamp);
  const more = { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } };
  assert.is((await api.patch(`${CONFIG_MAPS}/held`, 'merge', more)).code, 422);
  assert.is((await api.patch(`${CONFIG_MAPS}/held`, 'merge', { metadata: { finalizers: null } })).code, 200);
  assert.is((await api.get(`${CONFIG_MAPS}/held`)).code, 404);
});

const propagations = [
  { policy: 'Foreground', finalizers: ['foregroundDeletion'] },
  { policy: 'Orphan', finalizers: ['orphan'] },
];
for (const { policy, finalizers } of propagations) {
  test(`delete: ${policy} is left to the garbage collector as a finalizer`, async () => {
    const name = `with-${policy.toLowerCase()}`;
    await api.post(DEPLOYMENTS, deployment(name));
    const { body } = await api.delete(`${DEPLOYMENTS}/${name}`, { propagationPolicy: policy });
    assert.equal(body.metadata.finalizers, finalizers);
    assert.ok(body.metadata.deletionTimestamp);
    const background = await api.delete(`${DEPLOYMENTS}/${name}`, { propagationPolicy: 'Background' });
    assert.is(background.code, 200);
    assert.is((await api.get(`${DEPLOYMENTS}/${name}`)).code, 404);
  });
}

test('delete: a pod on a node has its grace, may be hurried, and is gone at once when forced', async () => {
  await api.post(PODS, plainPod('graceful', { nodeName: 'n1' }));
  const first = await api.delete(`${PODS}/graceful`);
  assert.is(first.body.metadata.deletionGracePeriodSeconds, 30);
  assert.ok(first.body.metadata.deletionTimestamp);
  const longer = await api.delete(`${PODS}/graceful`, { gracePeriodSeconds: 60 });
  assert.is(longer.body.metadata.deletionGracePeriodSeconds, 30);
  const sooner = await api.delete(`${PODS}/graceful`, { gracePeriodSeconds: 5 });
  assert.is(sooner.body.metadata.deletionGracePeriodSeconds, 5);
  assert.is((await api.delete(`${PODS}/graceful`, { gracePeriodSeconds: 0 })).code, 200);
  assert.is((await api.get(`${PODS}/graceful`)).code, 404);
});

test('delete: a pod that no node runs is gone at once', async () => {
  await api.post(PODS, plainPod('nowhere'));
  assert.is((await api.delete(`${PODS}/nowhere`)).code, 200);
  assert.is((await api.get(`${PODS}/nowhere`)).code, 404);
});

const refusedDeletes = [
  { name: 'a grace period in words', body: { gracePeriodSeconds: 'long' }, code: 400 },
  { name: 'an unknown propagation', body: { propagationPolicy: 'Sideways' }, code: 422 },
  { name: 'two words on dependents', body: { propagationPolicy: 'Orphan', orphanDependents: true }, code: 422 },
  { name: 'a body that is a list', body: [], code: 400 },
  { name: 'another kind of body', body: { kind: 'Pod' }, code: 400 },
];
for (const { name, body, code } of refusedDeletes) {
  test(`delete refuses ${name}`, async () => {
    await api.post(CONFIG_MAPS, configMap('stays'));
    assert.is((await api.delete(`${CONFIG_MAPS}/stays`, body)).code, code);
    assert.is((await api.get(`${CONFIG_MAPS}/stays`)).code, 200);
  });
}

test('deletecollection: what the selector selects, in one namespace', async () => {
  for (const name of ['c1', 'c2']) await api.post(CONFIG_MAPS, configMap(name, {}, { set: 'c' }));
  await api.post(CONFIG_MAPS, configMap('c3', {}, { set: 'other' }));
  const { code, body } = await api.delete(`${CONFIG_MAPS}?labelSelector=set%3Dc`);
  assert.is(code, 200);
  assert.is(body.items.length, 2);
  assert.equal((await api.get(`${CONFIG_MAPS}?labelSelector=set`)).body.items.length, 1);
});

// --- subresources ----------------------------------------------------------------------------------------------------

test('scale: read, written, patched and refused', async () => {
  await api.post(DEPLOYMENTS, deployment('scaled', 2));
  const { body } = await api.get(`${DEPLOYMENTS}/scaled/scale`);
  assert.is(body.kind, 'Scale');
  assert.is(body.spec.replicas, 2);
  assert.is(body.status.selector, 'app=scaled');
  const put = await api.put(`${DEPLOYMENTS}/scaled/scale`, { ...body, spec: { replicas: 3 } });
  assert.is(put.body.spec.replicas, 3);
  assert.is((await api.put(`${DEPLOYMENTS}/scaled/scale`, { ...body, spec: { replicas: 4 } })).code, 409);
  const patched = await api.patch(`${DEPLOYMENTS}/scaled/scale`, 'merge', { spec: { replicas: 5 } });
  assert.is(patched.body.spec.replicas, 5);
  assert.is((await api.get(`${DEPLOYMENTS}/scaled`)).body.spec.replicas, 5);
  assert.is((await api.patch(`${DEPLOYMENTS}/scaled/scale`, 'merge', { spec: { replicas: -1 } })).code, 422);
});

test('binding: a pod is bound once, and to the one that was meant', async () => {
  const { body: pod } = await api.post(PODS, plainPod('bound'));
  const binding = (uid: string | undefined, name = 'n1') => ({
    metadata: { name: 'bound', uid },
    target: { kind: 'Node', name },
  });
  assert.is((await api.post(`${PODS}/bound/binding`, binding('another'))).code, 409);
  assert.is((await api.post(`${PODS}/bound/binding`, binding(undefined, ''))).code, 422);
  assert.is((await api.post(`${PODS}/bound/binding`, binding(pod.metadata.uid))).code, 201);
  const again = await api.post(`${PODS}/bound/binding`, binding(undefined, 'n2'));
  assert.is(again.code, 409);
  assert.match(again.body.message, /already assigned to node "n1"/);
  const { body: now } = await api.get(`${PODS}/bound`);
  assert.is(now.spec.nodeName, 'n1');
  assert.ok(
    now.status.conditions.some(
      (c: { type: string; status: string }) => c.type === 'PodScheduled' && c.status === 'True',
    ),
  );
  assert.is((await api.post('/api/v1/namespaces/default/bindings', binding(undefined, 'n2'))).code, 409);
});

test('eviction: asks the budget, says why not, and counts what it takes', async () => {
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
  for (const name of ['e1', 'e2']) {
    await api.post(PODS, { ...plainPod(name, { nodeName: 'n1' }), metadata: { name, labels: { evict: 'me' } } });
    await api.patch(`${PODS}/${name}/status`, 'merge', {
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    });
  }
  const selector = { matchLabels: { evict: 'me' } };
  await api.post(budgets, { metadata: { name: 'b' }, spec: { minAvailable: 1, selector } });
  const evict = (name: string) =>
    api.post(`${PODS}/${name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } });
  const refused = await evict('e1');
  assert.is(refused.code, 429);
  assert.is(refused.body.details.causes[0].reason, 'DisruptionBudget');
  assert.is(refused.headers['retry-after'], undefined);
  const status = {
    observedGeneration: 1,
    disruptionsAllowed: 1,
    currentHealthy: 2,
    desiredHealthy: 1,
    expectedPods: 2,
  };
  assert.is((await api.patch(`${budgets}/b/status`, 'merge', { status })).code, 200);
  assert.is((await evict('e1')).code, 201);
  assert.ok((await api.get(`${PODS}/e1`)).body.metadata.deletionTimestamp);
  const { body: budget } = await api.get(`${budgets}/b`);
  assert.is(budget.status.disruptionsAllowed, 0);
  assert.ok(budget.status.disruptedPods.e1);
  assert.is((await evict('e2')).code, 429);
});

test('a namespace that is deleted takes all in it along, and waits for who has a finalizer', async () => {
  await api.post('/api/v1/namespaces', { metadata: { name: 'full' } });
  const maps = '/api/v1/namespaces/full/configmaps';
  await api.post('/api/v1/namespaces/full/pods', plainPod('inside'));
  await api.post(maps, { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
  const watch = api.watch('/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Dfull');
  const pods = api.watch('/api/v1/namespaces/full/pods?watch=true');
  assert.is((await api.delete('/api/v1/namespaces/full')).body.status.phase, 'Terminating');
  await pods.until((seen) => seen.at(-1)?.type === 'DELETED');
  pods.stop();
  assert.is((await api.post(maps, configMap('late'))).code, 403);
  assert.is((await api.get('/api/v1/namespaces/full')).code, 200);
  await api.patch(`${maps}/held`, 'merge', { metadata: { finalizers: null } });
  await watch.until((seen) => seen.at(-1)?.type === 'DELETED');
  watch.stop();
  assert.is((await api.get('/api/v1/namespaces/full')).code, 404);
});

test('finalize: a namespace goes when its finalizers are gone, and they change in no other way', async () => {
  const spec = { finalizers: ['example.com/mine', 'kubernetes'] };
  const { body } = await api.post('/api/v1/namespaces', { metadata: { name: 'going' }, spec });
  const patched = await api.patch('/api/v1/namespaces/going', 'merge', { spec: { finalizers: [] } });
  assert.equal(patched.body.spec.finalizers, body.spec.finalizers);
  const watch = api.watch('/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Dgoing');
  assert.is((await api.delete('/api/v1/namespaces/going')).body.status.phase, 'Terminating');
  await watch.until((seen) => seen.at(-1)?.object.spec.finalizers.length === 1);
  watch.stop();
  const last = { metadata: { name: 'going' }, spec: { finalizers: [] } };
  assert.is((await api.put('/api/v1/namespaces/going/finalize', last)).code, 200);
  assert.is((await api.get('/api/v1/namespaces/going')).code, 404);
});

test('a subresource that a kind does not have is not found, a verb that it does not have not allowed', async () => {
  assert.is((await api.get(`${CONFIG_MAPS}/made/status`)).code, 404);
  assert.is((await api.get(`${PODS}/bound/binding`)).code, 405);
  assert.is((await api.delete(`${DEPLOYMENTS}/scaled/scale`)).code, 405);
});

// --- kinds of two faces ------------------------------------------------------------------------------------------------

test('an autoscaler of v1 is the one of v2, and the other way round', async () => {
  const path = (version: string) => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`;
  const spec = {
    maxReplicas: 3,
    minReplicas: 1,
    targetCPUUtilizationPercentage: 70,
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
  };
  const made = await api.post(path('v1'), { metadata: { name: 'h' }, spec });
  assert.is(made.code, 201, made.text);
  assert.is(made.body.apiVersion, 'autoscaling/v1');
  assert.is(made.body.spec.targetCPUUtilizationPercentage, 70);
  const { body } = await api.get(`${path('v2')}/h`);
  assert.is(body.spec.metrics[0].resource.target.averageUtilization, 70);
  const list = await api.get(path('v1'));
  assert.is(list.body.items[0].apiVersion, 'autoscaling/v1');
});

test('an event of one group is one of the other', async () => {
  const event = {
    metadata: { name: 'ev' },
    note: 'said',
    reason: 'Because',
    type: 'Normal',
    action: 'Test',
    reportingController: 'test.example/x',
    reportingInstance: 'x',
    eventTime: '2026-01-01T00:00:00.000000Z',
    regarding: { kind: 'Pod', namespace: 'default', name: 'p' },
  };
  const made = await api.post('/apis/events.k8s.io/v1/namespaces/default/events', event);
  assert.is(made.code, 201, made.text);
  const core = await api.get('/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Dp');
  assert.is(core.body.items[0].message, 'said');
  const other = await api.get('/apis/events.k8s.io/v1/namespaces/default/events?fieldSelector=regarding.name%3Dp');
  assert.is(other.body.items[0].note, 'said');
});

test('no request was a fault of the server', () => {
  assert.equal(api.problems, []);
});

const WORDS: readonly (readonly [sentence: string, metadata: object, causes: string[]])[] = [
  [
    'an annotation’s key, said once',
    { annotations: { 'a b': 'c' } },
    [
      "metadata.annotations: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'a label’s value',
    { labels: { a: 'b/c' } },
    [
      "metadata.labels: Invalid value: \"b/c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  ],
  [
    'a label’s value that is too long',
    { labels: { a: 'b'.repeat(64) } },
    [`metadata.labels: Invalid value: "${'b'.repeat(64)}": must be no more than 63 bytes`],
  ],
];
for (const [sentence, metadata, causes] of WORDS) {
  test(`refused in Kubernetes’ words: ${sentence}`, async () => {
    const { code, body } = await api.post(CONFIG_MAPS, { metadata: { name: 'words', ...metadata } });
    assert.is(code, 422);
    assert.equal(
      body.details.causes.map(({ field, message }: { field: string; message: string }) => `${field}: ${message}`),
      causes,
    );
  });
}

test('a node port and a cluster address that others have are refused in Kubernetes’ words', async () => {
  const services = '/api/v1/namespaces/default/services';
  const spec = { type: 'NodePort', clusterIP: '10.96.7.7', ports: [{ port: 80, nodePort: 30_777 }] };
  const first = await api.post(services, { metadata: { name: 'has-them' }, spec });
  assert.is(first.code, 201, first.text);
  const { code, body } = await api.post(services, { metadata: { name: 'wants-them' }, spec });
  assert.is(code, 422);
  assert.equal(
    body.details.causes.map(({ field, message }: { field: string; message: string }) => `${field}: ${message}`).sort(),
    [
      'spec.clusterIPs: Invalid value: ["10.96.7.7"]: failed to allocate IP 10.96.7.7: provided IP is already allocated',
      'spec.ports[0].nodePort: Invalid value: 30777: provided port is already allocated',
    ],
  );
});

test.run();
