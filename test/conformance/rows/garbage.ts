/** Garbage collection and the end of namespaces. Source: Kubernetes v1.36, test/e2e/apimachinery/{garbage_collector,namespace}.go. */
import * as assert from 'uvu/assert';
import { ownerOf, podOf, podsOf, running } from '../kit/pods.ts';
import { type Body, eventually, held, type Resource } from '../kit/resource.ts';
import type { Check, Row } from '../row.ts';

export const GARBAGE: readonly Row[] = [
  {
    id: 'C016',
    async run(check) {
      const deployments = check.namespaced('apps/v1', 'deployments');
      await deployments.create(ownerOf('Deployment', 'simple', 2));
      await running(check, 'simple', 2);
      await deployments.delete('simple', { propagationPolicy: 'Background' });
      await empty(check.namespaced('apps/v1', 'replicasets'));
      await empty(check.namespaced('v1', 'pods'));
    },
  },
  {
    id: 'C017',
    async run(check) {
      await withController(check, 'simple', 2);
      const controllers = check.namespaced('v1', 'replicationcontrollers');
      await controllers.delete('simple', { propagationPolicy: 'Background' });
      await empty(check.namespaced('v1', 'pods'));
    },
  },
  {
    id: 'C018',
    async run(check) {
      await withController(check, 'simple', 2);
      const pods = check.namespaced('v1', 'pods');
      const [held] = await podsOf(check, 'simple');
      await pods.patch(held.metadata.name, 'merge', { metadata: { finalizers: ['example.com/hold'] } });
      const controllers = check.namespaced('v1', 'replicationcontrollers');
      await controllers.delete('simple', { propagationPolicy: 'Foreground' });
      await eventually('one pod is left', async () => (await pods.list()).items.length === 1);
      const owner = await controllers.get('simple');
      assert.ok(owner.metadata.deletionTimestamp);
      assert.equal(owner.metadata.finalizers, ['foregroundDeletion']);
      await pods.patch(held.metadata.name, 'merge', { metadata: { finalizers: null } });
      await controllers.gone('simple');
      await empty(pods);
    },
  },
  {
    id: 'C019',
    async run(check) {
      const pods = check.namespaced('v1', 'pods');
      const made: Body[] = [];
      for (const name of ['pod1', 'pod2', 'pod3']) made.push(await pods.create(podOf(name)));
      for (const [i, { metadata }] of made.entries()) {
        const owner = made[(i + 2) % 3].metadata;
        await pods.patch(metadata.name, 'merge', { metadata: { ownerReferences: [referenceTo('v1', 'Pod', owner)] } });
      }
      await pods.delete('pod1', { propagationPolicy: 'Foreground' });
      await empty(pods);
    },
  },
  {
    id: 'C020',
    async run(check) {
      const controllers = check.namespaced('v1', 'replicationcontrollers');
      await withController(check, 'deleted', 4);
      const stays = await controllers.create(ownerOf('ReplicationController', 'stays', 0));
      const pods = check.namespaced('v1', 'pods');
      const all = await podsOf(check, 'deleted');
      const shared = all.slice(0, 2);
      for (const { metadata } of shared) {
        const second = referenceTo('v1', 'ReplicationController', stays.metadata);
        const ownerReferences = [...metadata.ownerReferences, second];
        await pods.patch(metadata.name, 'merge', { metadata: { ownerReferences } });
      }
      await controllers.delete('deleted', { propagationPolicy: 'Foreground' });
      await controllers.gone('deleted');
      const left = (await pods.list()).items.filter(({ metadata }: Body) => !metadata.deletionTimestamp);
      assert.equal(nameList(left), nameList(shared));
      for (const { metadata } of left)
        assert.equal(
          metadata.ownerReferences.map(({ name }: Body) => name),
          ['stays'],
        );
    },
  },
  {
    id: 'C021',
    async run(check) {
      const deployments = check.namespaced('apps/v1', 'deployments');
      await deployments.create(ownerOf('Deployment', 'simple', 2));
      await running(check, 'simple', 2);
      await deployments.delete('simple', { propagationPolicy: 'Orphan' });
      await deployments.gone('simple');
      const [set, ...others] = (await check.namespaced('apps/v1', 'replicasets').list()).items;
      assert.equal(others, []);
      assert.equal(set.metadata.ownerReferences ?? [], []);
      await running(check, 'simple', 2);
    },
  },
  {
    id: 'C022',
    async run(check) {
      await withController(check, 'simple', 3);
      const controllers = check.namespaced('v1', 'replicationcontrollers');
      await controllers.delete('simple', { propagationPolicy: 'Orphan' });
      await controllers.gone('simple');
      await running(check, 'simple', 3);
      for (const { metadata } of await podsOf(check, 'simple')) assert.equal(metadata.ownerReferences ?? [], []);
    },
  },
  {
    id: 'C026',
    run: (check) =>
      emptiedWith(check, 'pods', podOf('test-pod'), async (own) =>
        eventually('it runs', async () => (await own.get('test-pod')).status.phase === 'Running'),
      ),
  },
  {
    id: 'C027',
    run: (check) =>
      emptiedWith(
        check,
        'services',
        { metadata: { name: 'test-service' }, spec: { ports: [{ port: 80 }] } },
        async () => {},
      ),
  },
];

async function withController(check: Check, name: string, replicas: number): Promise<void> {
  await check.namespaced('v1', 'replicationcontrollers').create(ownerOf('ReplicationController', name, replicas));
  await running(check, name, replicas);
}

function empty(own: Resource): Promise<void> {
  return eventually(`${own.path} is empty`, async () => (await own.list()).items.length === 0);
}

function referenceTo(apiVersion: string, kind: string, { name, uid }: Body): Body {
  return { apiVersion, kind, name, uid, controller: false, blockOwnerDeletion: true };
}

function nameList(objects: readonly Body[]): string[] {
  return objects.map(({ metadata }) => metadata.name).sort();
}

/** What is in a namespace goes with it, and a new one of that name is empty. */
async function emptiedWith(
  check: Check,
  plural: string,
  object: Body,
  ready: (own: Resource) => Promise<void>,
): Promise<void> {
  const namespaces = check.everywhere('v1', 'namespaces');
  const name = await check.anotherNamespace();
  const own = check.namespaced('v1', plural, name);
  await own.create(object);
  await ready(own);
  assert.is((await namespaces.delete(name)).status.phase, 'Terminating');
  const late = await check.api.post(own.path, { ...object, metadata: { name: 'late' } });
  assert.ok(late.code === 403 || late.code === 404, 'nothing new comes into it');
  await namespaces.gone(name);
  held(await check.api.post('/api/v1/namespaces', { metadata: { name } }), 201);
  assert.is((await own.list()).items.length, 0);
}
