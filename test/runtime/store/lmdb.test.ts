/** The LMDB backend: what all backends promise, and what only one on a disk does. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CompactedError,
  StoreFullError,
  StoreInUseError,
  StoreNotEmptyError,
  StoreUnavailableError,
} from '../../../runtime/store/errors.ts';
import { openLmdbStore, restoreLmdbStore } from '../../../runtime/store/lmdb/lmdb-store.ts';
import type { Store } from '../../../runtime/store/store.ts';
import { newFolder } from './folder.ts';
import { killRounds } from './kill.ts';
import { committed, rejection, textsOf, txn } from './requests.ts';
import { storeSuite } from './suite.ts';
import { Watching } from './watching.ts';

storeSuite({
  name: 'lmdb',
  open: () => openLmdbStore({ folder: newFolder() }),
  restore: async (path) => {
    const folder = newFolder();
    await restoreLmdbStore(path, { folder });
    return openLmdbStore({ folder });
  },
  keepsRevisions: true,
});

async function withStore<T>(
  options: Parameters<typeof openLmdbStore>[0],
  body: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openLmdbStore(options);
  return body(store).finally(() => store.close());
}

test('lmdb: opened again it is what it was, history and watches included', async () => {
  const folder = newFolder();
  const [first, last] = await withStore({ folder }, async (store) => {
    const revision = committed(await store.txn(txn('a=1', 'b=1', 'c=')));
    await store.txn(txn('a=2', 'b'));
    return [revision, committed(await store.txn(txn('b=3', `long=${'x'.repeat(100_000)}`)))];
  });
  await withStore({ folder }, async (store) => {
    assert.is(await store.revision(), last);
    assert.is(textsOf((await store.list({ prefix: '', revision: first })).entries), 'a=1 b=1 c=');
    assert.is((await store.get('b'))?.createRevision, last);
    assert.is((await store.get('long'))?.value.length, 100_000);
    const watching = new Watching(store, { prefix: '', after: first });
    await watching.until(({ count }) => count === 4);
    assert.is(watching.told, 'put a, delete b | put b, put long');
    await store.compact(last);
  });
  await withStore({ folder }, async (store) => {
    assert.instance(await rejection(store.list({ prefix: '', revision: first })), CompactedError);
    assert.is((await store.list({ prefix: '' })).entries.length, 4);
    assert.is(committed(await store.txn(txn('d=1'))), last + 1);
  });
});

test('lmdb: a revision is never given twice, though what it wrote is deleted and compacted', async () => {
  const folder = newFolder();
  const last = await withStore({ folder }, async (store) => {
    await store.txn(txn('a=1'));
    const revision = committed(await store.txn(txn('a')));
    await store.compact(revision);
    return revision;
  });
  await withStore({ folder }, async (store) => {
    assert.is(await store.revision(), last);
    assert.is(committed(await store.txn(txn('a=2'))), last + 1);
  });
});

test('lmdb: history is forgotten by number of revisions, and its records with it', async () => {
  const folder = newFolder();
  await withStore({ folder, retention: { revisions: 100 } }, async (store) => {
    for (let i = 0; i < 400; i++) await store.txn(txn(`a=${i}${'x'.repeat(2_000)}`));
  });
  const size = statSync(join(folder, 'data.mdb')).size;
  assert.ok(size < 1_000_000, `${size} bytes for 111 versions of 2,000`);
  await withStore({ folder }, async (store) => {
    const revision = await store.revision();
    assert.is((await store.get('a', revision - 100))?.modRevision, revision - 100);
    assert.instance(await rejection(store.get('a', revision - 111)), CompactedError);
  });
});

test("lmdb: the folder is its owner's alone", async () => {
  const folder = join(newFolder(), 'data');
  await withStore({ folder }, async () => {
    assert.is(statSync(folder).mode & 0o777, 0o700);
  });
});

test('lmdb: a process that has the folder open keeps others out, until it ends or is killed', async () => {
  const folder = newFolder();
  await withStore({ folder }, async () => {
    const error = await rejection(openLmdbStore({ folder }));
    assert.instance(error, StoreInUseError);
    assert.match(error.message, new RegExp(`in use by process ${process.pid}`));
    assert.instance(await rejection(restoreLmdbStore(await snapshotOf('a=1'), { folder })), StoreInUseError);
  });
  const other = await writerOn(folder);
  assert.match((await rejection(openLmdbStore({ folder }))).message, new RegExp(`in use by process ${other.pid}`));
  const ended = once(other, 'exit');
  other.kill('SIGKILL');
  await ended;
  await withStore({ folder }, (store) => store.health());
  // Another process has the id of the one that was killed.
  writeFileSync(join(folder, 'owner'), `${process.ppid} 1 another boot`);
  await withStore({ folder }, (store) => store.health());
  assert.not(existsSync(join(folder, 'owner')));
  assert.equal(readdirSync(folder).sort(), ['data.mdb', 'lock.mdb']);
});

async function writerOn(folder: string): Promise<ChildProcess> {
  const args = [join(import.meta.dirname, 'kill-writer.ts'), folder, '1', '100', '1'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.stdout.resume();
  return child;
}

test('lmdb: a full store refuses puts whole, and takes deletes, compaction and then puts again', async () => {
  const folder = newFolder();
  const value = 'x'.repeat(20_000);
  await withStore({ folder, maxBytes: 2_000_000 }, async (store) => {
    const puts = await Promise.allSettled(
      Array.from({ length: 150 }, (_, i) => store.txn(txn(`a/${i}=${value}`, `b/${i}=`))),
    );
    const refused = puts.filter((put) => put.status === 'rejected');
    assert.ok(refused.length > 40 && refused.length < 80, `${refused.length} of 150 refused`);
    for (const { reason } of refused) assert.instance(reason, StoreFullError);
    const held = (await store.list({ prefix: 'a/' })).entries.map(({ key }) => key.slice(2));
    assert.equal(held.length, 150 - refused.length);
    assert.equal(
      (await store.list({ prefix: 'b/' })).entries.map(({ key }) => key.slice(2)),
      held,
    );
    assert.instance(await rejection(store.txn(txn(`c=${value}`))), StoreFullError);
    await store.health();
    for (const i of held.slice(0, 20)) committed(await store.txn(txn(`a/${i}`)));
    await store.compact(await store.revision());
    committed(await store.txn(txn(`c=${value}`)));
  });
  await withStore({ folder }, async (store) => assert.ok(await store.get('c')));
});

/** A disk of 2 MiB, where this process may mount one. */
function tinyDisk(): string | undefined {
  const folder = newFolder();
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]).status === 0 ? folder : undefined;
}

