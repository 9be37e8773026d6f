/** The benchmarks on small cuts: every row runs, its answers are those of scan and reference, and the JSON has its shape. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { calibrate } from '../../bench/calibration.ts';
import { changes, problemOf, ratioToPeer } from '../../bench/compare.ts';
import { decideAll, hashOf } from '../../bench/decide-all.ts';
import { labelOf, measure } from '../../bench/measure.ts';
import peer from '../../bench/peer.json' with { type: 'json' };
import { rowsOf, selectRows } from '../../bench/rows.ts';
import type { Results } from '../../bench/run.ts';
import { stateBenchNames } from '../../bench/state-benches.ts';
import { cutOf, peerRow, WORKLOADS } from '../../bench/workloads.ts';
import { makeWorld } from '../../bench/world.ts';
import { short, workloadText } from '../../runtime/cli/bench-output.ts';
import { folderOf, keelson } from '../support/keelson.ts';
import { sharedPath } from '../support/shared.ts';

const folder = folderOf({ 'bad.json': '{"results":[]}', 'text.json': 'no JSON' });
const named = (name: string): (typeof WORKLOADS)[number] => {
  const found = WORKLOADS.find((workload) => workload.name === name);
  assert.ok(found, name);
  return found;
};

test.after(() => folder.remove());

test('bench --smoke: every row of every workload runs and is verified, and the JSON has its shape', () => {
  const { code, out, err } = keelson(['bench', '--smoke', '-o', 'json'], { timeoutMs: 240_000 });
  assert.is(err, '');
  assert.is(code, 0);
  const results = JSON.parse(out) as Results;
  assert.equal(Object.keys(results), ['machine', 'node', 'calibration', 'results', 'state']);
  assert.is(results.node, process.version);
  assert.is(problemOf(results), undefined);
  assert.is(results.results.length, selectRows([], true).length);
  assert.equal(
    results.state?.map(({ benchmark, verified }) => [benchmark, verified]),
    stateBenchNames().map((name) => [name, true]),
  );
  for (const row of results.results) {
    const { workload, decider } = row;
    assert.equal(Object.keys(row), ROW_KEYS);
    assert.ok(row.verified, `${workload}, ${decider}`);
    assert.match(row.hash, /^[0-9a-f]{16}$/);
    const { median, min, max, runs } = row.decisionsPerSecond;
    assert.ok(min > 0 && min <= median && median <= max && runs.length === 1, `${workload}, ${decider}`);
    const { p50, p99, p999 } = row.microseconds;
    assert.ok(p50 > 0 && p50 <= p99 && p99 <= p999, `${workload}, ${decider}`);
    assert.ok(row.bytesPerDecision >= 0 && row.peakBytes > 1e6 && row.threads === 1 && row.pods > 0);
  }
});
const ROW_KEYS = [
  'workload',
  'nodes',
  'pods',
  'decider',
  'threads',
  'decisionsPerSecond',
  'microseconds',
  'bytesPerDecision',
  'peakBytes',
  'hash',
  'verified',
];

test('bench: a row apart is measured in a process of its own; tables fit 100 columns, --compare adds ratios', () => {
  const earlier = join(folder.path, 'earlier.json');
  const args = ['bench', 'basicfirst', 'engine', '--smoke'];
  writeFileSync(earlier, keelson([...args, '-o', 'json']).out);
  const { code, out, err } = keelson([...args, '--compare', earlier]);
  assert.is(code, 0);
  assert.is(err, '');
  for (const line of out.split('\n')) assert.ok(line.length <= 100, line);
  assert.match(out, /^SchedulingBasicFirst: /m);
  assert.match(out, /SchedulingBasicFirst .* same$/m);
});

const wrong: [string, string[], RegExp][] = [
  ['an unknown word is refused, with the nearest', ['Basci'], /'Basci'.*did you mean Basic\?/],
  [
    'words that no row has together are refused',
    ['Unschedulable', 'sampled', 'floor'],
    /all of\s+Unschedulable,\s+sampled/,
  ],
  ['an earlier run that is absent is refused', ['--compare', 'absent.json'], /absent\.json cannot be read/],
  ['an earlier run that is no JSON is refused', ['--compare', 'text.json'], /text\.json cannot be read/],
  ['an earlier run of another shape is refused', ['--compare', 'bad.json'], /has no calibration/],
  ['no runs at all are refused', ['--runs', '0'], /--runs: 0 is not from 1/],
];
for (const [name, args, says] of wrong) {
  test(`bench: ${name}`, () => {
    const { code, out, err } = keelson(['bench', ...args], { cwd: folder.path });
    assert.is(code, 2);
    assert.is(out, '');
    assert.match(err, says);
  });
}

test('bench: a benchmark of the state by its name, alone', () => {
  for (const [word, name] of [
    ['restart', 'Restart'],
    ['Columns', 'Columns'],
  ]) {
    const { code, out } = keelson(['bench', word, '--smoke', '-o', 'json']);
    assert.is(code, 0);
    const { results, state = [] } = JSON.parse(out) as Results;
    assert.equal(results, []);
    assert.is(state.length, 1);
    assert.is(state[0].benchmark, name);
    for (const { name, median, runs } of state[0].figures) {
      assert.is(runs.length, 1, name);
      assert.ok(Number.isFinite(median), name);
    }
    const table = keelson(['bench', word, '--smoke']);
    assert.match(table.out, new RegExp(`^${name}: `, 'm'));
    for (const line of table.out.split('\n')) assert.ok(line.length <= 100, line);
  }
});

test('bench rows: large workloads wait for their whole name, except in a smoke run', () => {
  const names = (words: string[], cut = false): Set<string> => {
    return new Set(selectRows(words, cut).map(({ workload }) => workload.name));
  };
  assert.not.ok(names([]).has('TenShapesMillion'));
  assert.is(names(['million']).size, 0);
  assert.equal([...names(['tenshapesmillion'])], ['TenShapesMillion']);
  assert.ok(names([], true).has('TenShapesMillion'));
});

test('bench rows: a whole name means that workload only, a part of a name all that hold it', () => {
  const names = (word: string): Set<string> => new Set(selectRows([word], false).map(({ workload }) => workload.name));
  assert.equal([...names('schedulingbasic')], ['SchedulingBasic']);
  assert.ok(names('schedulingbasi').has('SchedulingBasicFirst'));
});

test('bench rows: where kube-scheduler was measured there are both floors and the sampling scan', () => {
  const deciders = (name: string): string[] => {
    return rowsOf(named(name)).map(({ decider, sampled }) => decider + (sampled ? '*' : ''));
  };
  assert.equal(deciders('SchedulingBasic'), ['engine', 'scan', 'scan*', 'reference', 'floor']);
  assert.equal(deciders('SchedulingHundredShapes'), ['engine', 'scan']);
});

test('bench workloads: each size that kube-scheduler was measured at is a workload, with as many pods', () => {
  for (const { workload, nodes, pods, percentageOfNodesToScore } of peer.results) {
    const found = WORKLOADS.find((one) => one.name === workload && one.nodes === nodes);
    assert.ok(found, `${workload}, ${nodes} nodes`);
    const row = rowsOf(found).find((one) => one.decider === 'scan' && one.sampled === (percentageOfNodesToScore === 0));
    assert.is(row?.pods, pods, `${workload}, ${nodes} nodes, ${percentageOfNodesToScore} %`);
  }
});

test('bench peer: the figures are those that were recorded', () => {
  const path = sharedPath('vectors/peer-speed.json');
  if (!path) return;
  interface Recorded {
    scenario: string;
    nodes: number;
    initPods: number;
    measuredPods: number;
    percentageOfNodesToScore: number;
    podsPerSecond: { median: number };
  }
  const { results } = JSON.parse(readFileSync(path, 'utf8')) as { results: Recorded[] };
  for (const { scenario, nodes, initPods, measuredPods, percentageOfNodesToScore, podsPerSecond } of results) {
    const workload = WORKLOADS.find((one) => one.name === scenario && one.nodes === nodes);
    assert.ok(workload, scenario);
    assert.is(workload.init?.pods ?? 0, initPods, scenario);
    const row = peerRow(workload, percentageOfNodesToScore === 0);
    assert.equal([row?.pods, row?.podsPerSecond], [measuredPods, podsPerSecond.median], scenario);
  }
});

test('bench compare: a rate from a machine half as fast counts double here', () => {
  const { calibration } = peer;
  const here = { cpuNsPerIter: calibration.cpuNsPerIter / 2, memNsPerIter: 1 };
  const ratio = ratioToPeer(1199.55, named('SchedulingBasic'), false, here);
  assert.equal(ratio && [ratio.theirs, Math.round(ratio.ratio), Math.round(ratio.calibrated)], [119.955, 10, 5]);
});

test('bench compare: rows are matched by workload, sizes, decider and threads', () => {
  const workload = cutOf(named('GrowthPlain'));
  const row = measure({ workload, decider: 'floor', sampled: false, pods: 3, threads: 1 }, { runs: 2, warmUpMs: 0 });
  const calibration = { cpuNsPerIter: 1, memNsPerIter: 1 };
  const run = (results: Results['results']): Results => ({ ...JSON.parse('{}'), calibration, results });
  assert.is(changes(run([row]), run([row]))[0].ratio, 1);
  assert.equal(changes(run([row]), run([{ ...row, threads: 2 }])), []);
});

test('bench answers: a decision that differs, a refusal in other words, and another order change the hash', () => {
  const hosts = ['a', '', 'b'];
  const pod = makeWorld(cutOf(named('GrowthPlain')), 'floor', 100, 1).pods[0];
  const refusal = (message: string) => ({ pod, result: 'unschedulable' as const, message, evaluated: 0, feasible: 0 });
  const answers = (list: string[], message = 'no') => {
    return { hosts: list, refused: [{ ...refusal(message), unschedulablePlugins: [] }] };
  };
  const hash = hashOf(answers(hosts));
  assert.is(hashOf(answers([...hosts])), hash);
  for (const other of [answers(['a', '', 'c']), answers(['', 'a', 'b']), answers(hosts, 'never')]) {
    assert.is.not(hashOf(other), hash);
  }
  assert.is(hashOf(answers(['a', '', 'c']), 2), hashOf(answers(hosts), 2));
});

test('bench loop: a preemptor is tried again after all others, on the node it won', () => {
  const { hosts, refused } = decideAll(makeWorld(cutOf(named('PreemptionBasic')), 'scan', 100, 3));
  assert.equal(hosts.slice(0, 3), ['', '', '']);
  assert.equal(
    hosts.slice(3),
    refused.map(({ preemption }) => preemption?.nominatedNode),
  );
  for (const { preemption } of refused) assert.is(preemption?.victims.length, 3);
});

test('bench calibration: both loops take time', () => {
  const { cpuNsPerIter, memNsPerIter } = calibrate(0.001);
  assert.ok(cpuNsPerIter > 0 && memNsPerIter > 0);
});

test('bench table: fits 100 columns for every workload, with the widest figures', () => {
  const rate = 123_456;
  for (const workload of WORKLOADS) {
    const rows = rowsOf(workload).map((row) => ({
      row,
      measured: {
        workload: workload.name,
        nodes: workload.nodes,
        pods: row.pods,
        decider: labelOf(row),
        threads: 1,
        decisionsPerSecond: { median: rate, min: rate, max: rate, runs: [rate] },
        microseconds: { p50: rate, p99: rate, p999: rate },
        bytesPerDecision: rate,
        peakBytes: rate * 2 ** 20,
        hash: '0123456789abcdef',
        verified: false,
      },
    }));
    const text = workloadText(rows, { cpuNsPerIter: 1.55, memNsPerIter: 1 }, 100);
    for (const line of text.split('\n')) assert.ok(line.length <= 100, line);
    assert.match(text, /NO/);
  }
});

const shortened: [number, string][] = [
  [0.333, '0.33'],
  [12.34, '12.3'],
  [999.4, '999'],
  [999.6, '1000'],
  [9999, '9999'],
  [10_000, '10.0k'],
  [999_499, '999k'],
  [2_010_000, '2.01M'],
];
for (const [value, text] of shortened) {
  test(`bench table: ${value} is printed as ${text}`, () => assert.is(short(value), text));
}

test.run();
