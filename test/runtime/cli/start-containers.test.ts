/** `keelson start` on a Docker Engine: an example in real containers that leaves nothing behind, however it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startDockerd } from '../../support/dockerd.ts';
import { KEELSON } from '../../support/keelson.ts';
import { enterOwnNetwork } from '../../support/own-network.ts';

const SMALL = ['start', '--policy', 'Random', '--seeds', '42'];

interface Containers {
  engine: string;
  steps: { what: string; tookMs: number }[];
  load: { sent: number; whole: number; failed: number; bodies: Record<string, number> };
}

enterOwnNetwork();
const dockerd = await startDockerd();
const folder = mkdtempSync(join(tmpdir(), 'keelson-start-'));
const temporary = join(folder, 'tmp');
mkdirSync(temporary);

function start(args: readonly string[]) {
  const env = { ...process.env, TMPDIR: temporary, NO_COLOR: '1' };
  const child = spawn(process.execPath, [KEELSON, ...SMALL, ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', err: '' };
  child.stdout.on('data', (piece) => (text.out += piece));
  child.stderr.on('data', (piece) => (text.err += piece));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, text, ended };
}

/** Containers and images on the engine, and temporary files of ours. */
async function present(): Promise<string[]> {
  const containers = await dockerd!.docker.listContainers({ all: true });
  const images = await dockerd!.docker.listImages();
  return [
    ...containers.map(({ Names }) => Names[0]),
    ...images.flatMap(({ RepoTags }) => RepoTags ?? []),
    ...readdirSync(temporary).filter((name) => name.startsWith('keelson')),
  ];
}

if (dockerd) {
  test('Ctrl-C takes the example down: 130, and nothing is left', async () => {
    const before = await present();
    const { child, text, ended } = start(['--docker-host', dockerd.host]);
    const until = Date.now() + 60_000;
    // Its first containers are being made.
    while ((await dockerd.docker.listContainers({ all: true })).length === 0 && Date.now() < until) {
      await new Promise((next) => setTimeout(next, 20));
    }
    child.kill('SIGINT');
    assert.is(await ended, 130, text.err);
    assert.match(text.err, /SIGINT: the example is taken down first/);
    assert.equal(await present(), before);
  });

  test('every step is told, no request fails, and nothing is left', async () => {
    const before = await present();
    const { text, ended } = start(['--docker-host', dockerd.host, '-o', 'json']);
    assert.is(await ended, 0, text.err);
    const { engine, steps, load } = JSON.parse(text.out).containers as Containers;
    assert.match(engine, /^Docker Engine \d/);
    assert.equal(
      steps.map(({ what }) => what),
      [
        'image keelson/nginx:1 there',
        'cluster up',
        'applied, three pods ready',
        'first answer through the Service',
        'rolled to v2 under 200 requests/s',
        'taken down',
      ],
    );
    assert.is(load.failed, 0, JSON.stringify(load));
    assert.is(load.whole, load.sent);
    assert.equal(Object.keys(load.bodies).sort(), ['hello from v1', 'hello from v2']);
    assert.match(readFileSync(join(folder, 'report.html'), 'utf8'), /A Deployment in real containers/);
    assert.equal(await present(), before);
  });
}

test('an engine that has not what is needed is told, and the main job stands', async () => {
  const socket = join(folder, 'engine');
  const engine = createServer(({ url = '', method }, response) => {
    const code = url.endsWith('/info') ? 200 : url.endsWith('/json') || method === 'DELETE' ? 404 : 500;
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message: 'no room for an image' }));
  }).listen(socket);
  const { text, ended } = start(['--docker-host', `unix://${socket}`]);
  const code = await ended;
  engine.close();
  assert.is(code, 0, text.err);
  assert.match(text.err, /^keelson: no example in real containers: no room for an image$/m);
  assert.match(text.out, /figures as published/);
  assert.match(text.out, /\nreport /);
});

test.after(async () => {
  await dockerd?.close();
  rmSync(folder, { recursive: true, force: true });
});
test.run();
