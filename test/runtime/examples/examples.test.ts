/**
 * The examples as a user follows them: images built by the script, `keelson up` on an engine, and the commands of each
 * README as they stand, by the newest kubectl and some by the oldest too (EXAMPLES=all: all of them), the examples at the
 * same time, each in namespaces of its own.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startDockerd } from '../../support/dockerd.ts';
import { KEELSON } from '../../support/keelson.ts';
import { installedKubectls } from '../../support/kubectl.ts';
import { enterOwnNetwork } from '../../support/own-network.ts';
import { shellBlocks } from './readme-blocks.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', '..', 'runtime', 'examples');
const IMAGES = join(EXAMPLES, 'images', 'main.ts');
const NAMES = ['first-pod', 'rollout', 'guestbook'];
const [OLDEST, NEWEST] = ['1.27', '1.33'];
/** Version → examples that it leaves out: of rollouts the matrix of test/kubectl shows more, with each version. */
const LEFT_OUT: Readonly<Record<string, string>> = process.env.EXAMPLES === 'all' ? {} : { [OLDEST]: 'rollout' };
const BLOCK_MS = 100_000;

interface Ran {
  code: number;
  output: string;
}

enterOwnNetwork();
const kubectls = installedKubectls([OLDEST, NEWEST]);
const dockerd = kubectls.size > 0 && nginxIsHere() ? await startDockerd() : undefined;
const folder = mkdtempSync(join(tmpdir(), 'keelson-examples-'));
const kubeconfig = join(folder, 'kubeconfig');
let keelson: ChildProcess | undefined;

function nginxIsHere(): boolean {
  if (existsSync('/usr/sbin/nginx')) return true;
  if (process.env.CI === 'true') throw new Error('nginx-light is not installed: no image can be built of it');
  console.log('skipped: the examples, as no image can be built of nginx-light, which is not installed');
  return false;
}

function run(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  return new Promise<Ran>((resolve) => {
    execFile(command, [...args], { timeout: BLOCK_MS, ...options }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, output: code === 0 ? stdout : `${stdout}${stderr}` });
    });
  });
}

/** Its standard output says that it is up. */
async function up(host: string): Promise<ChildProcess> {
  const flags = ['--port', '0', '--data-dir', join(folder, 'data'), '--kubeconfig', kubeconfig, '--docker-host', host];
  const child = spawn(process.execPath, [KEELSON, 'up', ...flags, '-o', 'json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([code]) => assert.unreachable(`keelson up ended with ${code}`)),
  ]);
  return child;
}

/** A namespace, and a shell whose `kubectl` is this one and works there. */
async function shellFor(version: string, program: string, name: string) {
  const home = join(folder, `${name}-${version}`);
  cpSync(join(EXAMPLES, name), home, { recursive: true });
  const namespace = `${name}-${version.replace('.', '-')}`;
  symlinkSync(program, join(home, 'kubectl'));
  const own = join(home, 'kubeconfig');
  writeFileSync(own, readFileSync(kubeconfig));
  const env = { ...process.env, PATH: `${home}:${process.env.PATH}`, HOME: home, KUBECONFIG: own };
  for (const args of [
    ['create', 'namespace', namespace],
    ['config', 'set-context', '--current', `--namespace=${namespace}`],
  ]) {
    const { code, output } = await run(program, args, { env });
    assert.is(code, 0, output);
  }
  return (commands: string) => run('sh', ['-ec', `exec 2>&1\n${commands}`], { cwd: home, env });
}

async function follow(version: string, program: string, name: string): Promise<void> {
  const shell = await shellFor(version, program, name);
  const blocks = shellBlocks(join(EXAMPLES, name));
  assert.ok(blocks.length >= 3, `README of ${name} has ${blocks.length} blocks`);
  for (const { commands, prints, shown } of blocks) {
    const { code, output } = await shell(commands);
    assert.is(code, 0, `kubectl ${version} in ${name}: ${commands}\n${output}`);
    assert.ok(prints(output), `kubectl ${version} in ${name}: ${commands}\nprinted:\n${output}\nand not:\n${shown}`);
  }
}

/** One version after the other: a README names a port of the machine. */
async function followByEach(name: string): Promise<void> {
  for (const [version, program] of kubectls) {
    if (LEFT_OUT[version] !== name) await follow(version, program, name);
  }
}

if (dockerd) {
  test('the images are built once, and are there afterwards', async () => {
    const first = await run(process.execPath, [IMAGES, '--docker-host', dockerd.host]);
    assert.is(first.code, 0, first.output);
    assert.is(first.output, 'keelson/busybox:1 is built\nkeelson/nginx:1 is built\n');
    const second = await run(process.execPath, [IMAGES], { env: { ...process.env, DOCKER_HOST: dockerd.host } });
    assert.is(second.output, 'keelson/busybox:1 is there already\nkeelson/nginx:1 is there already\n');
  });

  test('every command of every README works as it stands', async () => {
    keelson = await up(dockerd.host);
    const ended = await Promise.allSettled(NAMES.map((name) => followByEach(name)));
    const failed = ended.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Error).message] : []));
    assert.equal(failed, [], failed.join('\n\n'));
  });

  test('nothing is left of them', async () => {
    const until = Date.now() + 20_000;
    const left = async () => (await dockerd.docker.listContainers({ all: true })).map(({ Names }) => Names[0]);
    while ((await left()).length > 0 && Date.now() < until) await new Promise((next) => setTimeout(next, 100));
    assert.equal(await left(), []);
  });
}

test.after(async () => {
  if (keelson?.exitCode === null) {
    keelson.kill('SIGTERM');
    await once(keelson, 'exit');
  }
  await dockerd?.close();
  rmSync(folder, { recursive: true, force: true });
});
test.run();
