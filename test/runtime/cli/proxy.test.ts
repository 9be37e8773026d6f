/** `keelson proxy` and `keelson pick` as a user runs them: served, changed, spoilt and stopped. */
import { spawn } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { folderOf, KEELSON, keelson } from '../../support/keelson.ts';
import { Backend, closeOpened, echo, say, until } from '../../support/proxied.ts';

const services = (podIps: readonly string[], targetPort: number, extra = ''): string =>
  [
    `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: ${targetPort}}]${extra}}`,
    ...podIps.map(
      (ip, i) =>
        `apiVersion: v1\nkind: Pod\nmetadata: {name: w${i}, labels: {app: web}}\nspec: {nodeName: n1, containers: [{name: c, image: i}]}\n` +
        `status: {phase: Running, podIP: ${ip}, conditions: [{type: Ready, status: "True"}]}`,
    ),
  ].join('\n---\n');

test('keelson proxy: serves a file, takes over changes, survives a wrong file, and stops without losing a connection', async () => {
  const backend = await Backend.listen((socket, address) => {
    socket.write(address);
    echo(socket);
  });
  const [probe, other] = [await Backend.listen(() => {}, '127.0.0.1'), await Backend.listen(() => {}, '127.0.0.1')];
  const { port } = probe;
  const metrics = `127.0.0.1:${other.port}`;
  await Promise.all([probe.close(), other.close()]);
  const folder = folderOf({ 'services.yaml': services(['127.0.1.1'], backend.port) });
  const path = join(folder.path, 'services.yaml');
  const child = spawn(
    process.execPath,
    [
      KEELSON,
      'proxy',
      '--config',
      path,
      '--listen',
      `web:80=${port}`,
      '--threads=2',
      '-o',
      'json',
      '--metrics',
      metrics,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const exited = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  const at = { host: '127.0.0.1', port };
  try {
    await until(() => out.endsWith('\n'), 'it says what it serves');
    assert.is(JSON.parse(out).listeners[0].address, `127.0.0.1:${port}`);
    assert.is((await say(at)).text, '127.0.1.1');

    const open = connect(at);
    let heard = '';
    open.on('data', (chunk) => (heard += chunk));
    await until(() => heard === '127.0.1.1', 'a connection is open');

    writeFileSync(`${path}.new`, services(['127.0.1.2'], backend.port));
    renameSync(`${path}.new`, path);
    await until(() => err.includes('all workers have it'), 'the change is served');
    assert.is((await say(at)).text, '127.0.1.2');

    writeFileSync(path, services(['127.0.1.3'], 70_000));
    // The file may also have been read while half of it was written; that is refused too, in other words.
    const refusal =
      /services\.yaml:4:\d+: service default\/web: spec\.ports\[0\]\.targetPort: [\s\S]*the last good table stays/;
    await until(() => refusal.test(err), 'the wrong file is refused');
    assert.is((await say(at)).text, '127.0.1.2');

    const scraped = await (await fetch(`http://${metrics}/metrics`)).text();
    assert.match(scraped, /^keelson_proxy_table_version 2$/m);
    assert.match(scraped, /^keelson_proxy_programming_seconds_count 2$/m);
    assert.match(scraped, /^keelson_proxy_active_connections 1$/m);

    child.kill('SIGTERM');
    await until(() => err.includes('SIGTERM'), 'it is stopping');
    open.write('+still');
    await until(() => heard === '127.0.1.1+still', 'the open connection goes on');
    open.end();
    assert.is(await exited, 0);
  } finally {
    child.kill('SIGKILL');
    await backend.close();
    folder.remove();
  }
});

const wrong = [
  {
    name: 'with metrics on a port alone',
    args: ['proxy', '--config', 'x', '--metrics', '9100'],
    says: /--metrics: '9100' is not ADDRESS:PORT/,
  },
  { name: 'without a file', args: ['proxy'], says: /--config is missing/ },
  { name: 'with a file that is not there', args: ['proxy', '--config', 'nowhere.yaml'], says: /no such file/ },
  {
    name: 'with a mapping that is none',
    args: ['proxy', '--config', 'x', '--listen', 'web'],
    says: /--listen: 'web' is not/,
  },
  {
    name: 'with an unknown policy',
    args: ['proxy', '--config', 'x', '--policy', 'randon'],
    says: /did you mean random/,
  },
  {
    name: 'for no address',
    args: ['pick', '--config', 'x', '--service', 'a:1', '--client', 'me'],
    says: /--client: 'me'/,
  },
  {
    name: 'for no port',
    args: ['pick', '--config', 'x', '--service', 'a', '--client', '10.0.0.1'],
    says: /--service: 'a'/,
  },
];
for (const { name, args, says } of wrong) {
  test(`keelson ${args[0]}: ${name} is wrong usage`, () => {
    const { code, out, err } = keelson(args);
    assert.is(code, 2);
    assert.is(out, '');
    assert.match(err, says);
  });
}

test('keelson pick: the endpoint and the reasons, as text and as JSON', () => {
  const folder = folderOf({ 's.yaml': services(['10.0.0.1', '10.0.0.2'], 8080) });
  try {
    const args = ['pick', '--config', join(folder.path, 's.yaml'), '--service', 'web:80', '--client', '10.1.2.3'];
    const text = keelson([...args, '--policy', 'maglev']);
    assert.is(text.code, 0, text.err);
    assert.match(text.out, /picked 10\.0\.0\.[12]:8080/);
    assert.match(text.out, /10\.0\.0\.[12]:8080 +n1 +ready +eligible/);
    const json = JSON.parse(keelson([...args, '--policy', 'maglev', '-o', 'json']).out);
    assert.match(text.out, new RegExp(`picked ${json.picked}`));
    assert.is(json.policy, 'maglev');
    const none = keelson([...args.slice(0, 4), 'wen:80', ...args.slice(5)]);
    assert.is(none.code, 2);
    assert.match(none.err, /has no Service port default\/wen:80.*did you mean default\/web:80/);
  } finally {
    folder.remove();
  }
});

test.after(closeOpened);
test.run();
