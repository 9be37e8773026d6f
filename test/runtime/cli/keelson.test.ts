/** The command line as a whole, in processes of its own: help, exit codes, JSON, pipes that close, the same bytes twice. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { COMMANDS } from '../../../runtime/cli/commands.ts';
import { GOOD_CASE, GOOD_MANIFEST } from '../../support/bad-files.ts';
import { folderOf, KEELSON, keelson } from '../../support/keelson.ts';
import { sharedPath } from '../../support/shared.ts';

const NODES = `sn,cpu_milli,memory_mib,gpu,model\n${Array.from({ length: 6 }, (_, i) => `n${i},64000,262144,${1 + (i % 3)},P100\n`).join('')}`;
const PODS = `name,cpu_milli,memory_mib,num_gpu,gpu_milli\n${Array.from({ length: 30 }, (_, i) => `p${i},${1000 * (1 + (i % 4))},1024,${i % 5 === 0 ? '0,0' : i % 2 ? '1,500' : '1,1000'}\n`).join('')}`;
const files = {
  'cluster.yaml': GOOD_MANIFEST,
  'huge.yaml': GOOD_MANIFEST.replace('cpu: "1"', 'cpu: "100"'),
  'nodes.csv': NODES,
  'pods.csv': PODS,
  'cases.jsonl': `${GOOD_CASE}\n`.repeat(3000),
};
const folder = folderOf(files);
const cwd = folder.path;
const TRACE = ['simulate', '--nodes', 'nodes.csv', '--pods', 'pods.csv', '--policy', 'FGD,Random', '--seeds', '42..43'];

test.after(() => folder.remove());

test('help: without a command, with --help and with help it is the same text, and lists every command', () => {
  const { code, out } = keelson(['--help']);
  assert.is(code, 0);
  assert.is(keelson([]).out, out);
  assert.is(keelson(['help']).out, out);
  for (const { name, summary } of COMMANDS) {
    assert.ok(out.includes(`  ${name} `), name);
    assert.ok(out.replace(/\s+/g, ' ').includes(summary), summary);
  }
});

for (const { name, flags, examples } of COMMANDS) {
  test(`help: keelson ${name} names every flag, has examples and fits 100 columns`, () => {
    const { code, out, err } = keelson([name, '--help']);
    assert.is(code, 0);
    assert.is(err, '');
    assert.is(keelson(['help', name]).out, out);
    for (const flag of flags) assert.ok(out.includes(`--${flag.name}`), flag.name);
    for (const { line } of examples) assert.ok(out.includes(line), line);
    assert.ok(examples.length > 0);
    for (const line of out.split('\n')) assert.ok(line.length <= 100, line);
  });
}

test('--version is the one of package.json', () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
    version: string;
  };
  assert.is(keelson(['--version']).out, `${version}\n`);
});

test('simulate: the seed stands first, the pod has its node, and all is well', () => {
  const { code, out, err } = keelson(['simulate', 'cluster.yaml', '--seed', '7'], { cwd });
  assert.is(code, 0, err);
  assert.match(out, /^seed 7\n/);
  assert.match(out, /default\/web\s+n1/);
});
test('simulate: a pod without a place is shown with the reason in full', () => {
  const { code, out } = keelson(['simulate', 'huge.yaml'], { cwd });
  assert.is(code, 0);
  const words = out.replace(/\s+/g, ' ');
  assert.ok(words.includes('0/1 nodes are available: 1 Insufficient cpu.'), words);
  for (const line of out.split('\n')) assert.ok(line.length <= 100, line);
});
test('simulate -o json is one document with seed, pods and counts', () => {
  const { out } = keelson(['simulate', 'cluster.yaml', '-o', 'json', '--seed', '7'], { cwd });
  const result = JSON.parse(out) as { seed: number; pods: { pod: string; node?: string }[]; scheduled: number };
  assert.is(result.seed, 7);
  assert.is(result.scheduled, 1);
  assert.equal(
    result.pods.map(({ pod, node }) => [pod, node]),
    [['default/web', 'n1']],
  );
});
for (const decider of ['scan', 'reference']) {
  for (const tie of ['order', 'first', 'random']) {
    test(`simulate takes --decider ${decider} --tie ${tie}`, () => {
      const { code, out } = keelson(['simulate', 'cluster.yaml', '--decider', decider, '--tie', tie], { cwd });
      assert.is(code, 0);
      assert.match(out, /default\/web\s+n1/);
    });
  }
}

test('explain: the node, its verdict and its score; -o json parses', () => {
  const { code, out } = keelson(['explain', 'web', 'cluster.yaml'], { cwd });
  assert.is(code, 0);
  assert.match(out, /n1\s+chosen/);
  const { nodes } = JSON.parse(keelson(['explain', 'default/web', 'cluster.yaml', '-o', 'json'], { cwd }).out) as {
    nodes: { node: string }[];
  };
  assert.equal(
    nodes.map(({ node }) => node),
    ['n1'],
  );
});
test('explain: for a pod without a place, the plugin and its reason', () => {
  const { code, out } = keelson(['explain', 'web', 'huge.yaml', '--after'], { cwd });
  assert.is(code, 0);
  assert.match(out.replace(/\s+/g, ' '), /NodeResourcesFit: Insufficient cpu/);
});

test('simulate --nodes --pods -o json: every run with its seed, hash and 131 points', () => {
  const { code, out } = keelson([...TRACE, '-o', 'json'], { cwd });
  assert.is(code, 0);
  const { runs } = JSON.parse(out) as {
    runs: { policy: string; seed: number; hash: string; series: Record<string, number[]> }[];
  };
  assert.equal(
    runs.map(({ policy, seed }) => [policy, seed]),
    [
      ['FGD', 42],
      ['FGD', 43],
      ['Random', 42],
      ['Random', 43],
    ],
  );
  for (const { hash, series } of runs) {
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.equal(Object.keys(series), ['arrived_pct', 'alloc_pct', 'frag_pct_of_total', 'frag_pct_of_idle']);
    for (const values of Object.values(series)) assert.is(values.filter(Number.isFinite).length, 131);
  }
});
test('the same input and seeds give the same bytes, on one thread or two', () => {
  const one = keelson([...TRACE, '-o', 'json', '--threads', '1'], { cwd });
  const two = keelson([...TRACE, '-o', 'json', '--threads', '2'], { cwd });
  assert.is(one.out, two.out);
  const places = ['simulate', 'cluster.yaml', '-o', 'json'];
  assert.is(keelson(places, { cwd }).out, keelson(places, { cwd }).out);
});
test('another seed gives other decisions', () => {
  const { runs } = JSON.parse(keelson([...TRACE, '-o', 'json'], { cwd }).out) as { runs: { hash: string }[] };
  assert.is(new Set(runs.map(({ hash }) => hash)).size, 4);
});

/** Real containers have tests of their own. */
const START = ['start', '--docker', 'off', '--report', 'page.html'];

