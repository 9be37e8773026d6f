/** What an aggregated ClusterRole allows: the rules of those it selects, and of those which these select. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { effectiveRules, staleAggregates } from '../../../../../runtime/api/auth/rbac/aggregate.ts';
import type { ClusterRole } from '../../../../../runtime/api/auth/rbac/objects.ts';
import { clusterRole, rule } from '../builders.ts';

const PODS = rule('get', 'pods');
const NODES = rule('list', 'nodes');
const MAPS = rule('*', 'configmaps', { resourceNames: ['a'] });

function labelled(role: ClusterRole, labels: Record<string, string>): ClusterRole {
  return { ...role, metadata: { ...role.metadata, labels } };
}

/** Made of the roles that carry one of the labels, each with the value 'true'. */
function aggregate(name: string, to: readonly string[], ...rules: ClusterRole['rules'] & object): ClusterRole {
  const clusterRoleSelectors = to.map((label) => ({ matchLabels: { [label]: 'true' } }));
  return { ...clusterRole(name, ...rules), aggregationRule: { clusterRoleSelectors } };
}

const part = (name: string, label: string, ...rules: (typeof PODS)[]): ClusterRole =>
  labelled(clusterRole(name, ...rules), { [label]: 'true' });

const ROWS: readonly (readonly [sentence: string, roles: ClusterRole[], rules: object[]])[] = [
  ['a role without an aggregation has its own rules', [clusterRole('all', PODS)], [PODS]],
  ['nothing is selected', [aggregate('all', ['x']), part('p', 'y', PODS)], []],
  ['its own rules do not count', [aggregate('all', ['x'], NODES), part('p', 'x', PODS)], [PODS]],
  [
    'all that carry the label, in the order of their names',
    [aggregate('all', ['x']), part('q', 'x', NODES), part('p', 'x', PODS)],
    [PODS, NODES],
  ],
  [
    'any of several selectors',
    [aggregate('all', ['x', 'y']), part('p', 'x', PODS), part('q', 'y', NODES)],
    [PODS, NODES],
  ],
  ['a label with another value', [aggregate('all', ['x']), labelled(clusterRole('p', PODS), { x: 'false' })], []],
  [
    'one that two selectors find counts once',
    [aggregate('all', ['x', 'y']), labelled(clusterRole('p', PODS), { x: 'true', y: 'true' })],
    [PODS],
  ],
  [
    'the same rule of two roles counts once',
    [aggregate('all', ['x']), part('p', 'x', PODS), part('q', 'x', PODS)],
    [PODS],
  ],
  [
    'rules that differ in a name are two',
    [aggregate('all', ['x']), part('p', 'x', MAPS), part('q', 'x', { ...MAPS, resourceNames: ['b'] })],
    [MAPS, { ...MAPS, resourceNames: ['b'] }],
  ],
  [
    'an aggregate within an aggregate',
    [aggregate('all', ['x']), labelled(aggregate('inner', ['y']), { x: 'true' }), part('p', 'y', PODS)],
    [PODS],
  ],
  [
    'two that aggregate each other',
    [
      labelled(aggregate('all', ['x']), { y: 'true' }),
      labelled(aggregate('inner', ['y', 'z']), { x: 'true' }),
      part('p', 'z', PODS),
    ],
    [PODS],
  ],
  [
    'one that aggregates itself',
    [labelled(aggregate('all', ['x'], NODES), { x: 'true' }), part('p', 'x', PODS)],
    [PODS],
  ],
  [
    'a selector without terms takes every role',
    [{ ...clusterRole('all'), aggregationRule: { clusterRoleSelectors: [{}] } }, clusterRole('p', PODS)],
    [PODS],
  ],
  ['no selector takes none', [{ ...clusterRole('all'), aggregationRule: {} }, clusterRole('p', PODS)], []],
  [
    'a selector by an expression',
    [
      {
        ...clusterRole('all'),
        aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] }] },
      },
      part('p', 'x', PODS),
      part('q', 'y', NODES),
    ],
    [NODES],
  ],
  [
    'a label called as something every object inherits',
    [aggregate('all', ['constructor']), clusterRole('p', PODS), part('q', 'constructor', NODES)],
    [NODES],
  ],
];
for (const [sentence, roles, rules] of ROWS) {
  test(`aggregated rules: ${sentence}`, () => {
    const all = roles[0];
    assert.is(all.metadata.name, 'all');
    assert.equal(effectiveRules(all, roles), rules);
    // Whatever the order in which they are known.
    assert.equal(effectiveRules(all, roles.toReversed()), rules);
  });
}

test('what is stored is made anew where it is not the union any more, and only there', () => {
  const stale = aggregate('stale', ['x'], NODES);
  const right = aggregate('right', ['x'], PODS);
  const empty = aggregate('empty', ['none'], NODES);
  const roles = [stale, right, empty, part('p', 'x', PODS), clusterRole('plain', NODES)];
  assert.equal(
    staleAggregates(roles).map(({ metadata, rules }) => [metadata.name, rules]),
    [
      ['stale', [PODS]],
      ['empty', []],
    ],
  );
  assert.equal(staleAggregates(staleAggregates(roles).concat(roles.slice(1, 2), roles.slice(3))), []);
});

test.run();
