import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusal } from '../../../../runtime/api/auth/forbidden.ts';
import { impersonate } from '../../../../runtime/api/auth/impersonate.ts';
import { RbacAuthorizer } from '../../../../runtime/api/auth/rbac/authorizer.ts';
import type { User } from '../../../../runtime/api/request.ts';
import { asks, clusterRole, clusterRoleBinding, roleBinding, rule, toUser, user } from './builders.ts';
import { FakeView } from './fake-view.ts';
import { outcomeOf } from './outcome.ts';

const bob = user('bob', 'system:authenticated');
const root = user('root', 'system:masters');
const view = new FakeView([
  clusterRole(
    'as-jane',
    rule('impersonate', 'users', { resourceNames: ['jane'] }),
    rule('impersonate', 'groups', { resourceNames: ['dev'] }),
  ),
  clusterRoleBinding('b', 'ClusterRole/as-jane', toUser('bob')),
  clusterRole('as-accounts', rule('impersonate', 'serviceaccounts')),
  roleBinding('default', 'b', 'ClusterRole/as-accounts', toUser('bob')),
]);
const authorizer = new RbacAuthorizer(view);

const cases: [string, User, Record<string, string | string[]>, User | string][] = [
  ['no header is oneself', bob, {}, bob],
  ['a user that is allowed', bob, { 'impersonate-user': 'jane' }, user('jane', 'system:authenticated')],
  [
    'a user that is not',
    bob,
    { 'impersonate-user': 'joe' },
    '403 users "joe" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope',
  ],
  [
    'a group that is allowed',
    bob,
    { 'impersonate-user': 'jane', 'impersonate-group': ['dev'] },
    user('jane', 'dev', 'system:authenticated'),
  ],
  [
    'a group that is not',
    bob,
    { 'impersonate-user': 'jane', 'impersonate-group': ['dev', 'system:masters'] },
    '403 groups "system:masters" is forbidden: User "bob" cannot impersonate resource "groups" in API group "" at the cluster scope',
  ],
  [
    'a uid',
    bob,
    { 'impersonate-user': 'jane', 'impersonate-uid': '7' },
    '403 uids.authentication.k8s.io "7" is forbidden: User "bob" cannot impersonate resource "uids" in API group "authentication.k8s.io" at the cluster scope',
  ],
  [
    'extra',
    bob,
    { 'impersonate-user': 'jane', 'impersonate-extra-scope': 'all' },
    '403 userextras.authentication.k8s.io "all" is forbidden: User "bob" cannot impersonate resource "userextras/scope" in API group "authentication.k8s.io" at the cluster scope',
  ],
  [
    'a service account gets its groups',
    bob,
    { 'impersonate-user': 'system:serviceaccount:default:robot' },
    user(
      'system:serviceaccount:default:robot',
      'system:serviceaccounts',
      'system:serviceaccounts:default',
      'system:authenticated',
    ),
  ],
  [
    'a service account of another namespace',
    bob,
    { 'impersonate-user': 'system:serviceaccount:a:robot' },
    '403 serviceaccounts "robot" is forbidden: User "bob" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "a"',
  ],
  [
    'the anonymous user is not authenticated',
    root,
    { 'impersonate-user': 'system:anonymous' },
    user('system:anonymous', 'system:unauthenticated'),
  ],
  [
    'all at once, keys decoded',
    root,
    {
      'impersonate-user': 'x',
      'impersonate-uid': '7',
      'impersonate-group': ['system:authenticated'],
      'impersonate-extra-example.com%2fkey': ['a', 'b'],
    },
    { name: 'x', uid: '7', groups: ['system:authenticated'], extra: { 'example.com/key': ['a', 'b'] } },
  ],
  [
    'a group without a user',
    root,
    { 'impersonate-group': ['x'] },
    '400 requested to impersonate a uid, groups or extra without impersonating a user',
  ],
  [
    'a key that cannot be decoded stays',
    root,
    { 'impersonate-user': 'x', 'impersonate-extra-%zz': 'a' },
    { name: 'x', groups: ['system:authenticated'], extra: { '%zz': ['a'] } },
  ],
];
for (const [name, who, headers, expected] of cases) {
  test(`impersonation: ${name}`, async () => {
    let became: User | undefined;
    const outcome = await outcomeOf(() => {
      became = impersonate(who, headers, authorizer);
    });
    if (typeof expected === 'string') assert.is(outcome, expected);
    else assert.equal(became, expected);
  });
}

const refusals: [string, string, string?][] = [
  [
    'list pods in default',
    'pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"',
  ],
  [
    'get [apps]deployments web in default',
    'deployments.apps "web" is forbidden: User "bob" cannot get resource "deployments" in API group "apps" in the namespace "default"',
  ],
  [
    'get pods/log web in a',
    'pods "web" is forbidden: User "bob" cannot get resource "pods/log" in API group "" in the namespace "a"',
  ],
  ['list nodes', 'nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope'],
  ['get /metrics', 'forbidden: User "bob" cannot get path "/metrics"'],
  [
    'list nodes',
    'nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope: RBAC: x not found',
    'RBAC: x not found',
  ],
];
for (const [asked, message, reason] of refusals) {
  test(`a refusal in words: ${asked}`, () => {
    const { status } = refusal(bob, asks(asked), reason);
    assert.is(status.message, message);
    assert.is(status.reason, 'Forbidden');
    assert.is(status.code, 403);
  });
}

test.run();
