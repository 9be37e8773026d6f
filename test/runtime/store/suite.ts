/** What every backend promises: one suite, run by memory.test.ts, lmdb.test.ts and etcd.test.ts. */
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CompactedError,
  FutureRevisionError,
  InvalidRequestError,
  SnapshotError,
  StoreUnavailableError,
} from '../../../runtime/store/errors.ts';
import { MAX_KEY_BYTES, MAX_TXN_BYTES, MAX_TXN_PARTS } from '../../../runtime/store/request.ts';
import type { Store } from '../../../runtime/store/store.ts';
import { bytes, committed, create, rejection, textOf, textsOf, txn } from './requests.ts';
import { Watching } from './watching.ts';

export interface Backend {
  name: string;
  /** A new, empty store. */
  open(): Promise<Store>;
  /** A new store that holds what the file does. */
  restore(path: string): Promise<Store>;
  /** Entries keep their revisions through save and restore. */
  keepsRevisions: boolean;
}

export function storeSuite(backend: Backend): void {
  const stores = new Set<Store>();
  const it = (sentence: string, body: (store: Store) => Promise<void>): void => {
    test(`${backend.name}: ${sentence}`, async () => {
      const store = await backend.open();
      stores.add(store);
      try {
        await body(store);
      } finally {
        await Promise.all([...stores].map((one) => one.close()));
        stores.clear();
      }
    });
  };
  readsAndTxns(it);
  limits(it);
  lists(it);
  history(it);
  watches(it);
  lifetime(it);
  snapshots(it, backend, (store) => {
    stores.add(store);
    return store;
  });
}

type It = (sentence: string, body: (store: Store) => Promise<void>) => void;

function readsAndTxns(it: It): void {
  it('an empty store has a revision above 0 and no entries', async (store) => {
    assert.ok((await store.revision()) > 0);
    assert.is(await store.get('a'), undefined);
    const page = await store.list({ prefix: '' });
    assert.equal(page, { entries: [], revision: await store.revision(), more: false, remaining: 0 });
    await store.health();
  });

  it('all writes of a txn have one revision, and it is the next', async (store) => {
    const before = await store.revision();
    const revision = committed(await store.txn(txn('a=1', 'b=2')));
    assert.is(revision, before + 1);
    assert.is(await store.revision(), revision);
    for (const key of ['a', 'b']) {
      const entry = await store.get(key);
      assert.equal([entry?.createRevision, entry?.modRevision], [revision, revision]);
    }
  });

  it('putting again keeps the revision of making; making anew after a delete does not', async (store) => {
    const made = committed(await store.txn(txn('a=1')));
    const put = committed(await store.txn(txn('a=2')));
    const entry = await store.get('a');
    assert.equal([entry && textOf(entry), entry?.createRevision, entry?.modRevision], ['a=2', made, put]);
    await store.txn(txn('a'));
    assert.is(await store.get('a'), undefined);
    const anew = committed(await store.txn(txn('a=3')));
    assert.is((await store.get('a'))?.createRevision, anew);
  });

  it('an empty value is a value', async (store) => {
    await store.txn(txn('a='));
    assert.is((await store.get('a'))?.value.length, 0);
    assert.is((await store.list({ prefix: 'a' })).entries[0].value.length, 0);
  });

  it('deleting what is not there changes nothing', async (store) => {
    const before = await store.revision();
    assert.equal(await store.txn(txn('a')), { committed: true, revision: before });
    assert.is(await store.revision(), before);
  });

  it('a txn without writes says whether its compares hold', async (store) => {
    const made = committed(await store.txn(txn('a=1')));
    assert.equal(await store.txn({ compares: [{ key: 'a', modRevision: made }], writes: [] }), {
      committed: true,
      revision: made,
    });
    const result = await store.txn({ compares: [{ key: 'a', modRevision: made + 1 }], writes: [] });
    assert.is(result.committed, false);
  });

  it('one compare that does not hold leaves all unwritten and tells of each', async (store) => {
    const made = committed(await store.txn(txn('a=1')));
    const result = await store.txn({
      compares: [
        { key: 'a', modRevision: made },
        { key: 'b', modRevision: made },
      ],
      writes: [
        { key: 'a', value: bytes('2') },
        { key: 'c', value: bytes('3') },
      ],
    });
    if (result.committed) throw new Error('committed');
    assert.is(result.revision, made);
    assert.equal(
      result.current.map((entry) => entry && textOf(entry)),
      ['a=1', undefined],
    );
    assert.is(textsOf((await store.list({ prefix: '' })).entries), 'a=1');
  });

  it('of many that make the same key at once, one does, and the others are told of it', async (store) => {
    const results = await Promise.all(Array.from({ length: 50 }, (_, i) => store.txn(create(`a=${i}`))));
    const winners = results.filter((result) => result.committed);
    assert.is(winners.length, 1);
    const entry = await store.get('a');
    for (const result of results) if (!result.committed) assert.is(result.current[0]?.modRevision, entry?.modRevision);
  });

  it('counting by compare and put loses no step among 8 at once', async (store) => {
    await store.txn(txn('n=0'));
    const step = async (): Promise<void> => {
      for (;;) {
        const entry = await store.get('n');
        if (entry === undefined) throw new Error('n is gone');
        const next = Number(new TextDecoder().decode(entry.value)) + 1;
        const { committed } = await store.txn({
          compares: [{ key: 'n', modRevision: entry.modRevision }],
          writes: [{ key: 'n', value: bytes(String(next)) }],
        });
        if (committed) return;
      }
    };
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let i = 0; i < 10; i++) await step();
      }),
    );
    const entry = await store.get('n');
    assert.is(entry && textOf(entry), 'n=80');
  });
}

