/** Watches. Source: Kubernetes v1.36, test/e2e/apimachinery/watch.go. */
import * as assert from 'uvu/assert';
import type { SeenEvent, SeenWatch } from '../../support/api-client.ts';
import { type Body, labelled, type Resource, seen } from '../kit/resource.ts';
import type { Row } from '../row.ts';

const LABEL = 'watch-this-configmap';

export const WATCH: readonly Row[] = [
  {
    id: 'C009',
    async run(check) {
      const maps = check.namespaced('v1', 'configmaps');
      const selector = labelled({ [LABEL]: 'watch-closed-and-restarted' });
      const first = maps.watch(selector);
      const created = await maps.create(labelledMap('watched', 'watch-closed-and-restarted'));
      await seen(first, 'ADDED');
      const changed = await mutate(maps, created, '1');
      await seen(first, 'MODIFIED', (object) => object.data.mutation === '1');
      first.stop();
      const last = first.events.at(-1)?.object.metadata.resourceVersion;
      assert.is(last, changed.metadata.resourceVersion);
      await mutate(maps, changed, '2');
      const second = maps.watch(`${selector}&resourceVersion=${last}`);
      await seen(second, 'MODIFIED', (object) => object.data.mutation === '2');
      await maps.delete('watched');
      await seen(second, 'DELETED', (object) => object.data.mutation === '2');
      assert.equal(types(second), ['MODIFIED', 'DELETED']);
      second.stop();
    },
  },
  {
    id: 'C010',
    async run(check) {
      const maps = check.namespaced('v1', 'configmaps');
      const created = await maps.create(labelledMap('watched', 'from-resource-version'));
      const first = await mutate(maps, created, '1');
      await mutate(maps, first, '2');
      await maps.delete('watched');
      const selector = labelled({ [LABEL]: 'from-resource-version' });
      const watch = maps.watch(`${selector}&resourceVersion=${first.metadata.resourceVersion}`);
      await seen(watch, 'DELETED', (object) => object.data.mutation === '2');
      assert.equal(types(watch), ['MODIFIED', 'DELETED']);
      assert.is(watch.events[0].object.data.mutation, '2');
      watch.stop();
    },
  },
  {
    id: 'C011',
    async run(check) {
      const maps = check.namespaced('v1', 'configmaps');
      const a = maps.watch(labelled({ [LABEL]: 'a' }));
      const b = maps.watch(labelled({ [LABEL]: 'b' }));
      const both = maps.watch(labelled(`${LABEL} in (a,b)`));
      let mapA = await maps.create(labelledMap('map-a', 'a'));
      mapA = await mutate(maps, mapA, '1');
      await mutate(maps, mapA, '2');
      await maps.delete('map-a');
      await maps.create(labelledMap('map-b', 'b'));
      await maps.delete('map-b');
      await both.until((events) => events.length >= 6);
      const ofA = ['ADDED map-a', 'MODIFIED map-a 1', 'MODIFIED map-a 2', 'DELETED map-a 2'];
      const ofB = ['ADDED map-b', 'DELETED map-b'];
      await a.until((events) => events.length >= 4);
      await b.until((events) => events.length >= 2);
      assert.equal(a.events.map(told), ofA);
      assert.equal(b.events.map(told), ofB);
      assert.equal(both.events.map(told), [...ofA, ...ofB]);
      for (const watch of [a, b, both]) watch.stop();
    },
  },
  {
    id: 'C012',
    async run(check) {
      const maps = check.namespaced('v1', 'configmaps');
      const watch = maps.watch(labelled({ [LABEL]: 'inside' }));
      let map = await maps.create(labelledMap('watched', 'inside'));
      map = await mutate(maps, map, '1');
      await relabel(maps, 'outside');
      const left = await seen(watch, 'DELETED');
      assert.is(left.metadata.labels[LABEL], 'inside', 'as it was when it still fitted');
      const outside = await maps.get('watched');
      assert.is(left.metadata.resourceVersion, outside.metadata.resourceVersion, 'of the change that took it out');
      await mutate(maps, outside, '2');
      await relabel(maps, 'inside');
      await watch.until((events) => events.length >= 4);
      await mutate(maps, await maps.get('watched'), '3');
      await maps.delete('watched');
      await watch.until((events) => events.length >= 6);
      assert.equal(watch.events.map(told), [
        'ADDED watched',
        'MODIFIED watched 1',
        'DELETED watched 1',
        'ADDED watched 2',
        'MODIFIED watched 3',
        'DELETED watched 3',
      ]);
      watch.stop();
    },
  },
  {
    id: 'C013',
    async run(check) {
      const maps = check.namespaced('v1', 'configmaps');
      const { metadata } = await maps.list();
      const first = maps.watch(`resourceVersion=${metadata.resourceVersion}`);
      await Promise.all([1, 2, 3].map((writer) => writeAndDelete(maps, writer)));
      await first.until((events) => events.length >= 60);
      const order = first.events.map(versioned);
      const later = first.events.slice(0, -1).map(({ object }, i) => ({
        expected: order.slice(i + 1),
        watch: maps.watch(`resourceVersion=${object.metadata.resourceVersion}`),
      }));
      for (const { expected, watch } of later) {
        await watch.until((events) => events.length >= expected.length);
        assert.equal(watch.events.map(versioned), expected);
        watch.stop();
      }
      first.stop();
    },
  },
];

function labelledMap(name: string, label: string): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { [LABEL]: label } } };
}

function mutate(maps: Resource, map: Body, mutation: string): Promise<Body> {
  return maps.update({ ...map, data: { mutation } });
}

async function relabel(maps: Resource, label: string): Promise<void> {
  await maps.patch('watched', 'merge', { metadata: { labels: { [LABEL]: label } } });
}

/** Ten creates, five changes, five deletes. */
async function writeAndDelete(maps: Resource, writer: number): Promise<void> {
  for (let i = 0; i < 10; i++) {
    const created = await maps.create(labelledMap(`map-${writer}-${i}`, 'ordered'));
    if (i % 2 === 0) await mutate(maps, created, String(i));
    else await maps.delete(`map-${writer}-${i}`);
  }
}

function told({ type, object }: SeenEvent): string {
  return [type, object.metadata.name, object.data?.mutation].filter((part) => part !== undefined).join(' ');
}

function versioned({ type, object }: SeenEvent): string {
  return `${type} ${object.metadata.name} ${object.metadata.resourceVersion}`;
}

function types({ events }: SeenWatch): string[] {
  return events.map(({ type }) => type);
}
