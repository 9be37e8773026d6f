import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rbacEscalation } from '../../../../runtime/api/admission/rbac-escalation.ts';
import { RbacAuthorizer } from '../../../../runtime/api/auth/rbac/authorizer.ts';
import { escalationMessage, uncovered } from '../../../../runtime/api/auth/rbac/escalation.ts';
import type { ClusterRole } from '../../../../runtime/api/auth/rbac/objects.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding, rule, toUser, user } from '../auth/builders.ts';
import { FakeView } from '../auth/fake-view.ts';
import { outcomeOf, type RequestOptions } from './requests.ts';

const RBAC = 'rbac.authorization.k8s.io';
const view = new FakeView([
  clusterRole('reads', rule('get list', 'pods')),
  clusterRole('secrets', rule('get', 'secrets')),
  clusterRole(
    'everything',
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ),
  clusterRole('binds', { verbs: ['bind'], apiGroups: [RBAC], resources: ['clusterroles'], resourceNames: ['secrets'] }),
  clusterRole('escalates', { verbs: ['escalate'], apiGroups: [RBAC], resources: ['roles'] }),
  role('a', 'deletes', rule('delete', 'pods')),
  clusterRoleBinding('b1', 'ClusterRole/reads', toUser('bob'), toUser('binder'), toUser('climber')),
  clusterRoleBinding('b2', 'ClusterRole/everything', toUser('owner')),
  clusterRoleBinding('b3', 'ClusterRole/binds', toUser('binder')),
  clusterRoleBinding('b4', 'ClusterRole/escalates', toUser('climber')),
  roleBinding('a', 'b5', 'Role/deletes', toUser('bob')),
]);
const plugin = rbacEscalation(view, new RbacAuthorizer(view));
const aggregated: ClusterRole = {
  ...clusterRole('sum'),
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
};
const lacks = (plural: string, name: string, line: string): string =>
  `403 ${plural}.${RBAC} "${name}" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n${line}`;

const cases: [string, string, Parameters<typeof outcomeOf>[1], string, RequestOptions?][] = [
  ['a role of what one has', 'bob', role('a', 'r', rule('get', 'pods')), 'done'],
  ['a role of what one has in that namespace', 'bob', role('a', 'r', rule('delete', 'pods')), 'done'],
  [
    'a role of what one has in another namespace',
    'bob',
    role('c', 'r', rule('delete', 'pods')),
    lacks('roles', 'r', '{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}'),
  ],
  [
    'a role of more, told per resource',
    'bob',
    role('a', 'r', rule('get list', 'secrets'), rule('get', 'pods')),
    lacks('roles', 'r', '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}'),
  ],
  [
    'a role with names',
    'bob',
    role('a', 'r', rule('get', 'secrets', { resourceNames: ['x'] })),
    lacks('roles', 'r', '{APIGroups:[""], Resources:["secrets"], ResourceNames:["x"], Verbs:["get"]}'),
  ],
  [
    'paths',
    'bob',
    clusterRole('r', { verbs: ['get'], nonResourceURLs: ['/metrics'] }),
    lacks('clusterroles', 'r', '{NonResourceURLs:["/metrics"], Verbs:["get"]}'),
  ],
  ['more with the verb escalate', 'climber', role('a', 'r', rule('get', 'secrets')), 'done'],
  ['more by masters', 'root', role('a', 'r', rule('get', 'secrets')), 'done', { user: user('root', 'system:masters') }],
  [
    'an update that leaves the rules',
    'bob',
    { ...clusterRole('r', rule('get', 'secrets')), metadata: { name: 'r', labels: { a: 'b' } } },
    'done',
    { old: clusterRole('r', rule('get', 'secrets')) },
  ],
  [
    'an update to more',
    'bob',
    clusterRole('r', rule('get', 'secrets')),
    lacks('clusterroles', 'r', '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}'),
    { old: clusterRole('r') },
  ],
  [
    'an aggregated role',
    'bob',
    aggregated,
    `403 clusterroles.${RBAC} "sum" is forbidden: must have cluster-admin privileges to use the aggregationRule`,
  ],
  ['an aggregated role by whoever has everything', 'owner', aggregated, 'done'],
  ['a binding of what one has', 'bob', clusterRoleBinding('b', 'ClusterRole/reads', toUser('x')), 'done'],
  [
    'a binding of more',
    'bob',
    clusterRoleBinding('b', 'ClusterRole/secrets', toUser('x')),
    lacks('clusterrolebindings', 'b', '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}'),
  ],
  [
    'a binding of more with the verb bind',
    'binder',
    clusterRoleBinding('b', 'ClusterRole/secrets', toUser('x')),
    'done',
  ],
  [
    'a binding of another role with the verb bind for one',
    'binder',
    clusterRoleBinding('b', 'ClusterRole/everything', toUser('x')),
    `403 clusterrolebindings.${RBAC} "b" is forbidden: user "binder" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}`,
  ],
  [
    'a binding of a role that is not there',
    'bob',
    roleBinding('a', 'b', 'Role/gone', toUser('x')),
    `404 roles.${RBAC} "gone" not found`,
  ],
  ['a binding of a role of the namespace', 'bob', roleBinding('a', 'b', 'Role/deletes', toUser('x')), 'done'],
  [
    'an update that leaves subjects and role',
    'bob',
    clusterRoleBinding('b', 'ClusterRole/secrets', toUser('x')),
    'done',
    { old: clusterRoleBinding('b', 'ClusterRole/secrets', toUser('x')) },
  ],
  [
    'an update to more subjects',
    'bob',
    clusterRoleBinding('b', 'ClusterRole/secrets', toUser('x'), toUser('y')),
    lacks('clusterrolebindings', 'b', '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}'),
    { old: clusterRoleBinding('b', 'ClusterRole/secrets', toUser('x')) },
  ],
];
for (const [name, who, object, expected, options] of cases) {
  test(`escalation: ${name}`, async () => {
    assert.is(await outcomeOf(plugin, object, { user: user(who, 'system:authenticated'), ...options }), expected);
  });
}

