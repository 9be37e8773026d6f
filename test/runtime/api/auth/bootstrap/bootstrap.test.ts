import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  bootstrapObjects,
  defaultClusterRoles,
  namespaceObjects,
} from '../../../../../runtime/api/auth/bootstrap/objects.ts';
import { permissionsOf } from '../../../../../runtime/api/auth/bootstrap/permissions.ts';
import { effectiveRules, staleAggregates } from '../../../../../runtime/api/auth/rbac/aggregate.ts';
import { RbacAuthorizer } from '../../../../../runtime/api/auth/rbac/authorizer.ts';
import { type Binding, RBAC_GROUP } from '../../../../../runtime/api/auth/rbac/objects.ts';
import type { ApiKind } from '../../../../../runtime/api/kinds/kind.ts';
import { asks, clusterRole, clusterRoleBinding, rule, toUser, user } from '../builders.ts';
import { FakeView } from '../fake-view.ts';

const view = new FakeView([
  ...bootstrapObjects(),
  ...['admin', 'edit', 'view', 'cluster-admin'].map((name) =>
    clusterRoleBinding(name, `ClusterRole/${name}`, toUser(name)),
  ),
]);
const authorizer = new RbacAuthorizer(view);

const everybody = ['system:authenticated'];
const table: [string, string[], string, boolean][] = [
  ['cluster-admin', [], 'delete nodes x', true],
  ['cluster-admin', [], 'post /anything', true],
  ['admin', [], 'create [rbac.authorization.k8s.io]rolebindings in a', true],
  ['admin', [], 'create pods in a', true],
  ['admin', [], 'get pods/log x in a', true],
  ['admin', [], 'create resourcequotas in a', false],
  ['admin', [], 'update namespaces a', false],
  ['edit', [], 'create pods in a', true],
  ['edit', [], 'get secrets x in a', true],
  ['edit', [], 'create pods/exec x in a', true],
  ['edit', [], 'create serviceaccounts/token x in a', true],
  ['edit', [], 'create [rbac.authorization.k8s.io]roles in a', false],
  ['edit', [], 'update [apps]deployments/status x in a', false],
  ['edit', [], 'update [apps]deployments/scale x in a', true],
  ['edit', [], 'create endpoints in a', false],
  ['view', [], 'list pods in a', true],
  ['view', [], 'list [discovery.k8s.io]endpointslices in a', true],
  ['view', [], 'get secrets x in a', false],
  ['view', [], 'create pods in a', false],
  ['view', [], 'get pods/exec x in a', false],
  ['view', [], 'list nodes', false],
  ['jane', everybody, 'get /api', true],
  ['jane', everybody, 'get /apis/apps/v1', true],
  ['jane', everybody, 'get /openapi/v3', true],
  ['jane', everybody, 'get /metrics', false],
  ['jane', everybody, 'create [authorization.k8s.io]selfsubjectaccessreviews', true],
  ['jane', everybody, 'create [authentication.k8s.io]selfsubjectreviews', true],
  ['jane', everybody, 'create [authorization.k8s.io]subjectaccessreviews', false],
  ['jane', everybody, 'list pods in default', false],
  ['system:anonymous', ['system:unauthenticated'], 'get /healthz', true],
  ['system:anonymous', ['system:unauthenticated'], 'get /version', true],
  ['system:anonymous', ['system:unauthenticated'], 'get /api', false],
  ['system:kube-scheduler', everybody, 'create pods/binding x in a', true],
  ['system:kube-scheduler', everybody, 'update [coordination.k8s.io]leases kube-scheduler in kube-system', true],
  ['system:kube-scheduler', everybody, 'update [coordination.k8s.io]leases other in kube-system', false],
  ['system:kube-scheduler', everybody, 'create pods in a', false],
  ['system:kube-controller-manager', everybody, 'list [apps]deployments', true],
  ['system:node:n1', ['system:nodes'], 'update nodes/status n1', true],
  ['system:node:n1', ['system:nodes'], 'create pods/binding x in a', false],
  ['system:serviceaccount:kube-system:deployment-controller', everybody, 'create [apps]replicasets in a', true],
  ['system:serviceaccount:kube-system:deployment-controller', everybody, 'create pods in a', false],
  ['system:serviceaccount:kube-system:replicaset-controller', everybody, 'create pods in a', true],
  ['system:serviceaccount:default:robot', ['system:serviceaccounts'], 'get /openid/v1/jwks', true],
];
for (const [name, groups, asked, allowed] of table) {
  test(`default roles: ${name} ${allowed ? 'may' : 'may not'} ${asked}`, () => {
    assert.is(authorizer.authorize(user(name, ...groups), asks(asked)).allowed, allowed);
  });
}

