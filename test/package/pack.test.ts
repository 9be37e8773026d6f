/**
 * The published package, as its users meet it: packed, installed with its dependencies in an empty project, used from
 * plain JavaScript and from TypeScript, and as a command, under Node 24 and Node 22.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readmeExamples } from '../support/readme.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'keelson-pack-'));
const project = join(folder, 'project');
const OLDER_NODE = join(folder, 'node22', 'node_modules', 'node', 'bin', 'node');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const examples = readmeExamples('As a library');

const MANIFESTS = `apiVersion: v1
kind: Node
metadata: { name: n1 }
status: { allocatable: { cpu: 4, memory: 8Gi, pods: 10 } }
---
apiVersion: v1
kind: Pod
metadata: { name: web }
spec: { containers: [{ name: main, image: nginx, resources: { requests: { cpu: 1 } } }] }
`;

function run(command: string, args: readonly string[], cwd: string, path = ''): SpawnSyncReturns<string> {
  const env = { ...process.env, PATH: `${path}${delimiter}${process.env.PATH}`, NO_COLOR: '1', FORCE_COLOR: undefined };
  return spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 120_000, killSignal: 'SIGKILL' });
}

function succeed(command: string, args: readonly string[], cwd: string, path = ''): string {
  const { status, stdout, stderr } = run(command, args, cwd, path);
  assert.is(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

/** An empty project with these packages; undefined when the registry cannot be reached. */
function install(at: string, ...packages: string[]): string | undefined {
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'package.json'), '{ "private": true, "type": "module" }\n');
  const { status, stdout, stderr } = run('npm', ['install', '--prefer-offline', ...packages], at);
  if (status === 0) return at;
  const output = `${stdout}${stderr}`;
  const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|E40[34]/.test(
    output,
  );
  assert.ok(unreachable && process.env.CI !== 'true', `npm install ${packages.join(' ')}\n${output}`);
  console.log(`skipped: what needs ${packages.join(', ')} installed, as no registry is reached`);
  return undefined;
}

function compileExamples(): SpawnSyncReturns<string> {
  for (const [i, { code }] of examples.entries()) writeFileSync(join(project, `example-${i}.ts`), code);
  const compilerOptions = { target: 'es2024', module: 'nodenext', strict: true, skipLibCheck: false, types: [] };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  return run(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', '.'], project);
}

process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const [packed] = JSON.parse(succeed('npm', ['pack', '--json', '--pack-destination', folder], ROOT));
const files: string[] = packed.files.map(({ path }: { path: string }) => path);
const installed = install(project, join(folder, packed.filename));
const older = installed && install(join(folder, 'node22'), 'node@22');
const compiled = installed && compileExamples();
writeFileSync(join(folder, 'cluster.yaml'), MANIFESTS);

test('the package holds what was built, its door, and nothing of tests or sources', () => {
  const strange = files.filter(
    (path) => !/^(dist\/|runtime\/cli\/bin\.js$|package\.json$|README\.md$|LICENSE$)/.test(path),
  );
  assert.equal(strange, []);
  assert.equal(
    files.filter((path) => /\.ts$/.test(path) && !path.endsWith('.d.ts')),
    [],
  );
  for (const data of ['openb-shapes.json', 'openb-published.json'])
    assert.ok(files.includes(`dist/sim/traces/${data}`));
  assert.ok(files.includes('dist/runtime/examples/rollout/web.yaml'));
});

const nodes = [
  { name: 'this Node', node: process.execPath, there: installed },
  { name: 'Node 22', node: OLDER_NODE, there: older },
];
for (const { name, node, there } of nodes) {
  if (!there) continue;
  const path = join(node, '..');
  const keelson = (...args: string[]): string =>
    succeed(node, [join(project, 'node_modules', 'keelson', 'runtime', 'cli', 'bin.js'), ...args], folder);

  test(`${name}: the examples of README.md print what stands below them`, () => {
    for (const [i, { prints }] of examples.entries()) {
      assert.is(succeed(node, [`example-${i}.js`], project), prints);
    }
  });

  test(`${name}: npx keelson --version`, () => {
    assert.match(succeed('npx', ['keelson', '--version'], project, path), version);
  });

  test(`${name}: the command places pods of manifests`, () => {
    const { pods } = JSON.parse(keelson('simulate', 'cluster.yaml', '-o', 'json'));
    assert.is(pods[0].node, 'n1');
  });
}

if (compiled) {
  test('types: a strict project without any other types compiles the examples, libraries checked', () => {
    assert.is(compiled.status, 0, compiled.stdout);
  });
}

if (older) {
  test('a checkout under Node 22 says what it needs', () => {
    const { status, stderr } = run(OLDER_NODE, [join(ROOT, 'runtime', 'cli', 'bin.js'), '--version'], folder);
    assert.is(status, 2);
    assert.match(stderr, /keelson needs Node 24 or newer, and this is Node 22/);
  });
}

test.run();
