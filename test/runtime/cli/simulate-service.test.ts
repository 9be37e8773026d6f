/** `keelson simulate --service` as a user calls it: table, JSON, report, exit codes, the same bytes on any number of threads. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { folderOf, keelson } from '../../support/keelson.ts';
import { sharedPath } from '../../support/shared.ts';

const folder = folderOf({});
const cwd = folder.path;
const SMALL = ['simulate', '--service', '--requests', '4000', '--seeds', '1,2'];
const EVENTS = ['--fail', '3@200ms..400ms', '--scale', '12@600ms,9@800ms', '--rollout', '1s..1.2s'];
test.after(() => folder.remove());

test('a table of all policies, the seed first, within 100 columns', () => {
  const { code, out, err } = keelson([...SMALL, ...EVENTS], { cwd });
  assert.is(code, 0, err);
  assert.is(err, '');
  assert.match(out, /^seeds 1,2\n4,000 requests, 2,800 a second of lognormal:10ms:1.5 go to 10 servers/);
  assert.match(out, /POLICY +MEAN +P50 +P99 +P99.9 +BUSY +EVEN +PEAK +RETRIES +SCALE +ROLLOUT/);
  for (const name of ['random', 'least-request', 'prequal', 'maglev'])
    assert.match(out, new RegExp(`^${name} +\\d`, 'm'));
  for (const line of out.split('\n').slice(2)) assert.ok(line.length <= 100, line);
});

test('-o json: scenario, summaries and runs, the same bytes on one thread or two', () => {
  const args = [...SMALL, ...EVENTS, '--policy', 'random,least-request:choices=3', '-o', 'json'];
  const { out, code } = keelson([...args, '--threads', '1'], { cwd });
  assert.is(code, 0);
  assert.is(keelson([...args, '--threads', '2'], { cwd }).out, out);
  const { seeds, policies, runs } = JSON.parse(out) as {
    seeds: number[];
    policies: { policy: string; p99: number }[];
    runs: { policy: string; seed: number; hash: string; moves: { kind: string }[] }[];
  };
  assert.equal(seeds, [1, 2]);
  assert.equal(
    policies.map(({ policy }) => policy),
    ['random', 'least-request:choices=3'],
  );
  assert.equal(
    runs.map(({ policy, seed }) => `${policy} ${seed}`),
    ['random 1', 'random 2', 'least-request:choices=3 1', 'least-request:choices=3 2'],
  );
  for (const { hash, moves } of runs) {
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.equal(
      moves.map(({ kind }) => kind),
      ['scale', 'rollout'],
    );
  }
});

test('--report writes one page with the command that makes it again', () => {
  const { code, out } = keelson([...SMALL, '--policy', 'random', '--weighted', '--report', 'page.html'], { cwd });
  assert.is(code, 0);
  assert.match(out, /report .*page\.html\n$/);
  const page = readFileSync(join(cwd, 'page.html'), 'utf8');
  assert.ok(page.includes('keelson simulate --service --policy random --requests 4000 --weighted --seeds 1,2'));
});

test('every wrong flag is told at once, with exit code 2, and nothing is written', () => {
  const wrong = [
    '--servers',
    '0',
    '--policy',
    'best',
    '--threads',
    '0',
    '-o',
    'csv',
    '--report',
    'none/x.html',
    '--fail',
    '1',
  ];
  const { code, out, err } = keelson(['simulate', '--service', ...wrong], { cwd });
  assert.is(code, 2);
  assert.is(out, '');
  for (const flag of ['servers', 'policy', 'threads', 'output', 'report', 'fail'])
    assert.ok(err.includes(`--${flag}: `), flag);
  assert.not(existsSync(join(cwd, 'none')));
});

test('flags of other ways do not go with --service, nor its own with others', () => {
  assert.match(
    keelson(['simulate', '--service', '--nodes', 'n.csv'], { cwd }).err,
    /--nodes does not go with --service/,
  );
  assert.match(keelson(['simulate', 'x.yaml', '--load', '1'], { cwd }).err, /--load does not go with DIR or FILE/);
  assert.match(keelson(['simulate', '--service', 'x.yaml'], { cwd }).err, /unexpected 'x.yaml'/);
});

test('the trace azure-llm-2023 has a name', () => {
  if (!sharedPath('data/traces/azure-llm-2023')) return;
  const args = ['simulate', '--service', '--trace', 'azure-llm-2023', '--policy', 'least-request', '--seeds', '1'];
  const { code, out } = keelson(args, { cwd });
  assert.is(code, 0);
  assert.match(out, /\n19,366 requests, 5.53 a second as in azure-llm-2023 go to 10 servers, .* 58 % loaded\n/);
});

test.run();
