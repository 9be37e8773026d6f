/** The etcd backend: what all backends promise, two stores on one etcd, and an etcd that is absent, stuck, killed or full. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CompactedError,
  InvalidRequestError,
  StoreFullError,
  StoreNotEmptyError,
  StoreUnavailableError,
} from '../../../runtime/store/errors.ts';
import { openEtcdStore, restoreEtcdStore } from '../../../runtime/store/etcd/etcd-store.ts';
import type { Store } from '../../../runtime/store/store.ts';
import { Etcd, whyNoEtcd } from './etcd.ts';
import { newFolder } from './folder.ts';
import { committed, create, rejection, textOf, textsOf, txn } from './requests.ts';
import { storeSuite } from './suite.ts';
import { Watching } from './watching.ts';

const reason = whyNoEtcd();
if (reason !== undefined) console.log(`skipped: the etcd backend, as ${reason}`);
const etcd = reason === undefined ? await Etcd.start() : undefined;
let stores = 0;

/** Of a store that no other test has. */
function options(): { url: string; prefix: string } {
  return { url: etcd?.url ?? '', prefix: `/test-${stores++}/` };
}

/** Two on the same keys. */
async function withStores(url: string, body: (one: Store, other: Store) => Promise<void>): Promise<void> {
  const same = { url, prefix: `/test-${stores++}/`, timeoutMs: 10_000 };
  const [one, other] = await Promise.all([openEtcdStore(same), openEtcdStore(same)]);
  await body(one, other).finally(() => Promise.all([one.close(), other.close()]));
}

test('etcd: an address that is none is refused with what is wrong', async () => {
  const cases: [string, RegExp][] = [
    ['http://127.0.0.1:2379', /no etcd:\/\/host:port/],
    ['etcd://', /no etcd:\/\/host:port/],
    ['etcd://127.0.0.1', /'127.0.0.1'/],
    ['etcd://127.0.0.1:2379/x', /'127.0.0.1:2379\/x'/],
    ['etcd://one:2379,127.0.0.1:2379', /'one:2379'/],
  ];
  for (const [url, says] of cases) {
    const error = await rejection(openEtcdStore({ url }));
    assert.instance(error, InvalidRequestError, url);
    assert.match(error.message, says);
  }
});

test('etcd: where there is none, every call says so within its time', async () => {
  const store = await openEtcdStore({ url: 'etcd://127.0.0.1:1', timeoutMs: 300 });
  const watching = new Watching(store, { prefix: '', after: 0 });
  const calls = [store.revision(), store.get('a'), store.list({ prefix: '' }), store.txn(txn('a=1')), store.health()];
  for (const error of await Promise.all(calls.map(rejection))) assert.instance(error, StoreUnavailableError);
  assert.is(watching.failure, undefined);
  await store.close();
});

if (etcd !== undefined) {
  storeSuite({
    name: 'etcd',
    open: () => openEtcdStore(options()),
    restore: async (path) => {
      const target = options();
      await restoreEtcdStore(path, target);
      return openEtcdStore(target);
    },
    keepsRevisions: false,
  });
  ofTwoStores(etcd);
  ofRestores();
  ofFaults();
  test.after(() => etcd.kill());
}

function ofTwoStores({ url }: Etcd): void {
  test("etcd: two stores see each other's writes at once, and tell each other's watches", () =>
    withStores(url, async (one, other) => {
      const after = await one.revision();
      const watching = new Watching(other, { prefix: 'w/', after });
      const first = committed(await one.txn(txn('w/a=1', 'x=1')));
      const entry = await other.get('w/a');
      assert.equal([entry && textOf(entry), entry?.modRevision], ['w/a=1', first]);
      await other.txn({ compares: [{ key: 'w/a', modRevision: first }], writes: [{ key: 'w/a', delete: true }] });
      assert.is(await one.get('w/a'), undefined);
      await watching.until(({ count }) => count === 2);
      assert.is(watching.told, 'put w/a | delete w/a');
    }));

  test('etcd: of two stores that make the same keys, one makes each', () =>
    withStores(url, async (one, other) => {
      const makes = (store: Store): Promise<boolean[]> =>
        Promise.all(Array.from({ length: 50 }, async (_, i) => (await store.txn(create(`k${i}=1`))).committed));
      const [left, right] = await Promise.all([makes(one), makes(other)]);
      assert.ok(left.every((made, i) => made !== right[i]));
    }));

  test('etcd: neither sees what lies beside its prefix', async () => {
    const [one, other] = await Promise.all([
      openEtcdStore({ url, prefix: '/side/' }),
      openEtcdStore({ url, prefix: '/side0/' }),
    ]);
    const watching = new Watching(one, { prefix: '', after: await one.revision() });
    await other.txn(txn('a=1'));
    await one.txn(txn('b=1'));
    await watching.until(({ count }) => count === 1);
    assert.is(watching.told, 'put b');
    assert.is(textsOf((await one.list({ prefix: '' })).entries), 'b=1');
    await Promise.all([one.close(), other.close()]);
  });

  test('etcd: history is compacted by number of revisions', async () => {
    const store = await openEtcdStore({ ...options(), retention: { revisions: 20 } });
    const first = committed(await store.txn(txn('a=0')));
    for (let i = 1; i < 60; i++) await store.txn(txn(`a=${i}`));
    let error: Error | undefined;
    while (error === undefined) await store.get('a', first).catch((reason: Error) => (error = reason));
    assert.instance(error, CompactedError);
    assert.ok(await store.get('a', (await store.revision()) - 20));
    await store.close();
  });
}

