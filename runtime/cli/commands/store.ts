/** `keelson store save FILE` and `keelson store restore FILE`: what a cluster holds, in one file. */
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { isStoreName, openStore, restoreStore, type StoreName } from '../../up/open-store.ts';
import type { Flags } from '../flags.ts';
import type { Terminal } from '../terminal.ts';
import { suggest, UsageError } from '../usage-error.ts';

type KeptStore = Exclude<StoreName, 'memory'>;

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const json = flags.choice('output', ['table', 'json'], 'table') === 'json';
  const [action = '', file, ...more] = flags.words;
  if (action !== 'save' && action !== 'restore') {
    const what = action === '' ? 'save or restore is missing' : `'${action.slice(0, 40)}' is neither save nor restore`;
    throw new UsageError(`${what}${suggest(action, ['save', 'restore'])}`, flags.command);
  }
  if (file === undefined || more.length > 0) throw new UsageError(`${action} takes one FILE`, flags.command);
  const replace = flags.has('replace');
  if (replace && action === 'save') throw flags.wrong('replace', 'is for restore');
  const path = resolve(file);
  const store = storeOf(flags);
  const dataDir = resolve(flags.text('data-dir') ?? join(homedir(), '.keelson'));
  if (action === 'save') await save(store, dataDir, path, flags);
  else await restoreStore(store, dataDir, path, replace);
  const { size } = statSync(path);
  if (json) await terminal.json({ action, path, bytes: size });
  else await terminal.write(`${action === 'save' ? 'Saved to' : 'Restored from'} ${path} (${size} bytes).\n`);
  return 0;
}

async function save(name: KeptStore, dataDir: string, path: string, flags: Flags): Promise<void> {
  if (name === 'lmdb' && !existsSync(join(dataDir, 'store')))
    throw flags.wrong('data-dir', `${dataDir} holds no store`);
  const store = await openStore(name, dataDir);
  try {
    await store.save(path);
  } finally {
    await store.close();
  }
}

function storeOf(flags: Flags): KeptStore {
  const name = flags.text('store') ?? 'lmdb';
  if (isStoreName(name) && name !== 'memory') return name;
  throw flags.wrong('store', `'${name.slice(0, 60)}' is not lmdb or etcd://HOST:PORT`);
}
