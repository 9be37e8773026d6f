/** Who may what, seen from outside: a whole server over TLS, asked with tokens of all sorts. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Ask, startApi, type TestServer } from '../../../support/api-server.ts';

const test = suite<{ api: TestServer; robot: string }>('auth over https');
const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';

test.before(async (context) => {
  const api = await startApi({ secure: true });
  const made = await api.post(ACCOUNTS, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } });
  assert.is(made.code, 201, made.text);
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const token = await api.post(`${ACCOUNTS}/robot/token`, request);
  assert.is(token.code, 201, token.text);
  Object.assign(context, { api, robot: token.body.status.token });
});
test.after(({ api }) => api.close());

const rows: [string, string, string, Ask & { as?: 'robot' | 'nobody' }, number, (RegExp | string)?][] = [
  ['nobody reads health', 'GET', '/healthz', { as: 'nobody' }, 200],
  ['nobody reads the version', 'GET', '/version', { as: 'nobody' }, 200],
  ['nobody reads nothing else', 'GET', '/api/v1/pods', { as: 'nobody' }, 401, 'Unauthorized'],
  ['nobody sees the groups', 'GET', '/apis', { as: 'nobody' }, 401],
  ['a wrong token', 'GET', '/healthz', { token: 'wrong' }, 401],
  ['another scheme', 'GET', '/healthz', { as: 'nobody', headers: { authorization: 'Basic YTpi' } }, 401],
  ['the administrator reads all', 'GET', '/api/v1/pods', {}, 200],
  ['a known robot sees the groups', 'GET', '/apis', { as: 'robot' }, 200],
  [
    'a known robot lists no pods',
    'GET',
    '/api/v1/namespaces/default/pods',
    { as: 'robot' },
    403,
    'pods is forbidden: User "system:serviceaccount:default:robot" cannot list resource "pods" in API group "" in the namespace "default"',
  ],
  ['a known robot lists no nodes', 'GET', '/api/v1/nodes', { as: 'robot' }, 403, /at the cluster scope$/],
  [
    'a known robot does not impersonate',
    'GET',
    '/api/v1/nodes',
    { as: 'robot', headers: { 'impersonate-user': 'jane' } },
    403,
    'users "jane" is forbidden: User "system:serviceaccount:default:robot" cannot impersonate resource "users" in API group "" at the cluster scope',
  ],
  [
    'the administrator as jane',
    'GET',
    '/api/v1/nodes',
    { headers: { 'impersonate-user': 'jane' } },
    403,
    /^nodes is forbidden: User "jane" cannot list/,
  ],
  [
    'a path that is nobody’s',
    'GET',
    '/metrics',
    { as: 'robot' },
    403,
    'forbidden: User "system:serviceaccount:default:robot" cannot get path "/metrics"',
  ],
];
for (const [name, method, path, { as, ...ask }, code, message] of rows) {
  test(name, async ({ api, robot }) => {
    const token = as === 'nobody' ? '' : as === 'robot' ? robot : undefined;
    const answer = await api.ask(method, path, { ...(token !== undefined && { token }), ...ask });
    assert.is(answer.code, code, answer.text);
    if (message !== undefined) assert.match(answer.body.message, message);
  });
}

test('who am I, may I, what may I', async ({ api, robot }) => {
  const ask = (group: string, resource: string, kind: string, spec?: object): ReturnType<TestServer['ask']> =>
    api.ask('POST', `/apis/${group}/v1/${resource}`, { token: robot, body: { apiVersion: `${group}/v1`, kind, spec } });
  const me = await ask('authentication.k8s.io', 'selfsubjectreviews', 'SelfSubjectReview');
  assert.is(me.code, 201, me.text);
  assert.is(me.body.status.userInfo.username, 'system:serviceaccount:default:robot');
  const attributes = { resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'default' } };
  const may = await ask('authorization.k8s.io', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview', attributes);
  assert.equal([may.code, may.body.status], [201, { allowed: false }]);
  const all = await ask('authorization.k8s.io', 'selfsubjectrulesreviews', 'SelfSubjectRulesReview', {
    namespace: 'default',
  });
  assert.ok(all.body.status.nonResourceRules.length > 0);
  const others = await ask('authorization.k8s.io', 'subjectaccessreviews', 'SubjectAccessReview', {
    ...attributes,
    user: 'x',
  });
  assert.is(others.code, 403);
});

test('a binding gives rights at once, and takes them at once; more than one has cannot be given', async ({
  api,
  robot,
}) => {
  const bindings = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings';
  const binding = (name: string, role: string): object => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'default' }],
  });
  const list = (): ReturnType<TestServer['ask']> => api.ask('GET', '/api/v1/namespaces/default/pods', { token: robot });
  const given = await api.post(bindings, binding('robot-admin', 'admin'));
  assert.is(given.code, 201, given.text);
  assert.is((await list()).code, 200);
  assert.is((await api.ask('GET', '/api/v1/namespaces/kube-system/pods', { token: robot })).code, 403);
  const onward = await api.ask('POST', bindings, { token: robot, body: binding('robot-view', 'view') });
  assert.is(onward.code, 201, onward.text);
  const more = await api.ask('POST', bindings, { token: robot, body: binding('robot-all', 'cluster-admin') });
  assert.is(more.code, 403, more.text);
  assert.match(more.body.message, 'is attempting to grant RBAC permissions not currently held');
  for (const name of ['robot-admin', 'robot-view']) assert.is((await api.delete(`${bindings}/${name}`)).code, 200);
  assert.is((await list()).code, 403);
});

test('a token dies with its account', async ({ api }) => {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'brief' } };
  await api.post(ACCOUNTS, account);
  const { body } = await api.post(`${ACCOUNTS}/brief/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  });
  const see = async (): Promise<number> => (await api.ask('GET', '/apis', { token: body.status.token })).code;
  assert.is(await see(), 200);
  await api.delete(`${ACCOUNTS}/brief`);
  assert.is(await see(), 401);
});

test('admission: a pod in a new namespace gets its token; quota, Pod Security and missing accounts refuse', async ({
  api,
}) => {
  await api.post('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'small', labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
  });
  const pods = '/api/v1/namespaces/small/pods';
  const pod = (name: string, spec: object = {}): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  });
  await api.post('/api/v1/namespaces/small/resourcequotas', {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q' },
    spec: { hard: { pods: '1' } },
  });
  const first = await api.post(pods, pod('one'));
  assert.is(first.code, 201, first.text);
  assert.is(first.body.spec.serviceAccountName, 'default');
  assert.match(first.body.spec.volumes[0].name, /^kube-api-access-/);
  assert.is(first.body.spec.priority, 0);
  const quota = await api.get('/api/v1/namespaces/small/resourcequotas/q');
  assert.equal(quota.body.status, { hard: { pods: '1' }, used: { pods: '1' } });
  const second = await api.post(pods, pod('two'));
  assert.is(second.code, 403);
  assert.is(
    second.body.message,
    'pods "two" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
  );
  assert.match(
    (await api.post(pods, pod('x', { hostPID: true }))).body.message,
    'violates PodSecurity "baseline:latest": host namespaces (hostPID=true)',
  );
  assert.match(
    (await api.post(pods, pod('x', { serviceAccountName: 'x' }))).body.message,
    'serviceaccount "x" not found',
  );
  assert.is((await api.post('/api/v1/namespaces/none/pods', pod('x'))).body.message, 'namespaces "none" not found');
  assert.is(
    (await api.delete('/api/v1/namespaces/default')).body.message,
    'namespaces "default" is forbidden: this namespace may not be deleted',
  );
});

test('nothing of all this was a fault of the server', ({ api }) => assert.equal(api.problems, []));

test.run();
