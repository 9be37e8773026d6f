/** Events of both groups. Source: Kubernetes v1.36, test/e2e/instrumentation/{events,core_events}.go. */
import * as assert from 'uvu/assert';
import { type Body, eventually, labelled, names, type Resource } from '../kit/resource.ts';
import type { Row } from '../row.ts';

const GROUP = 'events.k8s.io/v1';

export const EVENTS: readonly Row[] = [
  {
    id: 'C122',
    async run(check) {
      const labels = { 'testevent-set': check.unique };
      await threeThenNone(check.namespaced(GROUP, 'events'), labels, (name) => newEvent(name, check.namespace, labels));
    },
  },
  {
    id: 'C123',
    async run(check) {
      const events = check.namespaced(GROUP, 'events');
      const all = check.everywhere(GROUP, 'events');
      const labels = { 'testevent-constant': check.unique };
      const created = await events.create(newEvent('test-event', check.namespace, labels));
      assert.is(created.eventTime, '2020-01-01T00:00:00.000000Z');
      for (const place of [events, all]) assert.equal(names(await place.list(labelled(labels))), ['test-event']);
      const got = await events.get('test-event');
      const core = await check.namespaced('v1', 'events').get('test-event');
      assert.is(core.message, got.note, 'one object, seen through both groups');
      assert.equal(core.involvedObject, got.regarding);

      const series = { count: 2, lastObservedTime: '2017-09-19T13:49:16.000000Z' };
      await events.patch('test-event', 'strategic', { series });
      const patched = await events.get('test-event');
      assert.equal(patched.series, series);
      assert.equal(stripped({ ...patched, series: undefined }), stripped({ ...got, series: undefined }));
      const further = { ...series, count: 100 };
      await events.update({ ...patched, series: further });
      const updated = await events.get('test-event');
      assert.equal(updated.series, further);
      await events.delete('test-event');
      for (const place of [events, all]) assert.equal(names(await place.list(labelled(labels))), []);
    },
  },
  {
    id: 'C124',
    async run(check) {
      const labels = { 'testevent-set': check.unique };
      await threeThenNone(check.namespaced('v1', 'events'), labels, (name) => coreEvent(name, check.namespace, labels));
    },
  },
  {
    id: 'C125',
    async run(check) {
      const events = check.namespaced('v1', 'events');
      const all = check.everywhere('v1', 'events');
      const labels = { 'testevent-constant': check.unique };
      await events.create(coreEvent('event-test', check.namespace, labels));
      assert.equal(names(await all.list(labelled(labels))), ['event-test']);
      const message = 'This is a test event - patched';
      await events.patch('event-test', 'strategic', { message });
      const patched = await events.get('event-test');
      assert.is(patched.message, message);
      const series = { count: 100, lastObservedTime: '2017-09-19T13:49:16.000000Z' };
      await events.update({ ...patched, series });
      const updated = await events.get('event-test');
      assert.equal(updated.series, series);
      await events.delete('event-test');
      assert.equal(names(await all.list(labelled(labels))), []);
    },
  },
];

async function threeThenNone(
  events: Resource,
  labels: Record<string, string>,
  make: (name: string) => Body,
): Promise<void> {
  for (const name of ['test-event-1', 'test-event-2', 'test-event-3']) await events.create(make(name));
  await events.create({ ...make('other'), metadata: { name: 'other' } });
  assert.is((await events.list(labelled(labels))).items.length, 3);
  await events.deleteCollection(labelled(labels));
  await eventually('none is left', async () => (await events.list(labelled(labels))).items.length === 0);
  assert.ok(names(await events.list()).includes('other'));
}

/** Without what every write changes. */
function stripped(object: Body): Body {
  const { resourceVersion: _, managedFields: __, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function newEvent(name: string, namespace: string, labels: Record<string, string>): Body {
  return {
    apiVersion: GROUP,
    kind: 'Event',
    metadata: { name, labels },
    regarding: { namespace },
    eventTime: '2020-01-01T00:00:00.000000Z',
    note: `This is ${name}`,
    action: 'Do',
    reason: 'Test',
    type: 'Normal',
    reportingController: 'test-controller',
    reportingInstance: 'test-node',
  };
}

function coreEvent(name: string, namespace: string, labels: Record<string, string>): Body {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, labels },
    message: 'This is a test event',
    reason: 'Test',
    type: 'Normal',
    count: 1,
    involvedObject: { namespace },
  };
}
