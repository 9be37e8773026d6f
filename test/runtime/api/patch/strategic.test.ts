import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError } from '../../../../runtime/api/http/status.ts';
import { mergeTypeOf } from '../../../../runtime/api/patch/merge-types.ts';
import { strategicMerge } from '../../../../runtime/api/patch/strategic/merge.ts';
import { loadSchemas } from '../../../../runtime/api/schema/load.ts';

const schemas = await loadSchemas();
const podType = mergeTypeOf(schemas, 'v1', 'Pod')!;
const deploymentType = mergeTypeOf(schemas, 'apps/v1', 'Deployment')!;

const rows: { name: string; kind?: [string, string]; live: object; patch: object; result: object }[] = [
  {
    name: 'maps merge, null deletes, a new map loses its nulls',
    live: { metadata: { labels: { a: '1', b: '2' } } },
    patch: { metadata: { labels: { a: null, c: '3' }, annotations: { x: null, y: '1' } } },
    result: { metadata: { labels: { b: '2', c: '3' }, annotations: { y: '1' } } },
  },
  {
    name: 'a container is found by its name, a new one goes to the end',
    live: { spec: { containers: [{ name: 'a', image: '1' }, { name: 'b' }] } },
    patch: { spec: { containers: [{ name: 'b', image: '2' }, { name: 'c' }] } },
    result: { spec: { containers: [{ name: 'a', image: '1' }, { name: 'b', image: '2' }, { name: 'c' }] } },
  },
  {
    name: '$patch: delete takes a list item out, and one that is not there changes nothing',
    live: { spec: { containers: [{ name: 'a' }, { name: 'b' }] } },
    patch: {
      spec: {
        containers: [
          { $patch: 'delete', name: 'a' },
          { $patch: 'delete', name: 'x' },
        ],
      },
    },
    result: { spec: { containers: [{ name: 'b' }] } },
  },
  {
    name: '$patch: replace in a list makes the other items of the patch the list',
    live: { spec: { containers: [{ name: 'a' }, { name: 'b', image: '1' }] } },
    patch: { spec: { containers: [{ name: 'b' }, { $patch: 'replace' }] } },
    result: { spec: { containers: [{ name: 'b' }] } },
  },
  {
    name: '$patch: merge says what happens anyway',
    live: { spec: { containers: [{ name: 'a', image: '1' }], securityContext: { runAsUser: 1 } } },
    patch: {
      spec: {
        containers: [{ $patch: 'merge', name: 'a', tty: true }],
        securityContext: { $patch: 'merge', runAsGroup: 2 },
      },
    },
    result: {
      spec: { containers: [{ name: 'a', image: '1', tty: true }], securityContext: { runAsUser: 1, runAsGroup: 2 } },
    },
  },
  {
    name: '$patch: replace in a map',
    live: { spec: { securityContext: { runAsUser: 1, fsGroup: 2 } } },
    patch: { spec: { securityContext: { $patch: 'replace', runAsUser: 5 } } },
    result: { spec: { securityContext: { runAsUser: 5 } } },
  },
  {
    name: '$patch: delete in a map empties it',
    live: { metadata: { labels: { a: '1' } } },
    patch: { metadata: { labels: { $patch: 'delete' } } },
    result: { metadata: { labels: {} } },
  },
  {
    name: '$retainKeys: only the listed keys stay',
    kind: ['apps/v1', 'Deployment'],
    live: { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } },
    patch: { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
    result: { spec: { strategy: { type: 'Recreate' } } },
  },
  {
    name: '$retainKeys turns a volume into another',
    live: { spec: { volumes: [{ name: 'v', emptyDir: {} }] } },
    patch: { spec: { volumes: [{ $retainKeys: ['name', 'hostPath'], name: 'v', hostPath: { path: '/' } }] } },
    result: { spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }] } },
  },
  {
    name: '$deleteFromPrimitiveList, and a set is joined without doubles',
    live: { metadata: { finalizers: ['a', 'b', 'c'] } },
    patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['b'], finalizers: ['c', 'd'] } },
    result: { metadata: { finalizers: ['a', 'c', 'd'] } },
  },
  {
    name: '$setElementOrder: the named in its order, the unnamed where they stood',
    live: { spec: { containers: [{ name: 'x' }, { name: 'a' }, { name: 'b' }, { name: 'y' }] } },
    patch: { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] } },
    result: { spec: { containers: [{ name: 'x' }, { name: 'b' }, { name: 'a' }, { name: 'y' }] } },
  },
  {
    name: '$setElementOrder puts a new item first',
    live: { spec: { containers: [{ name: 'a' }] } },
    patch: {
      spec: { '$setElementOrder/containers': [{ name: 'n' }, { name: 'a' }], containers: [{ name: 'n', image: 'i' }] },
    },
    result: { spec: { containers: [{ name: 'n', image: 'i' }, { name: 'a' }] } },
  },
  {
    name: 'container ports merge by containerPort alone',
    live: { spec: { containers: [{ name: 'a', ports: [{ containerPort: 53, protocol: 'UDP' }] }] } },
    patch: { spec: { containers: [{ name: 'a', ports: [{ containerPort: 53, name: 'dns' }] }] } },
    result: { spec: { containers: [{ name: 'a', ports: [{ containerPort: 53, protocol: 'UDP', name: 'dns' }] }] } },
  },
  {
    name: 'tolerations are replaced',
    live: { spec: { tolerations: [{ key: 'a' }, { key: 'b' }] } },
    patch: { spec: { tolerations: [{ key: 'b', operator: 'Exists' }] } },
    result: { spec: { tolerations: [{ key: 'b', operator: 'Exists' }] } },
  },
  {
    name: "a budget's selector is replaced, not merged",
    kind: ['policy/v1', 'PodDisruptionBudget'],
    live: { spec: { selector: { matchLabels: { a: '1' } } } },
    patch: { spec: { selector: { matchLabels: { b: '2' } } } },
    result: { spec: { selector: { matchLabels: { b: '2' } } } },
  },
  {
    name: 'conditions merge by type',
    kind: ['v1', 'Node'],
    live: {
      status: {
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'Disk', status: 'False' },
        ],
      },
    },
    patch: { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
    result: {
      status: {
        conditions: [
          { type: 'Ready', status: 'False' },
          { type: 'Disk', status: 'False' },
        ],
      },
    },
  },
  {
    name: 'service ports merge by port, ephemeral containers by name',
    kind: ['v1', 'Service'],
    live: { spec: { ports: [{ port: 80, nodePort: 30000 }] } },
    patch: { spec: { ports: [{ port: 80, name: 'web' }, { port: 81 }] } },
    result: { spec: { ports: [{ port: 80, nodePort: 30000, name: 'web' }, { port: 81 }] } },
  },
];
for (const { name, kind = ['v1', 'Pod'], live, patch, result } of rows) {
  test(`strategicMerge: ${name}`, () => {
    const before = structuredClone([live, patch]);
    assert.equal(strategicMerge(live, patch, mergeTypeOf(schemas, ...(kind as [string, string]))!), result);
    assert.equal([live, patch], before);
  });
}

