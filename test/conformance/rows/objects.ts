/** ConfigMaps, Secrets, Leases, PodTemplates. Source: Kubernetes v1.36, test/e2e/common/{node,storage}/*.go. */
import * as assert from 'uvu/assert';
import { type Body, held, labelled, names, type Resource, refused, seen } from '../kit/resource.ts';
import type { Check, Row } from '../row.ts';

export const OBJECTS: readonly Row[] = [
  { id: 'C169', run: (check) => emptyKey(check, 'configmaps', 'value-1') },
  { id: 'C234', run: (check) => emptyKey(check, 'secrets', base64('value-1\n')) },
  {
    id: 'C170',
    async run(check) {
      const maps = check.namespaced('v1', 'configmaps');
      const all = check.everywhere('v1', 'configmaps');
      const labels = { 'test-configmap-static': check.unique };
      const watch = maps.watch(labelled(labels));
      await maps.create({ metadata: { name: 'test-configmap', labels }, data: { valueName: 'value' } });
      await seen(watch, 'ADDED');
      const patch = { metadata: { labels: { 'test-configmap': 'patched' } }, data: { valueName: 'value1' } };
      await maps.patch('test-configmap', 'strategic', patch);
      await seen(watch, 'MODIFIED', (map) => map.data.valueName === 'value1');
      const { data, metadata } = await maps.get('test-configmap');
      assert.is(data.valueName, 'value1');
      assert.equal(metadata.labels, { ...labels, 'test-configmap': 'patched' });
      assert.equal(names(await all.list(labelled(labels))), ['test-configmap']);
      await maps.deleteCollection(labelled(labels));
      await seen(watch, 'DELETED');
      assert.equal(names(await maps.list(labelled(labels))), []);
      watch.stop();
    },
  },
  {
    id: 'C235',
    async run(check) {
      const secrets = check.namespaced('v1', 'secrets');
      const all = check.everywhere('v1', 'secrets');
      const labels = { 'testsecret-constant': check.unique };
      await secrets.create({
        metadata: { name: 'test-secret', labels },
        data: { key: base64('value') },
        type: 'Opaque',
      });
      assert.equal(names(await all.list(labelled(labels))), ['test-secret']);
      const patch = { metadata: { labels: { testsecret: 'true' } }, data: { key: base64('value1') } };
      await secrets.patch('test-secret', 'strategic', patch);
      const { data } = await secrets.get('test-secret');
      assert.is(Buffer.from(data.key, 'base64').toString(), 'value1');
      await secrets.deleteCollection('labelSelector=testsecret%3Dtrue');
      assert.equal(names(await all.list(labelled(labels))), []);
    },
  },
  { id: 'C264', run: (check) => immutable(check, 'configmaps', (text) => ({ data: { data: text } })) },
  {
    id: 'C277',
    run: (check) => immutable(check, 'secrets', (text) => ({ data: { data: base64(text) }, type: 'Opaque' })),
  },
  {
    id: 'C201',
    async run(check) {
      const leases = check.namespaced('coordination.k8s.io/v1', 'leases');
      // The first seconds of the year one, as Go writes them from an empty time.
      const spec = leaseSpec('holder', '0001-01-01T00:00:02.000000Z');
      const created = await leases.create({ metadata: { name: 'lease' }, spec });
      assert.equal((await leases.get('lease')).spec, spec);
      const next = leaseSpec('holder2', '0001-01-01T00:00:20.000000Z', 1);
      await leases.update({ ...created, spec: next });
      assert.equal((await leases.get('lease')).spec, next);
      const last = leaseSpec('holder3', '0001-01-01T00:00:50.000000Z', 2);
      await leases.patch('lease', 'strategic', { spec: last });
      assert.equal((await leases.get('lease')).spec, last);
      await leases.create({ metadata: { name: 'lease2', labels: { deletecollection: 'true' } }, spec });
      assert.equal(names(await leases.list()), ['lease', 'lease2']);
      await leases.deleteCollection('labelSelector=deletecollection%3Dtrue');
      assert.equal(names(await leases.list()), ['lease']);
      assert.is((await leases.delete('lease')).status, 'Success');
      refused(await check.api.get(`${leases.path}/lease`), 404, 'NotFound');
      await check.everywhere('coordination.k8s.io/v1', 'leases').list();
    },
  },
  {
    id: 'C205',
    async run(check) {
      const templates = check.namespaced('v1', 'podtemplates');
      const labels = { 'podtemplate-set': check.unique };
      for (const name of ['test-podtemplate-1', 'test-podtemplate-2', 'test-podtemplate-3']) {
        await templates.create(podTemplate(name, labels));
      }
      assert.is((await templates.list(labelled(labels))).items.length, 3);
      await templates.deleteCollection(labelled(labels));
      assert.is((await templates.list(labelled(labels))).items.length, 0);
    },
  },
  {
    id: 'C206',
    async run(check) {
      const templates = check.namespaced('v1', 'podtemplates');
      const created = await templates.create(podTemplate('podtemplate', { 'podtemplate-set': check.unique }));
      const metadata = { ...created.metadata, annotations: { updated: 'true' } };
      const updated = await templates.update({ ...created, metadata });
      assert.is(updated.metadata.annotations.updated, 'true');
      assert.equal(updated.template, created.template);
    },
  },
  {
    id: 'C207',
    async run(check) {
      const templates = check.namespaced('v1', 'podtemplates');
      const labels = { 'podtemplate-static': check.unique };
      await templates.create(podTemplate('nginx-pod-template', labels));
      const all = check.everywhere('v1', 'podtemplates');
      assert.equal(names(await all.list(labelled(labels))), ['nginx-pod-template']);
      await templates.patch('nginx-pod-template', 'strategic', { metadata: { labels: { podtemplate: 'patched' } } });
      assert.is((await templates.get('nginx-pod-template')).metadata.labels.podtemplate, 'patched');
      await templates.delete('nginx-pod-template');
      assert.equal(names(await all.list(labelled(labels))), []);
    },
  },
];