function ofRestores(): void {
  test('etcd: a restore replaces what is there only when asked to', async () => {
    const target = options();
    const store = await openEtcdStore(target);
    await store.txn(txn('a=1', 'b=1'));
    const path = `${newFolder()}/snapshot`;
    await store.save(path);
    for (let from = 0; from < 300; from += 100)
      await store.txn(txn(...Array.from({ length: 100 }, (_, i) => `c/${from + i}=1`)));
    assert.instance(await rejection(restoreEtcdStore(path, target)), StoreNotEmptyError);
    assert.is((await store.list({ prefix: '' })).entries.length, 302);
    await restoreEtcdStore(path, { ...target, replace: true });
    assert.is(textsOf((await store.list({ prefix: '' })).entries), 'a=1 b=1');
    await store.close();
  });
}

function ofFaults(): void {
  test('etcd: killed and started again, nothing answered is lost and watches go on without a gap', async () => {
    const own = await Etcd.start();
    await withStores(own.url, async (one, other) => {
      const after = await one.revision();
      const watching = new Watching(other, { prefix: '', after });
      const answered: string[] = [];
      let stop = false;
      const writing = Promise.all(
        Array.from({ length: 8 }, async (_, writer) => {
          for (let i = 0; !stop; i++) {
            const put = `${writer}/${i}`;
            // A txn that fails may have been committed; only what was answered must be there.
            await one.txn(txn(`${put}=1`)).then(
              () => answered.push(put),
              (error) => assert.instance(error, StoreUnavailableError),
            );
          }
        }),
      );
      for (let round = 0; round < 2; round++) {
        const before = answered.length;
        await watching.until(({ count }) => count > before + 50);
        await own.kill();
        await own.start();
      }
      const before = watching.count;
      await watching.until(({ count }) => count > before + 50);
      stop = true;
      await writing;
      const { entries } = await one.list({ prefix: '' });
      const there = new Set(entries.map(({ key }) => key));
      assert.equal(
        answered.filter((put) => !there.has(put)),
        [],
      );
      await watching.until(({ count }) => count === entries.length);
      const told = watching.calls.map(({ revision }) => revision);
      assert.equal(
        told,
        [...new Set(told)].sort((a, b) => a - b),
      );
      assert.equal(
        told,
        entries.map(({ modRevision }) => modRevision).sort((a, b) => a - b),
      );
    }).finally(() => own.kill());
  });

  test('etcd: stuck, it holds no call beyond its time; when it goes on, so do calls and watches', async () => {
    const own = await Etcd.start();
    const store = await openEtcdStore({ url: own.url, timeoutMs: 1_000 });
    try {
      let up = false;
      while (!up)
        up = await store.health().then(
          () => true,
          () => false,
        );
      const watching = new Watching(store, { prefix: '', after: await store.revision() });
      await store.txn(txn('a=1'));
      await watching.until(({ count }) => count === 1);
      await own.pause();
      const errors = await Promise.all([store.get('a'), store.list({ prefix: '' }), store.health()].map(rejection));
      for (const error of errors) assert.instance(error, StoreUnavailableError);
      own.goOn();
      let done = false;
      while (!done)
        done = await store.txn(create('b=1')).then(
          () => true,
          () => false,
        );
      await watching.until(({ count }) => count === 2);
      assert.is(watching.told, 'put a | put b');
    } finally {
      own.goOn();
      await store.close();
      await own.kill();
    }
  });

  test('etcd: the second of two addresses answers where the first does not', async () => {
    const store = await openEtcdStore({ ...options(), url: `etcd://127.0.0.1:1,${etcd?.url.slice(7)}` });
    committed(await store.txn(txn('a=1')));
    await store.close();
  });

  test('etcd: full, it refuses puts whole and still takes reads and deletes', async () => {
    const own = await Etcd.start('--quota-backend-bytes=2000000');
    const store = await openEtcdStore({ url: own.url, timeoutMs: 10_000 });
    try {
      const value = 'x'.repeat(100_000);
      let failure: Error | undefined;
      let puts = 0;
      for (; failure === undefined && puts < 200; puts++)
        await store.txn(txn(`a/${puts}=${value}`, `b/${puts}=`)).catch((error: Error) => (failure = error));
      assert.instance(failure, StoreFullError);
      const { entries } = await store.list({ prefix: 'b/' });
      assert.is((await store.list({ prefix: 'a/' })).entries.length, entries.length);
      committed(await store.txn(txn('a/0')));
      await store.compact(await store.revision());
      assert.is((await store.list({ prefix: 'a/' })).entries.length, entries.length - 1);
    } finally {
      await store.close();
      await own.kill();
    }
  });
}

test.run();
