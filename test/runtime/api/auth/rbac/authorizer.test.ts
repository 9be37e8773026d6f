import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RbacAuthorizer } from '../../../../../runtime/api/auth/rbac/authorizer.ts';
import {
  asks,
  clusterRole,
  clusterRoleBinding,
  role,
  roleBinding,
  rule,
  toAccount,
  toGroup,
  toUser,
  user,
} from '../builders.ts';
import { FakeView } from '../fake-view.ts';

const bob = user('bob', 'team', 'system:authenticated');
const robot = user('system:serviceaccount:default:robot', 'system:serviceaccounts');

const rules: [string, ReturnType<typeof rule>, string, boolean][] = [
  ['the verb, group and resource of the rule', rule('get', 'pods'), 'get pods web', true],
  ['another verb', rule('get', 'pods'), 'list pods', false],
  ['another resource', rule('get', 'pods'), 'get services web', false],
  ['another group', rule('get', 'deployments', { apiGroups: ['apps'] }), 'get deployments web', false],
  ['the right group', rule('get', 'deployments', { apiGroups: ['apps'] }), 'get [apps]deployments web', true],
  ['any group', rule('get', 'deployments', { apiGroups: ['*'] }), 'get [apps]deployments web', true],
  ['any verb', rule('*', 'pods'), 'deletecollection pods', true],
  ['any resource', rule('get', '*'), 'get pods/log web', true],
  ['a resource does not give its subresources', rule('get', 'pods'), 'get pods/log web', false],
  ['a subresource does not give its resource', rule('get', 'pods/log'), 'get pods web', false],
  ['a subresource', rule('get', 'pods/log'), 'get pods/log web', true],
  ['a subresource of every resource', rule('get', '*/scale'), 'get replicationcontrollers/scale web', true],
  ['another subresource of every resource', rule('get', '*/scale'), 'get pods/status web', false],
  ['a subresource of every resource does not give the resource', rule('get', '*/scale'), 'get pods web', false],
  ['the name of the rule', rule('get', 'pods', { resourceNames: ['web'] }), 'get pods web', true],
  ['another name', rule('get', 'pods', { resourceNames: ['web'] }), 'get pods db', false],
  ['a rule with names does not allow lists', rule('list', 'pods', { resourceNames: ['web'] }), 'list pods', false],
  ['an empty list of names is none', rule('get', 'pods', { resourceNames: [] }), 'get pods db', true],
  ['a path', { verbs: ['get'], nonResourceURLs: ['/metrics'] }, 'get /metrics', true],
  ['a path is not its children', { verbs: ['get'], nonResourceURLs: ['/metrics'] }, 'get /metrics/x', false],
  ['children by a star at the end', { verbs: ['get'], nonResourceURLs: ['/metrics/*'] }, 'get /metrics/x', true],
  [
    'a star at the end is not the path before it',
    { verbs: ['get'], nonResourceURLs: ['/metrics/*'] },
    'get /metrics',
    false,
  ],
  ['every path', { verbs: ['get'], nonResourceURLs: ['*'] }, 'get /metrics', true],
  ['another method', { verbs: ['get'], nonResourceURLs: ['*'] }, 'post /metrics', false],
  ['resources do not give paths', rule('*', '*'), 'get /metrics', false],
];
for (const [name, given, asked, allowed] of rules) {
  test(`RBAC rule: ${name}`, () => {
    const view = new FakeView([clusterRole('r', given), clusterRoleBinding('b', 'ClusterRole/r', toUser('bob'))]);
    assert.is(new RbacAuthorizer(view).authorize(bob, asks(asked)).allowed, allowed);
  });
}