test('default roles: nothing is bound that is not there, nothing stands twice', () => {
  const objects = bootstrapObjects();
  const keys = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  assert.is(new Set(keys).size, keys.length);
  for (const { kind, metadata, ...rest } of objects) {
    if (kind === 'ClusterRoleBinding')
      assert.ok(keys.includes(`ClusterRole ${(rest as Binding).roleRef.name}`), metadata.name);
  }
});

test('default roles: aggregated ones have their rules from the start', () => {
  const roles = defaultClusterRoles();
  assert.equal(staleAggregates(roles), []);
  const admin = roles.find(({ metadata }) => metadata.name === 'admin');
  const from = ['system:aggregate-to-admin', 'system:aggregate-to-edit', 'system:aggregate-to-view'];
  const count = roles
    .filter(({ metadata }) => from.includes(metadata.name))
    .reduce((sum, { rules }) => sum + (rules?.length ?? 0), 0);
  assert.is(admin?.rules?.length, count);
});

test('aggregation: a new role with the label is found, in the order of names and once', () => {
  const more = {
    ...clusterRole('crontabs', rule('get', 'crontabs'), rule('get', 'crontabs')),
    metadata: { name: 'crontabs', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
  };
  const all = [...defaultClusterRoles(), more];
  const names = staleAggregates(all).map(({ metadata }) => metadata.name);
  assert.equal(names, ['admin', 'edit', 'view']);
  const viewRole = all.find(({ metadata }) => metadata.name === 'view');
  assert.equal(effectiveRules(viewRole!, all)[0], rule('get', 'crontabs'));
  assert.is(effectiveRules(viewRole!, all).filter(({ resources }) => resources?.includes('crontabs')).length, 1);
});

test('permissions of a role: every verb of every resource, as the authorizer answers', () => {
  const pods = {
    group: '',
    version: 'v1',
    kind: 'Pod',
    plural: 'pods',
    namespaced: true,
    verbs: ['get', 'list', 'create'],
    subresources: [
      { name: 'log', verbs: ['get'] },
      { name: 'exec', verbs: ['create', 'get'] },
    ],
  };
  const nodes = {
    group: '',
    version: 'v1',
    kind: 'Node',
    plural: 'nodes',
    namespaced: false,
    verbs: ['get'],
    subresources: [],
  };
  const kinds = [pods, nodes] as unknown as ApiKind[];
  for (const name of ['cluster-admin', 'admin', 'edit', 'view']) {
    for (const { group, resource, subresource, namespaced, verb, allowed } of permissionsOf(name, kinds)) {
      const asked = `${verb} [${group}]${resource}${subresource && `/${subresource}`}${namespaced ? ' in a' : ''}`;
      assert.is(authorizer.authorize(user(name), asks(asked)).allowed, allowed, `${name}: ${asked}`);
    }
  }
  const view = permissionsOf('view', kinds).map(
    ({ verb, resource, subresource, allowed }) => `${verb} ${resource}/${subresource} ${allowed}`,
  );
  assert.equal(view, [
    'get pods/ true',
    'list pods/ true',
    'create pods/ false',
    'get pods/log true',
    'create pods/exec false',
    'get pods/exec false',
    'get nodes/ false',
  ]);
  assert.throws(() => permissionsOf('gone', kinds), /there is no default role 'gone'/);
});

test('every namespace gets an account and the authority', () => {
  const [account, config] = namespaceObjects('a', 'PEM');
  assert.equal([account.kind, account.metadata.name, account.metadata.namespace], ['ServiceAccount', 'default', 'a']);
  assert.equal((config as { data?: unknown }).data, { 'ca.crt': 'PEM' });
  assert.is(config.metadata.name, 'kube-root-ca.crt');
});

test('the objects of RBAC are all in its group', () => {
  for (const { apiVersion, kind } of bootstrapObjects()) {
    if (kind.startsWith('Cluster')) assert.is(apiVersion, `${RBAC_GROUP}/v1`);
  }
});

test.run();
