import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Authorizer } from '../../../../../runtime/api/auth/faces.ts';
import { RbacAuthorizer } from '../../../../../runtime/api/auth/rbac/authorizer.ts';
import {
  localSubjectAccessReview,
  selfSubjectAccessReview,
  subjectAccessReview,
} from '../../../../../runtime/api/auth/reviews/access-review.ts';
import type { Review } from '../../../../../runtime/api/auth/reviews/review.ts';
import { selfSubjectReview, selfSubjectRulesReview } from '../../../../../runtime/api/auth/reviews/self-reviews.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding, rule, toUser, user } from '../builders.ts';
import { FakeView } from '../fake-view.ts';
import { outcomeOf } from '../outcome.ts';

const bob = user('bob', 'system:authenticated');
const authorizer: Authorizer = new RbacAuthorizer(
  new FakeView([
    clusterRole('r', rule('get', 'pods'), { verbs: ['get'], nonResourceURLs: ['/metrics'] }),
    clusterRoleBinding('b', 'ClusterRole/r', toUser('bob')),
    role('a', 'r', rule('delete', 'pods', { resourceNames: ['web'] })),
    roleBinding('a', 'b', 'Role/r', toUser('bob')),
  ]),
);
const BY = { allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User "bob"' };

function review(kind: string, spec: Record<string, unknown>): Review {
  return { apiVersion: 'authorization.k8s.io/v1', kind, metadata: { name: '' }, spec };
}
function statusOf(object: unknown): unknown {
  return (object as { status: unknown }).status;
}
const pods = (more = {}): object => ({
  resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'a', ...more },
});

const self: [string, object, unknown][] = [
  ['a resource that one may', pods(), BY],
  ['a resource that one may not', pods({ verb: 'list' }), { allowed: false }],
  ['a subresource', pods({ subresource: 'log' }), { allowed: false }],
  ['a path', { nonResourceAttributes: { verb: 'get', path: '/metrics' } }, BY],
  ['another path', { nonResourceAttributes: { verb: 'get', path: '/healthz' } }, { allowed: false }],
];
for (const [name, spec, expected] of self) {
  test(`SelfSubjectAccessReview: ${name}`, () => {
    assert.equal(
      statusOf(selfSubjectAccessReview(review('SelfSubjectAccessReview', { ...spec }), bob, authorizer)),
      expected,
    );
  });
}

test('SubjectAccessReview: asks for somebody else', () => {
  assert.equal(
    statusOf(subjectAccessReview(review('SubjectAccessReview', { ...pods(), user: 'bob' }), authorizer)),
    BY,
  );
  const eve = review('SubjectAccessReview', { ...pods(), user: 'eve', groups: ['bob'] });
  assert.equal(statusOf(subjectAccessReview(eve, authorizer)), { allowed: false });
  const masters = review('SubjectAccessReview', { ...pods({ verb: 'delete' }), groups: ['system:masters'] });
  assert.equal(statusOf(subjectAccessReview(masters, authorizer)), { allowed: true });
});

test('LocalSubjectAccessReview: within one namespace', () => {
  const kind = 'LocalSubjectAccessReview';
  assert.equal(statusOf(localSubjectAccessReview(review(kind, { ...pods(), user: 'bob' }), 'a', authorizer)), BY);
});

const both = { ...pods(), nonResourceAttributes: { verb: 'get', path: '/' } };
const wrong: [string, () => unknown, string][] = [
  [
    'neither resource nor path',
    () => selfSubjectAccessReview(review('SelfSubjectAccessReview', {}), bob, authorizer),
    '422 SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
  ],
  [
    'both',
    () => selfSubjectAccessReview(review('SelfSubjectAccessReview', both), bob, authorizer),
    '422 SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: cannot be specified in combination with resourceAttributes',
  ],
  [
    'nobody',
    () => subjectAccessReview(review('SubjectAccessReview', { ...pods() }), authorizer),
    '422 SubjectAccessReview.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
  ],
  [
    'another namespace',
    () => localSubjectAccessReview(review('LocalSubjectAccessReview', { ...pods(), user: 'bob' }), 'c', authorizer),
    '422 LocalSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "a": must match metadata.namespace',
  ],
  [
    'no namespace',
    () => selfSubjectRulesReview(review('SelfSubjectRulesReview', {}), bob, authorizer),
    '400 no namespace on request',
  ],
];
for (const [name, call, expected] of wrong) {
  test(`access reviews refuse: ${name}`, async () => assert.is(await outcomeOf(call), expected));
}

test('SelfSubjectRulesReview: everything one may in a namespace', () => {
  assert.equal(
    statusOf(selfSubjectRulesReview(review('SelfSubjectRulesReview', { namespace: 'a' }), bob, authorizer)),
    {
      resourceRules: [rule('get', 'pods'), rule('delete', 'pods', { resourceNames: ['web'] })],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }],
      incomplete: false,
    },
  );
});

test('SelfSubjectReview: who one is, in every version', () => {
  for (const version of ['v1', 'v1beta1', 'v1alpha1']) {
    const asked = { apiVersion: `authentication.k8s.io/${version}`, kind: 'SelfSubjectReview', metadata: { name: '' } };
    assert.equal(selfSubjectReview(asked, { ...bob, uid: '7', extra: { a: ['b'] } }), {
      ...asked,
      status: { userInfo: { username: 'bob', uid: '7', groups: ['system:authenticated'], extra: { a: ['b'] } } },
    } as never);
  }
});

test.run();
