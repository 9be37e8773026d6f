/** Deployments, ReplicaSets and ReplicationControllers with their controllers. Source: Kubernetes v1.36, test/e2e/apps/{deployment,replica_set,rc}.go. */
import * as assert from 'uvu/assert';
import { controllerOf, ownerOf, podOf, podsOf, running, turned } from '../kit/pods.ts';
import { type Body, eventually, labelled, names, type Resource, seen } from '../kit/resource.ts';
import type { Check, Row } from '../row.ts';

export const REPLICAS: readonly Row[] = [
  { id: 'C054', run: (check) => scales(check, 'apps/v1', 'deployments', 'Deployment') },
  { id: 'C076', run: (check) => scales(check, 'apps/v1', 'replicasets', 'ReplicaSet') },
  { id: 'C082', run: (check) => scales(check, 'v1', 'replicationcontrollers', 'ReplicationController') },
  {
    id: 'C055',
    async run(check) {
      const deployments = check.namespaced('apps/v1', 'deployments');
      await deployments.create(ownerOf('Deployment', 'recreate', 2, { strategy: { type: 'Recreate' } }));
      await complete(deployments, 'recreate', 2);
      const pods = check.namespaced('v1', 'pods');
      const { metadata } = await pods.list();
      const watch = pods.watch(`resourceVersion=${metadata.resourceVersion}`);
      await withImage(deployments, 'recreate', 'new');
      await complete(deployments, 'recreate', 2);
      const there = new Set(names(await pods.list()));
      assert.is(there.size, 2);
      const order = watch.events.filter(({ type }) => type !== 'MODIFIED').map(({ type }) => type);
      assert.equal(order, ['DELETED', 'DELETED', 'ADDED', 'ADDED'], 'no new pod beside an old one');
      watch.stop();
    },
  },
  {
    id: 'C056',
    async run(check) {
      const sets = check.namespaced('apps/v1', 'replicasets');
      const deployments = check.namespaced('apps/v1', 'deployments');
      const annotations = { 'deployment.kubernetes.io/revision': '3546343826724305832' };
      const old = ownerOf('ReplicaSet', 'rolling', 1);
      await sets.create({ ...old, metadata: { ...old.metadata, name: 'rolling-controller', annotations } });
      await running(check, 'rolling', 1);
      await deployments.create(withPodImage(ownerOf('Deployment', 'rolling', 1), 'new'));
      const done = await complete(deployments, 'rolling', 1);
      assert.is(done.metadata.annotations['deployment.kubernetes.io/revision'], '3546343826724305833');
      const all = (await sets.list(labelled({ name: 'rolling' }))).items;
      assert.is(all.length, 2, 'the old one is adopted and kept');
      for (const set of all) assert.is(controllerOf(set)?.name, 'rolling');
      assert.is((await sets.get('rolling-controller')).spec.replicas, 0);
    },
  },
  {
    id: 'C057',
    async run(check) {
      const deployments = check.namespaced('apps/v1', 'deployments');
      await deployments.create(ownerOf('Deployment', 'cleanup', 1, { revisionHistoryLimit: 0 }));
      await complete(deployments, 'cleanup', 1);
      await withImage(deployments, 'cleanup', 'new');
      await complete(deployments, 'cleanup', 1);
      const sets = check.namespaced('apps/v1', 'replicasets');
      await eventually('old replica sets are gone', async () => (await sets.list()).items.length === 1);
    },
  },
  {
    id: 'C058',
    async run(check) {
      const deployments = check.namespaced('apps/v1', 'deployments');
      const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } };
      await deployments.create(ownerOf('Deployment', 'webserver', 10, { strategy }));
      const first = await complete(deployments, 'webserver', 10);
      const sets = check.namespaced('apps/v1', 'replicasets');
      const [old] = (await sets.list()).items;
      // Its new pods will find no node, and so never be available.
      const template = { spec: { nodeSelector: { no: 'node' } } };
      await deployments.patch('webserver', 'strategic', { spec: { template } });
      const sizes = async (): Promise<number[]> => {
        const all = (await sets.list()).items;
        const size = (is: (name: string) => boolean): number =>
          all.find(({ metadata }: Body) => is(metadata.name))?.spec.replicas ?? 0;
        return [size((name) => name === old.metadata.name), size((name) => name !== old.metadata.name)];
      };
      await eventually('the rollout is stuck at 8 and 5', async () => (await sizes()).join() === '8,5');
      await deployments.patch(first.metadata.name, 'merge', { spec: { replicas: 30 } }, 'scale');
      await eventually('20 and 13 replicas are wanted', async () => (await sizes()).join() === '20,13');
    },
  },
  {
    id: 'C059',
    async run(check) {
      const deployments = check.namespaced('apps/v1', 'deployments');
      const sets = check.namespaced('apps/v1', 'replicasets');
      await sets.create(ownerOf('ReplicaSet', 'rollover', 1));
      await running(check, 'rollover', 1);
      const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
      const deployment = ownerOf('Deployment', 'rollover', 1, { minReadySeconds: 1, strategy });
      deployment.spec.template.spec = { ...deployment.spec.template.spec, nodeSelector: { no: 'node' } };
      await deployments.create(deployment);
      await eventually('its first rollout has begun', async () => (await sets.list()).items.length === 2);
      await deployments.change('rollover', (object) => {
        const { nodeSelector: _, ...spec } = object.spec.template.spec;
        return { ...object, spec: { ...object.spec, template: { ...object.spec.template, spec } } };
      });
      await withImage(deployments, 'rollover', 'new');
      await complete(deployments, 'rollover', 1);
      const all = (await sets.list()).items;
      const wanted = all.filter(({ spec }: Body) => spec.replicas > 0);
      assert.is(wanted.length, 1, 'every older set is empty, the one that never came about too');
      assert.is(wanted[0].spec.template.spec.containers[0].image, 'new');
      for (const set of all) assert.is(controllerOf(set)?.name, 'rollover');
      await running(check, 'rollover', 1);
    },
  },
  {
    id: 'C060',
    async run(check) {
      const deployments = check.namespaced('apps/v1', 'deployments');
      const labels = { 'test-deployment-static': check.unique };
      const deployment = ownerOf('Deployment', 'test-deployment', 2);
      deployment.metadata.labels = labels;
      const watch = deployments.watch(labelled(labels));
      await deployments.create(deployment);
      await seen(watch, 'ADDED');
      await seen(watch, 'MODIFIED', ({ status }) => status.readyReplicas === 2);
      await deployments.patch('test-deployment', 'strategic', {
        metadata: { labels: { 'test-deployment': 'patched' } },
        spec: { replicas: 1, template: { spec: { containers: [{ name: 'c', image: 'patched' }] } } },
      });
      const patched = await seen(watch, 'MODIFIED', ({ metadata }) => metadata.labels['test-deployment'] === 'patched');
      assert.is(patched.spec.template.spec.containers[0].image, 'patched');
      const done = await complete(deployments, 'test-deployment', 1);
      await deployments.patch('test-deployment', 'merge', { status: { readyReplicas: 0 } }, 'status');
      await turned(deployments, 'test-deployment', 'is counted anew', ({ status }) => status.readyReplicas === 1);
      const all = check.everywhere('apps/v1', 'deployments');
      assert.equal(names(await all.list(labelled(labels))), ['test-deployment']);
      assert.equal(done.metadata.labels, { ...labels, 'test-deployment': 'patched' });
      await deployments.deleteCollection(labelled(labels));
      await seen(watch, 'DELETED');
      watch.stop();
    },
  },
  {
    id: 'C075',
    async run(check) {
      const sets = check.namespaced('apps/v1', 'replicasets');
      await sets.create(ownerOf('ReplicaSet', 'test-rs', 1));
      await running(check, 'test-rs', 1);
      await sets.change('test-rs', (set) => ({ ...set, spec: { ...set.spec, replicas: 2 } }));
      await running(check, 'test-rs', 2);
      await sets.patch('test-rs', 'strategic', {
        metadata: { labels: { 'test-rs': 'patched' } },
        spec: { replicas: 3, template: { spec: { containers: [{ name: 'c', image: 'pause' }] } } },
      });
      const set = await turned(sets, 'test-rs', 'has three', ({ status }) => status.readyReplicas === 3);
      assert.is(set.metadata.labels['test-rs'], 'patched');
      assert.equal(
        set.spec.template.spec.containers.map(({ image }: Body) => image),
        ['pause'],
      );
    },
  },
  {
    id: 'C077',
    async run(check) {
      const pods = check.namespaced('v1', 'pods');
      const name = 'pod-adoption-release';
      await pods.create(podOf(name, { name }));
      await running(check, name, 1);
      await check.namespaced('apps/v1', 'replicasets').create(ownerOf('ReplicaSet', name, 1));
      await turned(pods, name, 'is adopted', (pod) => controllerOf(pod)?.kind === 'ReplicaSet');
      await pods.patch(name, 'merge', { metadata: { labels: { name: 'other' } } });
      await turned(pods, name, 'is released', (pod) => controllerOf(pod) === undefined);
      await running(check, name, 1);
    },
  },
  {
    id: 'C078',
    async run(check) {
      const sets = check.namespaced('apps/v1', 'replicasets');
      await sets.create(ownerOf('ReplicaSet', 'test-rs', 3));
      await turned(sets, 'test-rs', 'has three', ({ status }) => status.availableReplicas === 3);
      const query = labelled({ name: 'test-rs' });
      assert.equal(names(await check.everywhere('apps/v1', 'replicasets').list(query)).length >= 1, true);
      await sets.deleteCollection(query);
      await sets.gone('test-rs');
    },
  },
  {
    id: 'C081',
    async run(check) {
      const pods = check.namespaced('v1', 'pods');
      await pods.create(podOf('pod-adoption', { name: 'pod-adoption' }));
      await check
        .namespaced('v1', 'replicationcontrollers')
        .create(ownerOf('ReplicationController', 'pod-adoption', 1));
      await turned(pods, 'pod-adoption', 'is adopted', (pod) => controllerOf(pod)?.kind === 'ReplicationController');
      await running(check, 'pod-adoption', 1);
    },
  },
  {
    id: 'C083',
    async run(check) {
      const pods = check.namespaced('v1', 'pods');
      await check.namespaced('v1', 'replicationcontrollers').create(ownerOf('ReplicationController', 'release', 1));
      await running(check, 'release', 1);
      const [{ metadata }] = await podsOf(check, 'release');
      await pods.patch(metadata.name, 'merge', { metadata: { labels: { name: 'not-matching' } } });
      await turned(pods, metadata.name, 'is released', (pod) => controllerOf(pod) === undefined);
    },
  },
  {
    id: 'C085',
    async run(check) {
      const controllers = check.namespaced('v1', 'replicationcontrollers');
      const quotas = check.namespaced('v1', 'resourcequotas');
      await quotas.create({ metadata: { name: 'condition-test' }, spec: { hard: { pods: '2' } } });
      await controllers.create(ownerOf('ReplicationController', 'condition-test', 3));
      const failing = ({ status }: Body): boolean =>
        status.conditions?.some(({ type }: Body) => type === 'ReplicaFailure') === true;
      await turned(controllers, 'condition-test', 'says that it fails', failing);
      await controllers.change('condition-test', (rc) => ({ ...rc, spec: { ...rc.spec, replicas: 2 } }));
      await turned(controllers, 'condition-test', 'fails no more', (rc) => !failing(rc));
    },
  },
  {
    id: 'C086',
    async run(check) {
      const controllers = check.namespaced('v1', 'replicationcontrollers');
      const labels = { 'test-rc-static': check.unique };
      const rc = ownerOf('ReplicationController', 'rc-test', 1);
      rc.metadata.labels = labels;
      const watch = controllers.watch(labelled(labels));
      await controllers.create(rc);
      await seen(watch, 'ADDED');
      await seen(watch, 'MODIFIED', ({ status }) => status.readyReplicas === 1);
      await controllers.patch('rc-test', 'strategic', { metadata: { labels: { 'test-rc': 'patched' } } });
      await seen(watch, 'MODIFIED', ({ metadata }) => metadata.labels['test-rc'] === 'patched');
      await controllers.patch('rc-test', 'strategic', { status: { readyReplicas: 0, availableReplicas: 0 } }, 'status');
      await seen(watch, 'MODIFIED', ({ status }) => (status.readyReplicas ?? 0) === 0);
      assert.is((await controllers.get('rc-test', 'status')).kind, 'ReplicationController');
      await controllers.patch('rc-test', 'strategic', { spec: { replicas: 2 } }, 'scale');
      await seen(watch, 'MODIFIED', ({ status }) => status.readyReplicas === 2);
      const all = await check.everywhere('v1', 'replicationcontrollers').list(labelled(labels));
      assert.equal(names(all), ['rc-test']);
      await controllers.deleteCollection(labelled(labels));
      await seen(watch, 'DELETED');
      watch.stop();
    },
  },
];

