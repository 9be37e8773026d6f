/** The index answers as a walk over all bindings does, whatever was written in between. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../../../core/index.ts';
import type { Attributes, PolicyRule } from '../../../../../runtime/api/auth/faces.ts';
import { RbacAuthorizer } from '../../../../../runtime/api/auth/rbac/authorizer.ts';
import { type Binding, type ClusterRole, RBAC_GROUP, type Role } from '../../../../../runtime/api/auth/rbac/objects.ts';
import type { User } from '../../../../../runtime/api/request.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding, toAccount, toGroup, toUser } from '../builders.ts';
import { FakeView } from '../fake-view.ts';

// Few names on purpose: they collide, so that rules, roles and requests meet.
const one = (...values: string[]): fc.Arbitrary<string> => fc.constantFrom(...values);
const some = (...values: string[]): fc.Arbitrary<string[]> =>
  fc.uniqueArray(one(...values), { minLength: 1, maxLength: 3 });
const namespaces = one('a', 'b');
const names = one('x', 'y', 'z');

const rules: fc.Arbitrary<PolicyRule> = fc.oneof(
  fc.record({
    verbs: some('get', 'list', '*'),
    apiGroups: some('', 'apps', '*'),
    resources: some('pods', 'pods/log', '*/scale', '*'),
    resourceNames: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some('x', 'y') }),
  }),
  fc.record({ verbs: some('get', 'post', '*'), nonResourceURLs: some('/a', '/a/*', '*') }),
);
const ruleLists = fc.array(rules, { maxLength: 3, size: 'max' });
const labels = fc.record({ to: one('x', 'y', 'none') });
const aggregated = fc.tuple(names, names, labels).map(
  ([name, to, own]): ClusterRole => ({
    ...clusterRole(name),
    metadata: { name, labels: own },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to } }] },
  }),
);
const subjects = fc.array(
  fc.oneof(
    names.map(toUser),
    names.map(toGroup),
    fc.tuple(names, fc.option(namespaces, { nil: undefined })).map(([name, of]) => toAccount(name, of)),
  ),
  { maxLength: 3, size: 'max' },
);
const objects: fc.Arbitrary<KubeObject> = fc.oneof(
  fc
    .tuple(names, ruleLists, labels)
    .map(([name, given, own]) => ({ ...clusterRole(name, ...given), metadata: { name, labels: own } })),
  aggregated,
  fc.tuple(namespaces, names, ruleLists).map(([of, name, given]) => role(of, name, ...given)),
  fc.tuple(names, names, subjects).map(([name, ref, to]) => clusterRoleBinding(name, `ClusterRole/${ref}`, ...to)),
  fc
    .tuple(namespaces, names, one('Role', 'ClusterRole'), names, subjects)
    .map(([of, name, kind, ref, to]) => roleBinding(of, name, `${kind}/${ref}`, ...to)),
);
const users: fc.Arbitrary<User> = fc.record({
  name: fc.oneof(
    names,
    fc.tuple(namespaces, names).map(([of, name]) => `system:serviceaccount:${of}:${name}`),
  ),
  groups: some('x', 'y', 'z'),
});
const requests: fc.Arbitrary<Attributes> = fc.record({
  resourceRequest: fc.boolean(),
  path: one('/a', '/a/b', '/c'),
  verb: one('get', 'list', 'post'),
  group: one('', 'apps'),
  version: fc.constant('v1'),
  resource: one('pods', 'services'),
  subresource: one('', 'log', 'scale'),
  namespace: one('', 'a', 'b'),
  name: one('', 'x', 'y'),
});

const clusters = fc.array(objects, { minLength: 10, maxLength: 40, size: 'max' });
const changes = fc.array(fc.tuple(objects, fc.boolean()), { maxLength: 6, size: 'max' });
const questions = fc.array(fc.tuple(users, requests), { minLength: 12, maxLength: 12, size: 'max' });

test('RBAC: the index allows what a walk over all objects allows, through all changes', () => {
  let allowed = 0;
  fc.assert(
    fc.property(clusters, changes, questions, (cluster, steps, asked) => {
      const view = new FakeView();
      for (const object of cluster) view.put(object);
      const authorizer = new RbacAuthorizer(view);
      const check = (): void => {
        for (const [user, request] of asked) {
          const expected = allowedByWalk(view, user, request);
          assert.is(authorizer.authorize(user, request).allowed, expected);
          if (expected) allowed++;
        }
      };
      check();
      for (const [object, kept] of steps) {
        if (kept) view.put(object);
        else view.remove(object);
        check();
      }
    }),
    { numRuns: 800 },
  );
  assert.ok(allowed > 1000, `requests that are allowed are asked about, too: ${allowed}`);
});

// --- the walk: from the documentation, sharing nothing with the index ------------------------------------------------

function allowedByWalk(view: FakeView, user: User, asked: Attributes): boolean {
  const wide = view.list(RBAC_GROUP, 'clusterrolebindings');
  const narrow = asked.resourceRequest && asked.namespace ? view.list(RBAC_GROUP, 'rolebindings', asked.namespace) : [];
  return [...wide, ...narrow].some((object) => {
    const binding = object as Binding;
    return names_(binding, user) && rulesOf(view, binding).some((one) => ruleFits(one, asked));
  });
}

function names_({ subjects, metadata }: Binding, user: User): boolean {
  return (subjects ?? []).some(({ kind, name, namespace }) => {
    if (kind === 'Group') return user.groups.includes(name);
    if (kind === 'User') return user.name === name;
    return user.name === `system:serviceaccount:${namespace ?? metadata.namespace}:${name}`;
  });
}

function rulesOf(view: FakeView, { roleRef, metadata }: Binding): readonly PolicyRule[] {
  if (roleRef.kind === 'Role') {
    const found = view.get(RBAC_GROUP, 'roles', metadata.namespace ?? '', roleRef.name) as Role | undefined;
    return found?.rules ?? [];
  }
  // Roles reached from this one: grow the set until it grows no more.
  const all = view.list(RBAC_GROUP, 'clusterroles') as ClusterRole[];
  const reached = new Set(all.filter(({ metadata: { name } }) => name === roleRef.name));
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    for (const { aggregationRule } of [...reached]) {
      for (const { matchLabels } of aggregationRule?.clusterRoleSelectors ?? []) {
        for (const other of all) if (other.metadata.labels?.to === matchLabels?.to) reached.add(other);
      }
    }
  }
  return [...reached].flatMap(({ rules, aggregationRule }) => (aggregationRule ? [] : (rules ?? [])));
}

function ruleFits(rule: PolicyRule, asked: Attributes): boolean {
  const has = (list: readonly string[] | undefined, ...values: string[]): boolean =>
    values.some((value) => list?.includes(value));
  if (!has(rule.verbs, '*', asked.verb)) return false;
  if (!asked.resourceRequest) {
    return (
      has(rule.nonResourceURLs, '*', asked.path) || (asked.path.startsWith('/a/') && has(rule.nonResourceURLs, '/a/*'))
    );
  }
  const full = asked.subresource ? `${asked.resource}/${asked.subresource}` : asked.resource;
  return (
    has(rule.apiGroups, '*', asked.group) &&
    has(rule.resources, '*', full, ...(asked.subresource ? [`*/${asked.subresource}`] : [])) &&
    (!rule.resourceNames?.length || has(rule.resourceNames, asked.name))
  );
}

test.run();
