/** Who follows a kind: what it is told at first and later, alone and beside others. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../core/index.ts';
import type { ApiClient, WatchEvent, WatchOptions } from '../../../runtime/api/client.ts';
import { Informer } from '../../../runtime/schedule/informer.ts';

const MAPS = { group: '', resource: 'configmaps' };

/** A client of which only lists and watches are used. */
class Lister {
  items: KubeObject[] = [];
  lists = 0;
  refused = false;
  readonly open = new Set<WatchOptions>();

  get client(): ApiClient {
    return this as unknown as ApiClient;
  }

  async list(): Promise<{ resourceVersion: string; items: KubeObject[] }> {
    this.lists++;
    if (this.refused) throw new Error('refused');
    return { resourceVersion: '1', items: [...this.items] };
  }

  watch(_: unknown, options: WatchOptions): { stop(): void } {
    this.open.add(options);
    return { stop: () => void this.open.delete(options) };
  }

  tell(...events: WatchEvent[]): void {
    for (const { onEvents } of [...this.open]) onEvents(events);
  }

  async close(): Promise<void> {
    for (const options of [...this.open]) {
      this.open.delete(options);
      options.onClose?.(new Error('history is lost'));
    }
    await settled();
  }
}

const settled = (): Promise<void> => new Promise((next) => setImmediate(next));

function map(name: string, version: number, uid = name): KubeObject {
  const metadata = { name, namespace: 'ns', uid, resourceVersion: String(version) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata } as KubeObject;
}

function informerOf(lister: Lister): { told: string[]; informer: Informer } {
  const told: string[] = [];
  const text = ({ metadata: { uid, resourceVersion } }: KubeObject): string => `${uid}@${resourceVersion}`;
  const informer = new Informer(lister.client, MAPS, {
    changed: (object, old) => void told.push(old ? `${text(old)} is ${text(object)}` : `${text(object)} is new`),
    gone: (object) => void told.push(`${text(object)} is gone`),
    told: () => void told.push('.'),
  });
  return { told, informer };
}

const test = suite<{ lister: Lister }>('informer');
test.before.each((context) => {
  context.lister = new Lister();
  context.lister.items = [map('a', 1), map('b', 1)];
});

test('is told what there is, then what changes with what it was, then what goes', async ({ lister }) => {
  const { told, informer } = informerOf(lister);
  await informer.start();
  lister.tell({ type: 'MODIFIED', object: map('a', 2) }, { type: 'DELETED', object: map('b', 3) });
  assert.equal(told, ['a@1 is new', 'b@1 is new', '.', 'a@1 is a@2', 'b@3 is gone', '.']);
});

test('what it knows already is not told again', async ({ lister }) => {
  const { told, informer } = informerOf(lister);
  await informer.start();
  lister.tell({ type: 'ADDED', object: map('a', 1) });
  assert.equal(told.slice(3), ['.']);
});

test('another object of the same name: the old one has gone first', async ({ lister }) => {
  const { told, informer } = informerOf(lister);
  await informer.start();
  lister.tell({ type: 'MODIFIED', object: map('a', 2, 'other') }, { type: 'DELETED', object: map('a', 3, 'third') });
  assert.equal(told.slice(3), ['a@1 is gone', 'other@2 is new', 'other@2 is gone', '.']);
});

test('when history is lost: only what has changed and what has gone meanwhile', async ({ lister }) => {
  const { told, informer } = informerOf(lister);
  await informer.start();
  lister.items = [map('a', 1), map('c', 4)];
  await lister.close();
  assert.equal(told.slice(3), ['c@4 is new', 'b@1 is gone', '.']);
  assert.is(lister.open.size, 1);
});

test('two of one client share a list and a watch, and each is told all', async ({ lister }) => {
  const [one, other] = [informerOf(lister), informerOf(lister)];
  await Promise.all([one.informer.start(), other.informer.start()]);
  lister.tell({ type: 'MODIFIED', object: map('a', 2) });
  assert.equal(one.told, ['a@1 is new', 'b@1 is new', '.', 'a@1 is a@2', '.']);
  assert.equal(other.told, one.told);
  assert.equal([lister.lists, lister.open.size], [1, 1]);
});

test('one that throws keeps no other from hearing of it', async ({ lister }) => {
  let isFaulty = false;
  const faulty = new Informer(lister.client, MAPS, {
    changed() {
      if (isFaulty) throw new Error('faulty');
    },
    gone() {},
  });
  await faulty.start();
  isFaulty = true;
  const { told, informer } = informerOf(lister);
  await informer.start();
  assert.throws(() => lister.tell({ type: 'MODIFIED', object: map('a', 2) }), 'faulty');
  assert.equal(told.slice(3), ['a@1 is a@2', '.']);
});

test('one that comes later is told what there is by then', async ({ lister }) => {
  const [one, other] = [informerOf(lister), informerOf(lister)];
  await one.informer.start();
  lister.tell({ type: 'MODIFIED', object: map('a', 2) }, { type: 'DELETED', object: map('b', 3) });
  await other.informer.start();
  lister.tell({ type: 'ADDED', object: map('c', 4) });
  assert.equal(other.told, ['a@2 is new', '.', 'c@4 is new', '.']);
});

test('the watch ends with the last of them, and one that comes then lists anew', async ({ lister }) => {
  const [one, other, third] = [informerOf(lister), informerOf(lister), informerOf(lister)];
  await one.informer.start();
  await other.informer.start();
  one.informer.stop();
  lister.tell({ type: 'MODIFIED', object: map('a', 2) });
  assert.equal(one.told.length, 3);
  assert.equal(other.told.slice(3), ['a@1 is a@2', '.']);
  other.informer.stop();
  other.informer.stop();
  assert.is(lister.open.size, 0);
  await third.informer.start();
  assert.is(lister.lists, 2);
});

test('one that is stopped before the list has come is told nothing, and leaves no watch', async ({ lister }) => {
  const { told, informer } = informerOf(lister);
  const started = informer.start();
  informer.stop();
  await started;
  assert.equal([told.length, lister.open.size], [0, 0]);
});

test('a list that is refused is told to all who wait for it, and the next start asks again', async ({ lister }) => {
  lister.refused = true;
  const [one, other, third] = [informerOf(lister), informerOf(lister), informerOf(lister)];
  const results = await Promise.allSettled([one.informer.start(), other.informer.start()]);
  assert.equal(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  lister.refused = false;
  await third.informer.start();
  assert.equal([lister.lists, third.told.length, one.told.length], [2, 3, 0]);
});

test('other clients and other versions have watches of their own', async ({ lister }) => {
  const stranger = new Lister();
  await informerOf(lister).informer.start();
  await informerOf(stranger).informer.start();
  await new Informer(lister.client, { ...MAPS, version: 'v2' }, { changed() {}, gone() {} }).start();
  assert.equal([lister.lists, stranger.lists], [2, 1]);
});

test.run();