const covering: [string, ReturnType<typeof rule>, ReturnType<typeof rule>, boolean][] = [
  ['a star covers a verb', rule('*', 'pods'), rule('get', 'pods'), true],
  ['a verb does not cover a star', rule('get', 'pods'), rule('*', 'pods'), false],
  ['all resources cover subresources', rule('get', '*'), rule('get', 'pods/log'), true],
  ['a subresource of all covers that of one', rule('get', '*/scale'), rule('get', 'pods/scale'), true],
  ['a subresource of all does not cover the resource', rule('get', '*/scale'), rule('get', 'pods'), false],
  ['no names cover names', rule('get', 'pods'), rule('get', 'pods', { resourceNames: ['x'] }), true],
  ['names do not cover no names', rule('get', 'pods', { resourceNames: ['x'] }), rule('get', 'pods'), false],
  [
    'names cover some of them',
    rule('get', 'pods', { resourceNames: ['x', 'y'] }),
    rule('get', 'pods', { resourceNames: ['y'] }),
    true,
  ],
  ['paths below', { verbs: ['get'], nonResourceURLs: ['/a/*'] }, { verbs: ['get'], nonResourceURLs: ['/a/b'] }, true],
  ['paths above', { verbs: ['get'], nonResourceURLs: ['/a/*'] }, { verbs: ['get'], nonResourceURLs: ['/*'] }, false],
];
for (const [name, held, wanted, covered] of covering) {
  test(`coverage: ${name}`, () => assert.is(uncovered([held], [wanted]).length === 0, covered));
}

test('coverage: several rules together cover one', () => {
  const wanted = [rule('get list', 'pods services')];
  assert.equal(uncovered([rule('get', 'pods services'), rule('list', 'pods'), rule('list', 'services')], wanted), []);
  const missing = uncovered([rule('get', 'pods services'), rule('list', 'pods')], wanted);
  assert.match(escalationMessage(user('x'), missing), '{APIGroups:[""], Resources:["services"], Verbs:["list"]}');
});

test.run();