const reads = clusterRole('reads', rule('get list', 'pods'));
const bindings: [string, ConstructorParameters<typeof FakeView>[0], typeof bob, string, boolean, string?][] = [
  [
    'to the user',
    [reads, clusterRoleBinding('b', 'ClusterRole/reads', toUser('bob'))],
    bob,
    'get pods x in a',
    true,
    'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "reads" to User "bob"',
  ],
  [
    'to another user',
    [reads, clusterRoleBinding('b', 'ClusterRole/reads', toUser('eve'))],
    bob,
    'get pods x in a',
    false,
  ],
  [
    'to a group',
    [reads, clusterRoleBinding('b', 'ClusterRole/reads', toGroup('team'))],
    bob,
    'get pods x in a',
    true,
    'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "reads" to Group "team"',
  ],
  [
    'a group is not a user of that name',
    [reads, clusterRoleBinding('b', 'ClusterRole/reads', toGroup('bob'))],
    bob,
    'get pods x in a',
    false,
  ],
  [
    'in a namespace',
    [reads, roleBinding('a', 'b', 'ClusterRole/reads', toUser('bob'))],
    bob,
    'get pods x in a',
    true,
    'RBAC: allowed by RoleBinding "b/a" of ClusterRole "reads" to User "bob"',
  ],
  [
    'in another namespace',
    [reads, roleBinding('a', 'b', 'ClusterRole/reads', toUser('bob'))],
    bob,
    'get pods x in c',
    false,
  ],
  [
    'in a namespace, asked for all',
    [reads, roleBinding('a', 'b', 'ClusterRole/reads', toUser('bob'))],
    bob,
    'list pods',
    false,
  ],
  [
    'by a role of the namespace',
    [role('a', 'r', rule('get', 'pods')), roleBinding('a', 'b', 'Role/r', toUser('bob'))],
    bob,
    'get pods x in a',
    true,
  ],
  [
    'by a role of another namespace',
    [role('c', 'r', rule('get', 'pods')), roleBinding('a', 'b', 'Role/r', toUser('bob'))],
    bob,
    'get pods x in a',
    false,
    'RBAC: role.rbac.authorization.k8s.io "r" not found',
  ],
  [
    'by a role that is not there',
    [clusterRoleBinding('b', 'ClusterRole/gone', toUser('bob'))],
    bob,
    'get pods x in a',
    false,
    'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
  ],
  [
    'by two roles that are not there',
    [
      clusterRoleBinding('b', 'ClusterRole/gone', toUser('bob')),
      clusterRoleBinding('c', 'ClusterRole/lost', toUser('bob')),
    ],
    bob,
    'get pods x in a',
    false,
    'RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, clusterrole.rbac.authorization.k8s.io "lost" not found]',
  ],
  [
    'to a service account',
    [reads, clusterRoleBinding('b', 'ClusterRole/reads', toAccount('robot', 'default'))],
    robot,
    'get pods x in a',
    true,
    'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "reads" to ServiceAccount "robot/default"',
  ],
  [
    'to a service account of another namespace',
    [reads, clusterRoleBinding('b', 'ClusterRole/reads', toAccount('robot', 'a'))],
    robot,
    'get pods x in a',
    false,
  ],
  [
    'to a service account of the binding’s namespace',
    [reads, roleBinding('default', 'b', 'ClusterRole/reads', toAccount('robot'))],
    robot,
    'get pods x in default',
    true,
  ],
  [
    'to a service account by its user name',
    [reads, clusterRoleBinding('b', 'ClusterRole/reads', toUser(robot.name))],
    robot,
    'get pods x in a',
    true,
  ],
  ['masters need no role', [], user('root', 'system:masters'), 'delete nodes x', true, ''],
  ['nobody has anything by default', [], bob, 'get pods x in a', false, ''],
];
for (const [name, objects, who, asked, allowed, reason] of bindings) {
  test(`RBAC binding: ${name}`, () => {
    const decision = new RbacAuthorizer(new FakeView(objects)).authorize(who, asks(asked));
    assert.is(decision.allowed, allowed);
    if (reason !== undefined) assert.is(decision.reason, reason);
  });
}

test('RBAC: a change of a binding counts from the next request on', () => {
  const given = clusterRoleBinding('b', 'ClusterRole/reads', toUser('bob'));
  const view = new FakeView([reads]);
  const authorizer = new RbacAuthorizer(view);
  const allowed = (): boolean => authorizer.authorize(bob, asks('get pods x in a')).allowed;
  assert.is(allowed(), false);
  view.add(given);
  assert.is(allowed(), true);
  view.remove(given);
  assert.is(allowed(), false);
});

test('RBAC: rules of a user are those of the cluster and of the namespace', () => {
  const view = new FakeView([
    reads,
    role('a', 'r', rule('delete', 'pods')),
    clusterRoleBinding('b', 'ClusterRole/reads', toGroup('team')),
    roleBinding('a', 'b', 'Role/r', toUser('bob')),
  ]);
  const authorizer = new RbacAuthorizer(view);
  assert.equal(authorizer.rulesFor(bob, 'a'), [rule('get list', 'pods'), rule('delete', 'pods')]);
  assert.equal(authorizer.rulesFor(bob, 'c'), [rule('get list', 'pods')]);
});

test.run();