test('start: a small run prints the seed first, the figures, and leaves a report that fetches nothing', () => {
  const { code, out, err } = keelson([...START, '--policy', 'BestFit', '--seeds', '42'], { cwd });
  assert.is(code, 0, err);
  assert.match(out, /^seeds 42\n/);
  assert.match(out, /BestFit\s+allocated %\s+130/);
  assert.match(out, /^No example in real containers, as it is turned off\.$/m);
  assert.not.match(err, /\S/);
  const page = readFileSync(join(cwd, 'page.html'), 'utf8');
  assert.not.match(page, /<script|https?:\/\/|src=/);
  assert.ok(page.includes('BestFit'));
});

test('start -o json is one document; the seeds go to stderr', () => {
  const args = [...START, '--policy', 'Random', '--seeds', '42', '-o', 'json'];
  const { code, out, err } = keelson(args, { cwd });
  assert.is(code, 0);
  assert.match(err, /^seeds 42\n/);
  const { seeds, runs, comparisons } = JSON.parse(out) as Record<string, unknown[]>;
  assert.equal(seeds, [42]);
  assert.is(runs.length, 1);
  assert.is(comparisons.length, 6);
});
test('simulate -o csv: a row for each percent of each run, with the figures of the JSON', () => {
  const [head, ...rows] = keelson([...TRACE, '-o', 'csv'], { cwd })
    .out.trimEnd()
    .split('\n');
  assert.is(head, 'policy,seed,hash,arrived_pct,alloc_pct,frag_pct_of_total,frag_pct_of_idle');
  assert.is(rows.length, 4 * 131);
  const { runs } = JSON.parse(keelson([...TRACE, '-o', 'json'], { cwd }).out) as {
    runs: { hash: string; series: { alloc_pct: number[] } }[];
  };
  assert.is(rows[130].split(',')[4], String(runs[0].series.alloc_pct[130]));
  assert.is(rows[130].split(',')[2], runs[0].hash);
});
test('simulate --report writes the page for files of the user', () => {
  const { code, out } = keelson([...TRACE, '--report', 'own.html'], { cwd });
  assert.is(code, 0);
  assert.match(out, /report .*own\.html\n$/);
  assert.ok(readFileSync(join(cwd, 'own.html'), 'utf8').includes('pods.csv on nodes.csv'));
});
test('simulate --verify openb judges each figure of the nine workloads, and its exit code says whether all hold', () => {
  const data = sharedPath('data/traces/openb');
  if (!data) return;
  const args = ['simulate', '--verify', 'openb', '--data', data, '--policy', 'Random', '--seeds', '42', '-o', 'json'];
  const { code, out } = keelson(args, { cwd });
  const { total, within, comparisons } = JSON.parse(out) as {
    total: number;
    within: number;
    comparisons: { workload: string }[];
  };
  assert.is(total, 54);
  assert.is(new Set(comparisons.map(({ workload }) => workload)).size, 9);
  assert.is(code, within === total ? 0 : 1);
});

test('a reader who leaves early ends the program quietly', async () => {
  const child = spawn(process.execPath, [KEELSON, 'decide', 'cases.jsonl'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const err: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdout.once('data', () => child.stdout.destroy());
  const [code] = (await once(child, 'close')) as [number | null];
  assert.is(Buffer.concat(err).toString(), '');
  assert.is(code, 0);
});
test('Ctrl-C ends it with 130 and no stack', async () => {
  const args = ['start', '--docker', 'off', '--policy', 'FGD', '--report', 'interrupted.html'];
  const child = spawn(process.execPath, [KEELSON, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const err: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdout.once('data', () => child.kill('SIGINT'));
  const [code] = (await once(child, 'close')) as [number | null];
  assert.is(code, 130);
  assert.not.match(Buffer.concat(err).toString(), /\bat .+:\d+/);
});
test('a Node that is too old gets a sentence', () => {
  const door = join(import.meta.dirname, '../../../runtime/cli/bin.js');
  const old = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } });";
  const { status, stderr } = spawnSync(process.execPath, ['-e', `${old} import(${JSON.stringify(door)})`], {
    encoding: 'utf8',
  });
  assert.is(status, 2);
  assert.match(stderr, /^keelson needs Node 24 or newer, and this is Node 20\.1\.0 /);
  // The door itself must run on old versions: no syntax younger than Node 16.
  assert.not.match(readFileSync(door, 'utf8'), /\bwith\s*\{|\?\?=|: (string|number)\b/);
});

test.run();