test('lmdb: a full disk refuses puts whole, and what was answered stays', async () => {
  const folder = tinyDisk();
  if (folder === undefined) {
    if (process.env.CI === 'true') throw new Error('no tmpfs can be mounted, and CI skips nothing');
    console.log('skipped: a full disk, as no tmpfs can be mounted');
    return;
  }
  const silenced = console.error;
  // lmdb prints the error of a commit, beside rejecting with it.
  console.error = () => {};
  try {
    const value = 'x'.repeat(20_000);
    const data = join(folder, 'data');
    const answered: string[] = [];
    await withStore({ folder: data }, async (store) => {
      let failure: Error | undefined;
      for (let i = 0; i < 200 && failure === undefined; i++) {
        const put = store.txn(txn(`a/${i}=${value}`, `b/${i}=`));
        await put.then(
          () => answered.push(String(i)),
          (error: Error) => (failure = error),
        );
      }
      assert.instance(failure, StoreFullError);
      assert.is((await store.list({ prefix: 'b/' })).entries.length, answered.length);
    });
    await withStore({ folder: data }, async (store) => {
      assert.equal((await store.list({ prefix: 'b/' })).entries.map(({ key }) => key.slice(2)).sort(), answered.sort());
      assert.is((await store.list({ prefix: 'a/' })).entries.length, answered.length);
    });
  } finally {
    console.error = silenced;
    spawnSync('umount', [folder]);
  }
});

test('lmdb: the size must be one that LMDB can have', async () => {
  for (const maxBytes of [0, 1.5, Number.NaN, 2 ** 41])
    assert.match((await rejection(openLmdbStore({ folder: newFolder(), maxBytes }))).message, /maxBytes/);
});

async function snapshotOf(...writes: string[]): Promise<string> {
  const path = join(newFolder(), 'snapshot');
  await withStore({ folder: newFolder() }, async (store) => {
    await store.txn(txn(...writes));
    await store.save(path);
  });
  return path;
}

test('lmdb: a restore replaces what is there only when asked to, and revisions still rise', async () => {
  const folder = newFolder();
  const path = await snapshotOf('a=1', 'b=2');
  const before = await withStore({ folder }, async (store) => {
    for (let i = 0; i < 10; i++) await store.txn(txn(`c=${i}`));
    return store.revision();
  });
  assert.instance(await rejection(restoreLmdbStore(path, { folder })), StoreNotEmptyError);
  await withStore({ folder }, async (store) => {
    assert.equal([textsOf((await store.list({ prefix: '' })).entries), await store.revision()], ['c=9', before]);
  });
  const broken = join(newFolder(), 'broken');
  writeFileSync(broken, readFileSync(path).subarray(0, -3));
  await rejection(restoreLmdbStore(broken, { folder, replace: true }));
  await withStore({ folder }, async (store) => assert.is((await store.list({ prefix: '' })).entries.length, 1));
  await restoreLmdbStore(path, { folder, replace: true });
  await withStore({ folder }, async (store) => {
    assert.is(textsOf((await store.list({ prefix: '' })).entries), 'a=1 b=2');
    const revision = await store.revision();
    assert.ok(revision > before, `${revision} after ${before}`);
    const old = new Watching(store, { prefix: '', after: before });
    await old.until(({ failure }) => failure !== undefined);
    assert.instance(old.failure, CompactedError);
    assert.is(committed(await store.txn(txn('d=1'))), revision + 1);
  });
  assert.equal(readdirSync(folder).sort(), ['data.mdb', 'lock.mdb']);
});

test('lmdb: what was answered before a kill is there, whole, ten times over', async () => {
  const seed = Date.now() % 1_000_000;
  const report = await killRounds(10, seed);
  assert.equal(report.problems, [], `seed ${seed}`);
  assert.ok(report.answered > 1_000, `${report.answered} answers`);
});

test('lmdb: the checks after a kill find what is gone and what is half there', async () => {
  const { problems } = await killRounds(1, 1, async (store) => {
    await store.txn({ compares: [], writes: [{ key: 'a/1', value: Buffer.from('1:1;') }] });
    await store.txn(txn('s/2'));
  });
  assert.ok(problems.some((problem) => /slot 1, .*: half a/.test(problem)));
  assert.ok(problems.some((problem) => /slot 2: step 0/.test(problem)));
  assert.ok(problems.some((problem) => /has 1 events/.test(problem)));
});

test('lmdb: a folder of a format to come is not read', async () => {
  const folder = newFolder();
  await withStore({ folder }, (store) => store.txn(txn('a=1')));
  const root = open({ path: folder, noSubdir: false });
  await root.openDB({ name: 'meta' }).put('format', 2);
  await root.close();
  const error = await rejection(openLmdbStore({ folder }));
  assert.instance(error, StoreUnavailableError);
  assert.match(error.message, /format 2, where 1 is what can be read/);
});

test.run();