function limits(it: It): void {
  const long = 'k'.repeat(MAX_KEY_BYTES);
  const fits = (n: number): string[] => Array.from({ length: n }, (_, i) => `k${i}=1`);
  const cases = [
    { name: 'a key as long as may be', request: txn(`${long}=1`), fits: true },
    { name: 'a key one byte longer', request: txn(`${long}k=1`), fits: false },
    { name: 'a key whose UTF-8 is too long', request: txn(`${'é'.repeat(MAX_KEY_BYTES / 2)}k=1`), fits: false },
    { name: 'an empty key', request: txn('=1'), fits: false },
    { name: 'a key with NUL', request: txn('a\0b=1'), fits: false },
    { name: 'a key with half a character', request: txn('a\ud800=1'), fits: false },
    { name: 'as many writes as may be', request: txn(...fits(MAX_TXN_PARTS)), fits: true },
    { name: 'one write more', request: txn(...fits(MAX_TXN_PARTS + 1)), fits: false },
    {
      name: 'as many bytes as may be',
      request: { compares: [], writes: [{ key: 'a', value: new Uint8Array(MAX_TXN_BYTES - 1) }] },
      fits: true,
    },
    {
      name: 'one byte more',
      request: { compares: [], writes: [{ key: 'a', value: new Uint8Array(MAX_TXN_BYTES) }] },
      fits: false,
    },
    { name: 'a key written twice', request: txn('a=1', 'a=2'), fits: false },
    { name: 'a key put and deleted', request: txn('a=1', 'a'), fits: false },
    {
      name: 'a compare with half a revision',
      request: { compares: [{ key: 'a', modRevision: 0.5 }], writes: [] },
      fits: false,
    },
  ];
  it('a txn is taken up to the limits and refused beyond them', async (store) => {
    for (const { name, request, fits } of cases) {
      const before = await store.revision();
      if (fits) assert.is((await store.txn(request)).committed, true, name);
      else {
        assert.instance(await rejection(store.txn(request)), InvalidRequestError, name);
        assert.is(await store.revision(), before, name);
      }
    }
  });

  it('every problem of a request is told at once', async (store) => {
    const { message } = await rejection(store.txn(txn('=1', 'a\0=1', 'b=1', 'b=2')));
    assert.match(message, /writes\[0\].key: is empty; writes\[1\].key: .*NUL; writes\[3\].key: 'b' is written twice/);
    const { message: listed } = await rejection(store.list({ prefix: '\0', limit: -1, revision: -1 }));
    assert.match(listed, /prefix: .*; limit: -1 is no number of entries; revision: -1 is no revision/);
    assert.instance(await rejection(store.get('', 1.5)), InvalidRequestError);
    assert.instance(await rejection(store.compact(-1)), InvalidRequestError);
    assert.throws(() => store.watch({ prefix: '', after: -1 }, { events: () => {}, failed: () => {} }), /after: -1/);
  });
}