async function emptyKey({ api, namespaced }: Check, plural: string, value: string): Promise<void> {
  const { path } = namespaced('v1', plural);
  for (const key of ['', '.', '..', 'no spaces', 'a'.repeat(254)]) {
    const status = refused(
      await api.post(path, { metadata: { name: 'emptykey' }, data: { [key]: value } }),
      422,
      'Invalid',
    );
    assert.ok(status.details.causes[0].field.startsWith('data['), status.message);
  }
  held(await api.post(path, { metadata: { name: 'fullkey' }, data: { ['a'.repeat(253)]: value } }), 201);
}

/** Immutable once said to be: data stays, and so does the word; metadata may change, and the object may go. */
async function immutable(check: Check, plural: string, content: (text: string) => object): Promise<void> {
  const own: Resource = check.namespaced('v1', plural);
  const name = 'immutable';
  const refuses = async (object: Body): Promise<void> =>
    void refused(await check.api.put(`${own.path}/${name}`, object), 422, 'Invalid');
  const created = await own.create({ metadata: { name }, ...content('value') });
  const changed = await own.update({ ...created, ...content('changed') });
  const marked = await own.update({ ...changed, immutable: true });
  await refuses({ ...marked, ...content('again') });
  const { immutable: _, ...unmarked } = marked;
  await refuses(unmarked);
  await refuses({ ...marked, immutable: false });
  const metadata = { ...marked.metadata, labels: { label: 'value' } };
  const relabelled = await own.update({ ...marked, metadata });
  assert.is(relabelled.metadata.labels.label, 'value');
  assert.is(relabelled.immutable, true);
  await own.delete(name);
  await own.gone(name);
}

function leaseSpec(holderIdentity: string, time: string, leaseTransitions = 0): object {
  return { holderIdentity, leaseDurationSeconds: 30, acquireTime: time, renewTime: time, leaseTransitions };
}

function podTemplate(name: string, labels: Record<string, string>): object {
  return { metadata: { name, labels }, template: { spec: { containers: [{ name: 'nginx', image: 'nginx' }] } } };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
