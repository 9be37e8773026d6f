/** What the images of the examples are made of, when they are built, and what is said when they cannot be. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ensureImage, type ImageEngine, type ImageRecipe } from '../../../runtime/examples/images/build.ts';
import { busyboxFiles, librariesOf } from '../../../runtime/examples/images/programs.ts';
import type { ImageFacts } from '../../../runtime/node/docker/engine/engine.ts';

const MAIN = join(import.meta.dirname, '..', '..', '..', 'runtime', 'examples', 'images', 'main.ts');
const FACTS: ImageFacts = { id: 'sha256:1', digest: '', sizeBytes: 1, user: '' };
const recipe: ImageRecipe = {
  name: 'a:1',
  files: () => [{ path: 'etc' }, { path: 'etc/b', content: 'c' }],
  changes: [],
};

/** Knows these images; counts the bytes of those that it is given. */
class SmallEngine implements ImageEngine {
  readonly bytes = new Map<string, number>();
  readonly #known: readonly string[];

  constructor(known: readonly string[]) {
    this.#known = known;
  }

  async image(name: string): Promise<ImageFacts | undefined> {
    return this.#known.includes(name) || this.bytes.has(name) ? FACTS : undefined;
  }

  async importImage(archive: NodeJS.ReadableStream, name: string): Promise<void> {
    let bytes = 0;
    for await (const piece of archive) bytes += piece.length;
    this.bytes.set(name, bytes);
  }
}

test('an image that is not there is built, and then it is there', async () => {
  const engine = new SmallEngine([]);
  assert.is(await ensureImage(engine, recipe), true);
  assert.ok((engine.bytes.get('a:1') ?? 0) >= 1024);
  assert.is(await ensureImage(engine, recipe), false);
});

test('one that is there is left, unless told to build it anew', async () => {
  const engine = new SmallEngine(['a:1']);
  assert.is(await ensureImage(engine, recipe), false);
  assert.is(engine.bytes.size, 0);
  assert.is(await ensureImage(engine, recipe, true), true);
});

test('a program with libraries is no static busybox, and says which package is missing', () => {
  assert.throws(() => busyboxFiles(process.execPath), /is not static: apt-get install busybox-static/);
});

test('libraries are paths that are there, the loader among them; what is no program has none', () => {
  const found = librariesOf('/bin/ls');
  assert.ok(found.length >= 2 && found.every((path) => existsSync(path)), found.join(' '));
  assert.ok(
    found.some((path) => path.includes('ld-linux')),
    found.join(' '),
  );
  assert.equal(librariesOf(MAIN), []);
});

for (const [name, args, environment, exitCode, message] of [
  [
    'an engine that was told and does not answer',
    ['--docker-host', 'unix:///nowhere'],
    {},
    1,
    /no container engine answers at unix:\/\/\/nowhere/,
  ],
  ['no engine at DOCKER_HOST', [], { DOCKER_HOST: 'unix:///nowhere' }, 1, /no Docker Engine answers at DOCKER_HOST or/],
  ['a flag that is none', ['--dockr'], {}, 2, /--dockr.*\nusage: npm run images/s],
] as const) {
  test(`the script says what is wrong: ${name}`, () => {
    const env = { ...process.env, ...environment };
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], { env, encoding: 'utf8' });
    assert.match(stderr, message);
    assert.not.match(stderr, /\n {4}at /);
    assert.is(status, exitCode);
  });
}

test.run();
