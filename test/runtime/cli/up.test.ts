/** `keelson up` and `keelson store` as users call them: what goes wrong is one sentence, and what is stopped ends well. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KEELSON, keelsonLater } from '../../support/keelson.ts';

interface Up {
  child: ChildProcess;
  url: string;
  /** What it said on stderr so far. */
  said(): string;
  ended: Promise<{ code: number | null; signal: string | null }>;
}

const test = suite<{ folder: string; children: ChildProcess[] }>('keelson up');
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'keelson-up-cli-'));
  context.children = [];
});
test.after.each(({ folder, children }) => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function up(children: ChildProcess[], args: readonly string[]): Promise<Up> {
  const all = [KEELSON, 'up', '--port', '0', '--docker', 'off', '-o', 'json', ...args];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const line = new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('}')) resolve(text);
    });
    ended.then(() => reject(new Error(`it ended: ${said}`)));
  });
  return { child, url: (JSON.parse(await line) as { url: string }).url, said: () => said, ended };
}

/** Of a server over plain HTTP; resolves when the answer's head is there. */
async function open(url: string) {
  const asked = request(url);
  asked.end();
  const [answer] = await once(asked, 'response');
  let text = '';
  answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const over = new Promise<string>((resolve) => {
    answer.on('end', () => resolve('end'));
    answer.on('error', () => resolve('error'));
  });
  return { over, text: () => text };
}

for (const [args, message] of [
  [['--port', 'x'], /--port: 'x' is not a whole number/],
  [['--port', '65536'], /--port: 65536 is not from 0 to 65535/],
  [['--nodes', '-1'], /--nodes/],
  [['--store', 'etcd'], /--store: 'etcd' is not lmdb, memory or etcd:\/\/HOST:PORT/],
  [['--token-file', '/does/not/exist', '--store', 'memory'], /\/does\/not\/exist: no such file/],
  [['--prot', '1'], /unknown flag --prot, did you mean --port\?/],
  [['now'], /unexpected 'now'/],
] as const) {
  test(`up ${args.join(' ')} is refused with exit 2`, async ({ folder }) => {
    const { code, err } = await keelsonLater(['up', '--data-dir', join(folder, 'd'), ...args]);
    assert.match(err, message);
    assert.is(code, 2);
  });
}

test('a port that another process has is told with exit 1', async ({ folder }) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { code, err } = await keelsonLater(['up', '--data-dir', folder, '--store', 'memory', '--port', String(port)]);
  other.close();
  assert.match(err, new RegExp(`^keelson: 127\\.0\\.0\\.1:${port} is in use by another process`));
  assert.is(code, 1);
});

test('a folder that another process has is told with exit 1; the other one goes on', async ({ folder, children }) => {
  const { child, ended } = await up(children, ['--data-dir', folder]);
  const { code, err } = await keelsonLater(['up', '--data-dir', folder, '--port', '0']);
  assert.match(err, new RegExp(`^keelson: ${folder}/store is in use by process ${child.pid}\n$`));
  assert.is(code, 1);
  const saving = await keelsonLater(['store', 'save', join(folder, 's'), '--data-dir', folder]);
  assert.match(saving.err, /is in use by process/);
  child.kill('SIGTERM');
  assert.equal(await ended, { code: 0, signal: null });
});

test('an etcd that is not there is told with exit 1', async ({ folder }) => {
  const { code, err } = await keelsonLater([
    'up',
    '--data-dir',
    folder,
    '--store',
    'etcd://127.0.0.1:9',
    '--port',
    '0',
  ]);
  assert.match(err, /^keelson: etcd:\/\/127\.0\.0\.1:9: /);
  assert.is(code, 1);
});

test('Ctrl-C ends watches in good order, then the process with 130', async ({ folder, children }) => {
  const { child, url, said, ended } = await up(children, ['--data-dir', folder, '--insecure']);
  const watches = await Promise.all(
    Array.from({ length: 20 }, () => open(`${url}/api/v1/configmaps?watch=1&resourceVersion=0`)),
  );
  child.kill('SIGINT');
  assert.equal(await Promise.all(watches.map(({ over }) => over)), Array(20).fill('end'));
  for (const { text } of watches) assert.ok(text() === '' || text().endsWith('}\n'), 'the last event is whole');
  assert.equal(await ended, { code: 130, signal: null });
  assert.match(said(), /SIGINT: requests under way end/);
});

test('a second Ctrl-C ends it at once', async ({ folder, children }) => {
  const { child, url, ended } = await up(children, ['--data-dir', folder, '--insecure']);
  const posting = request(`${url}/api/v1/namespaces/default/configmaps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': 100 },
  });
  posting.on('error', () => {});
  posting.write('{'); // A request under way, which closing waits for.
  await new Promise((next) => setTimeout(next, 100));
  child.kill('SIGINT');
  child.kill('SIGINT');
  assert.equal(await ended, { code: 130, signal: null });
});

test('store save and restore: another cluster has the same objects', async ({ folder, children }) => {
  const [from, to, file] = ['from', 'to', 'file'].map((name) => join(folder, name));
  const first = await up(children, ['--data-dir', from, '--insecure']);
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' }, data: { a: 'b' } };
  const maps = `${first.url}/api/v1/namespaces/default/configmaps`;
  await fetch(maps, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  first.child.kill('SIGTERM');
  await first.ended;
  const saved = await keelsonLater(['store', 'save', file, '--data-dir', from]);
  assert.match(saved.out, /^Saved to .*file \(\d+ bytes\)\.\n$/);
  const restored = await keelsonLater(['store', 'restore', file, '--data-dir', to]);
  assert.is(restored.code, 0, restored.err);
  const twice = await keelsonLater(['store', 'restore', file, '--data-dir', to]);
  assert.match(twice.err, /holds a store at revision \d+/);
  assert.is(twice.code, 1);
  const replaced = await keelsonLater(['store', 'restore', file, '--data-dir', to, '--replace', '-o', 'json']);
  assert.is(JSON.parse(replaced.out).action, 'restore');
  const second = await up(children, ['--data-dir', to, '--insecure']);
  const found = await fetch(`${second.url}/api/v1/namespaces/default/configmaps/kept`);
  assert.equal(((await found.json()) as typeof body).data, { a: 'b' });
  second.child.kill('SIGTERM');
  await second.ended;
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(file, bytes);
  const damaged = await keelsonLater(['store', 'restore', file, '--data-dir', to, '--replace']);
  assert.is(damaged.code, 1, 'a damaged file is refused');
  assert.not.match(damaged.err, /bug/);
});

for (const [args, message] of [
  [['store'], /save or restore is missing/],
  [['store', 'sav', 'x'], /'sav' is neither save nor restore, did you mean save\?/],
  [['store', 'save'], /save takes one FILE/],
  [['store', 'save', 'x', '--replace'], /--replace: is for restore/],
  [['store', 'save', 'x', '--store', 'memory'], /'memory' is not lmdb or etcd/],
  [['store', 'save', 'x', '--data-dir', '/does/not/exist'], /\/does\/not\/exist holds no store/],
] as const) {
  test(`${args.join(' ')} is refused with exit 2`, async () => {
    const { code, err } = await keelsonLater(args);
    assert.match(err, message);
    assert.is(code, 2);
  });
}

test.run();