/** get, update and patch of the scale move the replicas, and the pods follow. */
async function scales(check: Check, groupVersion: string, plural: string, kind: string): Promise<void> {
  const own = check.namespaced(groupVersion, plural);
  await own.create(ownerOf(kind, 'scaled', 1));
  await running(check, 'scaled', 1);
  const scale = await own.get('scaled', 'scale');
  assert.is(scale.kind, 'Scale');
  assert.is(scale.spec.replicas, 1);
  assert.is(scale.status.selector, 'name=scaled');
  const updated = await own.change('scaled', (now) => ({ ...now, spec: { replicas: 2 } }), 'scale');
  assert.is(updated.spec.replicas, 2);
  assert.is((await own.get('scaled')).spec.replicas, 2);
  await running(check, 'scaled', 2);
  const patched = await own.patch('scaled', 'strategic', { spec: { replicas: 4 } }, 'scale');
  assert.is(patched.spec.replicas, 4);
  await running(check, 'scaled', 4);
  await own.patch('scaled', 'merge', { spec: { replicas: 0 } }, 'scale');
  await running(check, 'scaled', 0);
}

/** Its rollout is over. @returns it */
function complete(deployments: Resource, name: string, replicas: number): Promise<Body> {
  return turned(deployments, name, 'is rolled out', ({ metadata, status }) => {
    const { observedGeneration, updatedReplicas, availableReplicas } = status;
    const counts = updatedReplicas === replicas && availableReplicas === replicas && status.replicas === replicas;
    return observedGeneration >= metadata.generation && counts;
  });
}

function withPodImage(owner: Body, image: string): Body {
  owner.spec.template.spec.containers[0].image = image;
  return owner;
}

async function withImage(deployments: Resource, name: string, image: string): Promise<void> {
  await deployments.change(name, (deployment) => withPodImage(deployment, image));
}