function lists(it: It): void {
  const keys = (page: { entries: { key: string }[] }): string => page.entries.map(({ key }) => key).join(' ');

  it('a list holds what begins with the prefix, in the order of bytes', async (store) => {
    await store.txn(txn('b=', 'a/2=', 'a/1=', 'a=', 'a0=', 'a/10=', 'A=', 'a/\u{1f600}=', 'a/\uff5e=', 'a/é='));
    assert.is(keys(await store.list({ prefix: 'a/' })), 'a/1 a/10 a/2 a/é a/\uff5e a/\u{1f600}');
    assert.is(keys(await store.list({ prefix: '' })), 'A a a/1 a/10 a/2 a/é a/\uff5e a/\u{1f600} a0 b');
    assert.is(keys(await store.list({ prefix: 'a/2' })), 'a/2');
    assert.is(keys(await store.list({ prefix: 'c' })), '');
  });

  it('pages follow each other and say how many remain', async (store) => {
    await store.txn(txn('p/1=', 'p/2=', 'p/3=', 'p/4=', 'p/5=', 'q='));
    const first = await store.list({ prefix: 'p/', limit: 2 });
    assert.equal([keys(first), first.more, first.remaining], ['p/1 p/2', true, 3]);
    const second = await store.list({ prefix: 'p/', limit: 2, after: 'p/2' });
    assert.equal([keys(second), second.more, second.remaining], ['p/3 p/4', true, 1]);
    const last = await store.list({ prefix: 'p/', limit: 2, after: 'p/4' });
    assert.equal([keys(last), last.more, last.remaining], ['p/5', false, 0]);
    const exact = await store.list({ prefix: 'p/', limit: 5 });
    assert.equal([keys(exact), exact.more, exact.remaining], ['p/1 p/2 p/3 p/4 p/5', false, 0]);
  });

  it('`after` may be a key that is gone, or lie outside the prefix', async (store) => {
    await store.txn(txn('p/1=', 'p/3='));
    const after = async (key: string): Promise<string> => keys(await store.list({ prefix: 'p/', after: key }));
    assert.is(await after('p/2'), 'p/3');
    assert.is(await after('p/3'), '');
    assert.is(await after('p/'), 'p/1 p/3');
    assert.is(await after('a'), 'p/1 p/3');
    assert.is(await after('z'), '');
  });

  it("pages at the first one's revision are not moved by writes between them", async (store) => {
    await store.txn(txn('p/1=a', 'p/2=a', 'p/3=a', 'p/4=a'));
    const { revision, entries } = await store.list({ prefix: 'p/', limit: 2 });
    assert.is(textsOf(entries), 'p/1=a p/2=a');
    await store.txn(txn('p/0=b', 'p/3=b', 'p/4', 'p/5=b'));
    const rest = await store.list({ prefix: 'p/', limit: 2, after: 'p/2', revision });
    assert.equal([textsOf(rest.entries), rest.revision, rest.more], ['p/3=a p/4=a', revision, false]);
  });

  it('a list and a watch of 3,000 are whole', async (store) => {
    const before = await store.revision();
    for (let from = 0; from < 3_000; from += 100)
      await store.txn(txn(...Array.from({ length: 100 }, (_, i) => `k/${String(from + i).padStart(5, '0')}=${i}`)));
    const page = await store.list({ prefix: 'k/' });
    assert.is(page.entries.length, 3_000);
    assert.ok(page.entries.every(({ key }, i) => key === `k/${String(i).padStart(5, '0')}`));
    const { entries, remaining } = await store.list({ prefix: 'k/', limit: 7, after: 'k/01499' });
    assert.equal([entries.length, entries[0].key, remaining], [7, 'k/01500', 1_493]);
    const watching = new Watching(store, { prefix: '', after: before });
    await watching.until(({ count }) => count > 0);
    await store.txn(txn('last='));
    await watching.until(({ calls }) => calls.at(-1)?.events[0].key === 'last');
    assert.equal([watching.count, watching.calls.length], [3_001, 31]);
  });
}