const refused = [
  { name: 'an unknown directive', patch: { spec: { $patch: 'shred' } }, says: 'Unknown patch type: "shred"' },
  {
    name: 'an item without its merge key',
    patch: { spec: { containers: [{ image: 'i' }] } },
    says: 'does not contain declared merge key: name',
  },
  {
    name: 'an item its own order leaves out',
    patch: { spec: { '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'b' }] } },
    says: "doesn't match $setElementOrder/containers list",
  },
  {
    name: 'a key $retainKeys leaves out',
    patch: { spec: { $retainKeys: ['a'], hostname: 'h' } },
    says: 'a key that $retainKeys does not list',
  },
  { name: 'a text for a container', patch: { spec: { containers: ['a'] } }, says: 'told apart by name' },
  { name: 'a list for the patch', patch: [], says: 'into a map' },
];
for (const { name, patch, says } of refused) {
  test(`strategicMerge refuses ${name}`, () => {
    try {
      strategicMerge({ spec: { containers: [{ name: 'a' }] } }, patch, podType);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ApiError);
      assert.is((error as ApiError).code, 400);
      assert.match((error as ApiError).message, says);
    }
  });
}

test('mergeTypeOf: kinds that are not built in have none', () => {
  assert.is(mergeTypeOf(schemas, 'example.com/v1', 'Widget'), undefined);
  assert.is(deploymentType.kind, 'struct');
});

test.run();
