/** Namespaces, quotas, limits. Source: Kubernetes v1.36, test/e2e/apimachinery/{namespace,resource_quota}.go, test/e2e/scheduling/limit_range.go. */
import * as assert from 'uvu/assert';
import { eventually, labelled, names, type Resource, seen } from '../kit/resource.ts';
import type { Row } from '../row.ts';

export const NAMESPACES: readonly Row[] = [
  {
    id: 'C023',
    async run({ everywhere, namespace }) {
      const all = everywhere('v1', 'namespaces');
      const found = await all.get(namespace);
      assert.equal(found.spec.finalizers, ['kubernetes']);
      const finalizers = [...found.spec.finalizers, 'e2e.example.com/fakeFinalizer'];
      const with2 = await all.update({ ...found, spec: { finalizers } }, 'finalize');
      assert.equal(with2.spec.finalizers, finalizers);
      assert.equal((await all.get(namespace)).spec.finalizers, finalizers);
      await all.update({ ...with2, spec: { finalizers: ['kubernetes'] } }, 'finalize');
      assert.equal((await all.get(namespace)).spec.finalizers, ['kubernetes']);
    },
  },
  {
    id: 'C024',
    async run({ everywhere, namespace, unique }) {
      const all = everywhere('v1', 'namespaces');
      const found = await all.get(namespace);
      assert.is(found.metadata.labels['kubernetes.io/metadata.name'], namespace);
      const labels = { ...found.metadata.labels, [unique]: 'updated' };
      const updated = await all.update({ ...found, metadata: { ...found.metadata, labels } });
      assert.equal(updated.metadata.labels, labels);
      assert.equal(updated.status, found.status);
      assert.equal(names(await all.list(labelled({ [unique]: 'updated' }))), [namespace]);
    },
  },
  {
    id: 'C025',
    async run({ everywhere, namespace }) {
      const all = everywhere('v1', 'namespaces');
      const found = await all.get(namespace, 'status');
      assert.is(found.kind, 'Namespace');
      assert.is(found.status.phase, 'Active');
      const condition = { type: 'StatusPatch', status: 'True', reason: 'E2E', message: 'Patched by a test' };
      const patch = { metadata: { annotations: { patched: namespace } }, status: { conditions: [condition] } };
      const patched = await all.patch(namespace, 'merge', patch, 'status');
      assert.is(patched.status.conditions.length, 1);
      assert.is(patched.metadata.annotations.patched, namespace);
      const further = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Updated by a test' };
      const conditions = [...patched.status.conditions, further];
      await all.update({ ...patched, status: { ...patched.status, conditions } }, 'status');
      const { status } = await all.get(namespace);
      assert.is(status.phase, 'Active');
      assert.equal(
        status.conditions.map(({ type }: { type: string }) => type),
        ['StatusPatch', 'StatusUpdate'],
      );
    },
  },
  {
    id: 'C028',
    async run({ everywhere, namespace }) {
      const all = everywhere('v1', 'namespaces');
      await all.patch(namespace, 'strategic', { metadata: { labels: { testLabel: 'testValue' } } });
      assert.is((await all.get(namespace)).metadata.labels.testLabel, 'testValue');
    },
  },
  {
    id: 'C038',
    async run(check) {
      const quotas = check.namespaced('v1', 'resourcequotas');
      const all = check.everywhere('v1', 'resourcequotas');
      const name = 'e2e-quota';
      const labels = { [name]: check.unique };
      const hard = { 'count/replicasets.apps': '5', memory: '500Mi' };
      await quotas.create({ metadata: { name, labels }, spec: { hard } });
      assert.equal((await quotas.get(name)).spec.hard, hard);
      const listed = await all.list(labelled(labels));
      assert.equal(names(listed), [name]);
      const patch = { metadata: { labels: { [name]: 'patched' } }, spec: { hard: { memory: '750Mi' } } };
      const patched = await quotas.patch(name, 'strategic', patch);
      assert.is(patched.metadata.labels[name], 'patched');
      assert.equal(patched.spec.hard, { ...hard, memory: '750Mi' });
      await quotas.deleteCollection(labelled({ [name]: 'patched' }));
      await quotas.gone(name);
      assert.equal(names(await all.list(labelled({ [name]: 'patched' }))), []);
    },
  },
  {
    id: 'C247',
    async run(check) {
      const ranges = check.namespaced('v1', 'limitranges');
      const labels = { time: check.unique };
      const watch = ranges.watch(labelled(labels));
      await ranges.create(limitRange('limit-range', labels));
      await seen(watch, 'ADDED');
      watch.stop();
      const range = await ranges.get('limit-range');
      const [{ default: limits, defaultRequest: requests }] = range.spec.limits;
      assert.equal(
        { limits, requests },
        { limits: amounts('500m', '500Mi', '500Gi'), requests: amounts('100m', '200Mi', '200Gi') },
      );

      const pods = check.namespaced('v1', 'pods');
      const admitted = async (name: string, resources: object): Promise<object> => {
        await pods.create(podWith(name, resources));
        return (await pods.get(name)).spec.containers[0].resources;
      };
      // Of more than the default limit, validation says so before admission can.
      const rejected = async (resources: object): Promise<void> => {
        const { code, text } = await check.api.post(pods.path, podWith('pfpod', resources));
        assert.ok(code === 403 || code === 422, text);
      };
      assert.equal(await admitted('pod-no-resources', {}), { limits, requests });
      const partial = { requests: { memory: '150Mi', 'ephemeral-storage': '150Gi' }, limits: { cpu: '300m' } };
      assert.equal(await admitted('pod-partial-resources', partial), {
        requests: amounts('300m', '150Mi', '150Gi'),
        limits: amounts('300m', '500Mi', '500Gi'),
      });
      await rejected({ requests: amounts('10m', '50Mi', '50Gi') });
      await rejected({ requests: amounts('600m', '600Mi', '600Gi') });

      const min = amounts('9m', '49Mi', '49Gi');
      const updated = await ranges.update({ ...range, spec: { limits: [{ ...range.spec.limits[0], min }] } });
      assert.equal(updated.spec.limits[0].min, min);
      await admitted('pfpod', { requests: amounts('10m', '50Mi', '50Gi') });
      await rejected({ requests: amounts('600m', '600Mi', '600Gi') });
      await ranges.delete('limit-range', { gracePeriodSeconds: 30 });
      await ranges.gone('limit-range');
      await eventually('what was too much is admitted', async () => {
        const answer = await check.api.post(
          pods.path,
          podWith('pfpod2', { requests: amounts('600m', '600Mi', '600Gi') }),
        );
        return answer.code === 201;
      });
    },
  },
  {
    id: 'C248',
    async run(check) {
      const name = 'e2e-limitrange';
      const labels = { 'e2e-test': check.unique, [name]: 'created' };
      const here = check.namespaced('v1', 'limitranges');
      const there = check.namespaced('v1', 'limitranges', await check.anotherNamespace());
      const created = await here.create(limitRange(name, labels));
      await there.create(limitRange(name, labels));
      const all = check.everywhere('v1', 'limitranges');
      const bothOf = labelled({ 'e2e-test': check.unique });
      assert.equal(names(await all.list(bothOf)), [name, name]);
      const min = amounts('9m', '49Mi', '49Gi');
      const { creationTimestamp } = created.metadata;
      const patched = await here.patch(name, 'strategic', {
        metadata: { creationTimestamp, labels: { [name]: 'patched' } },
        spec: { limits: [{ ...created.spec.limits[0], min }] },
      });
      assert.is(patched.metadata.labels[name], 'patched');
      assert.is(patched.spec.limits.length, 1);
      assert.equal(patched.spec.limits[0].min, min);
      await here.deleteCollection(labelled({ [name]: 'patched' }));
      await emptied(here);
      const left = await all.list(bothOf);
      assert.equal(names(left), [name]);
      assert.is.not(left.items[0].metadata.namespace, check.namespace);
    },
  },
];

function emptied(resource: Resource): Promise<void> {
  return eventually(`${resource.path} is empty`, async () => (await resource.list()).items.length === 0);
}

function amounts(cpu: string, memory: string, storage: string): Record<string, string> {
  return { cpu, memory, 'ephemeral-storage': storage };
}

function limitRange(name: string, labels: Record<string, string>): object {
  const limits = {
    type: 'Container',
    min: amounts('50m', '100Mi', '100Gi'),
    max: amounts('500m', '500Mi', '500Gi'),
    default: amounts('500m', '500Mi', '500Gi'),
    defaultRequest: amounts('100m', '200Mi', '200Gi'),
    maxLimitRequestRatio: {},
  };
  return { apiVersion: 'v1', kind: 'LimitRange', metadata: { name, labels }, spec: { limits: [limits] } };
}

function podWith(name: string, resources: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'pause', image: 'pause', resources }] },
  };
}