function history(it: It): void {
  it('reads at a revision see what was there then', async (store) => {
    const first = committed(await store.txn(txn('a=1', 'b=1')));
    const second = committed(await store.txn(txn('a=2', 'b')));
    const third = committed(await store.txn(txn('b=3')));
    const at = async (revision: number): Promise<string> =>
      textsOf((await store.list({ prefix: '', revision })).entries);
    assert.equal([await at(first), await at(second), await at(third)], ['a=1 b=1', 'a=2', 'a=2 b=3']);
    assert.is(await store.get('b', second), undefined);
    assert.is((await store.get('a', first))?.modRevision, first);
    assert.is((await store.list({ prefix: '', revision: second })).revision, second);
  });

  it('a revision to come is an error', async (store) => {
    const next = (await store.revision()) + 1;
    assert.instance(await rejection(store.get('a', next)), FutureRevisionError);
    assert.instance(await rejection(store.list({ prefix: '', revision: next })), FutureRevisionError);
    assert.instance(await rejection(store.compact(next)), FutureRevisionError);
  });

  it('compaction keeps what its revision and later ones see, and nothing below', async (store) => {
    const first = committed(await store.txn(txn('a=1', 'b=1', 'c=1')));
    const second = committed(await store.txn(txn('a=2', 'b')));
    const third = committed(await store.txn(txn('a=3')));
    await store.compact(second);
    for (const revision of [first, second - 1]) {
      assert.instance(await rejection(store.list({ prefix: '', revision })), CompactedError);
      assert.instance(await rejection(store.get('c', revision)), CompactedError);
    }
    assert.is(textsOf((await store.list({ prefix: '', revision: second })).entries), 'a=2 c=1');
    assert.is(textsOf((await store.list({ prefix: '', revision: third })).entries), 'a=3 c=1');
    assert.is((await store.get('c'))?.modRevision, first);
    await store.compact(first);
    await store.compact(second);
    await store.compact(third);
    assert.is(textsOf((await store.list({ prefix: '' })).entries), 'a=3 c=1');
    assert.is(committed(await store.txn(txn('b=4'))), third + 1);
  });
}

function watches(it: It): void {
  it('a watch tells every revision above `after`, each in one call', async (store) => {
    const before = await store.revision();
    const first = committed(await store.txn(txn('w/a=1', 'w/b=1', 'other=1')));
    await store.txn(txn('w/a=2', 'w/b'));
    const all = new Watching(store, { prefix: 'w/', after: before });
    const later = new Watching(store, { prefix: 'w/', after: first });
    await all.until(({ count }) => count === 4);
    await store.txn(txn('w/c=1'));
    await store.txn(txn('other=2'));
    await store.txn(txn('w/d=1'));
    await all.until(({ count }) => count === 6);
    await later.until(({ count }) => count === 4);
    assert.is(all.told, 'put w/a, put w/b | put w/a, delete w/b | put w/c | put w/d');
    assert.is(later.told, 'put w/a, delete w/b | put w/c | put w/d');
    assert.is(all.failure, undefined);
  });

  it('events tell what is and what was', async (store) => {
    const after = await store.revision();
    const first = committed(await store.txn(txn('a=1')));
    const second = committed(await store.txn(txn('a=2')));
    const third = committed(await store.txn(txn('a')));
    const watching = new Watching(store, { prefix: 'a', after });
    await watching.until(({ count }) => count === 3);
    const told = watching.calls.map(({ revision, events: [{ entry, previous, revision: own }] }) => {
      assert.is(own, revision);
      const text = (one: typeof entry): string =>
        one ? `${textOf(one)} ${one.createRevision} ${one.modRevision}` : 'nothing';
      return `${revision}: ${text(previous)} → ${text(entry)}`;
    });
    assert.equal(told, [
      `${first}: nothing → a=1 ${first} ${first}`,
      `${second}: a=1 ${first} ${first} → a=2 ${first} ${second}`,
      `${third}: a=2 ${first} ${second} → nothing`,
    ]);
  });

  it('a watch may wait for a revision to come', async (store) => {
    const after = (await store.revision()) + 2;
    const watching = new Watching(store, { prefix: '', after });
    for (const text of ['a=1', 'b=1', 'c=1', 'd=1']) await store.txn(txn(text));
    await watching.until(({ count }) => count === 2);
    assert.is(watching.told, 'put c | put d');
  });

  it('a watch that was closed is told nothing more', async (store) => {
    const after = await store.revision();
    const closed = new Watching(store, { prefix: '', after });
    const open = new Watching(store, { prefix: '', after });
    await store.txn(txn('a=1'));
    await Promise.all([closed, open].map((one) => one.until(({ count }) => count === 1)));
    closed.handle.close();
    closed.handle.close();
    const never = new Watching(store, { prefix: '', after });
    never.handle.close();
    await store.txn(txn('b=1'));
    await open.until(({ count }) => count === 2);
    assert.equal([closed.count, never.count], [1, 0]);
  });

  it('a watch from below what is compacted fails, from there it does not', async (store) => {
    await store.txn(txn('a=1'));
    await store.txn(txn('a=2', 'b=1'));
    const compacted = committed(await store.txn(txn('b')));
    await store.txn(txn('a=4'));
    await store.compact(compacted);
    const below = new Watching(store, { prefix: '', after: compacted - 1 });
    const first = new Watching(store, { prefix: '', after: 0 });
    const at = new Watching(store, { prefix: '', after: compacted });
    await below.until(({ failure }) => failure !== undefined);
    await first.until(({ failure }) => failure !== undefined);
    assert.instance(below.failure, CompactedError);
    assert.instance(first.failure, CompactedError);
    await at.until(({ count }) => count === 1);
    assert.equal([at.told, below.count, first.count], ['put a', 0, 0]);
    assert.is(at.calls[0].events[0].previous && textOf(at.calls[0].events[0].previous), 'a=2');
  });

  it('a sink that throws fails alone', async (store) => {
    const after = await store.revision();
    const failures: Error[] = [];
    const failed = new Promise<void>((resolve) => {
      const events = (): never => {
        throw new Error('a broken sink');
      };
      store.watch({ prefix: '', after }, { events, failed: (error) => resolve(void failures.push(error)) });
    });
    const sound = new Watching(store, { prefix: '', after });
    await store.txn(txn('a=1'));
    await store.txn(txn('b=1'));
    await sound.until(({ count }) => count === 2);
    await failed;
    assert.equal(
      failures.map(({ message }) => message),
      ['a broken sink'],
    );
  });

  it('watches that begin while writes go on have no gap and nothing twice', async (store) => {
    const before = await store.revision();
    const watching: Watching[] = [];
    const revisions: number[] = [];
    for (let round = 0; round < 20; round++) {
      const done = Array.from({ length: 10 }, (_, i) => store.txn(txn(`k${i}=${round}`, `l${i}=${round}`)));
      if (round % 4 === 0) watching.push(new Watching(store, { prefix: '', after: before }));
      for (const result of await Promise.all(done)) revisions.push(committed(result));
    }
    revisions.sort((a, b) => a - b);
    for (const one of watching) {
      await one.until(({ calls }) => calls.at(-1)?.revision === revisions.at(-1));
      assert.equal(
        one.calls.map(({ revision }) => revision),
        revisions,
      );
      assert.ok(one.calls.every(({ events }) => events.length === 2));
    }
  });
}

function lifetime(it: It): void {
  it('close answers what is under way and refuses what comes after', async (store) => {
    const results = Promise.allSettled(Array.from({ length: 20 }, (_, i) => store.txn(txn(`k${i}=1`))));
    const watching = new Watching(store, { prefix: '', after: await store.revision() });
    await store.close();
    for (const result of await results)
      if (result.status === 'rejected') assert.instance(result.reason, StoreUnavailableError);
    const calls = [store.get('a'), store.list({ prefix: '' }), store.txn(txn('a=1')), store.revision(), store.health()];
    for (const error of await Promise.all(calls.map(rejection))) assert.instance(error, StoreUnavailableError);
    assert.throws(() => new Watching(store, { prefix: '', after: 0 }), /closed/);
    assert.is(watching.failure, undefined);
    await store.close();
  });
}

function snapshots(it: It, backend: Backend, keep: (store: Store) => Store): void {
  const inFolder = async (body: (folder: string) => Promise<void>): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), 'keelson-snapshot-'));
    await body(folder).finally(() => rm(folder, { recursive: true }));
  };

  it('what was saved is what is restored', (store) =>
    inFolder(async (folder) => {
      const path = join(folder, 'store.snapshot');
      for (let from = 0; from < 1_100; from += 100)
        await store.txn(txn(...Array.from({ length: 100 }, (_, i) => `k/${from + i}=${'v'.repeat(i)}`)));
      await store.txn(txn('k/5=again', 'k/6', '\u{1f600}=', 'last=1'));
      await store.save(path);
      const { entries, revision } = await store.list({ prefix: '' });
      await store.txn(txn('after=1'));
      const restored = keep(await backend.restore(path));
      const page = await restored.list({ prefix: '' });
      assert.is(textsOf(page.entries), textsOf(entries));
      if (backend.keepsRevisions) {
        assert.equal(
          page.entries.map(({ modRevision }) => modRevision),
          entries.map(({ modRevision }) => modRevision),
        );
        assert.equal(
          page.entries.map((entry) => entry.createRevision),
          entries.map((entry) => entry.createRevision),
        );
        assert.is(page.revision, revision);
      }
      const watching = new Watching(restored, { prefix: '', after: page.revision });
      await restored.txn(txn('k/5', 'new=1'));
      await watching.until(({ count }) => count === 2);
      assert.is(watching.told, 'delete k/5, put new');
    }));

  it('an empty store can be saved and restored', (store) =>
    inFolder(async (folder) => {
      const path = join(folder, 'store.snapshot');
      await store.save(path);
      const restored = keep(await backend.restore(path));
      assert.equal((await restored.list({ prefix: '' })).entries, []);
    }));

  it('a snapshot cut short or damaged anywhere is refused', (store) =>
    inFolder(async (folder) => {
      const path = join(folder, 'store.snapshot');
      await store.txn(txn('a=1', 'b=2', `c=${'3'.repeat(200)}`));
      await store.save(path);
      const whole = await readFile(path);
      const broken = join(folder, 'broken');
      const refused = async (what: string): Promise<void> =>
        assert.instance(await rejection(backend.restore(broken)), SnapshotError, what);
      for (let length = 0; length < whole.length; length += length < 60 || length > whole.length - 30 ? 1 : 17) {
        await writeFile(broken, whole);
        await truncate(broken, length);
        await refused(`cut to ${length} of ${whole.length} bytes`);
      }
      for (let at = 0; at < whole.length; at += 5) {
        const damaged = Buffer.from(whole);
        damaged[at] ^= 1 << (at % 8);
        await writeFile(broken, damaged);
        await refused(`bit ${at % 8} of byte ${at} turned`);
      }
      await writeFile(broken, Buffer.concat([whole, whole]));
      await refused('two in one file');
      await writeFile(broken, 'apiVersion: v1\nkind: Pod\n');
      await refused('a manifest');
    }));

  it('a snapshot that cannot be written leaves nothing behind', (store) =>
    inFolder(async (folder) => {
      assert.match((await rejection(store.save(join(folder, 'absent', 'store.snapshot')))).message, /ENOENT/);
    }));
}
