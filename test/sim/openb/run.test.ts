import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { corePlacer } from '../../../sim/openb/core-placer.ts';
import { type OpenbRun, runExperiment } from '../../../sim/openb/run.ts';
import { runOpenB } from '../../../sim/openb/simulate.ts';
import { POLICIES, PUBLISHED_POLICIES } from '../../../sim/policies/registry.ts';
import { openbTrace } from '../../../sim/traces/openb-shapes.ts';
import { oraclePlacer } from '../../support/openb-oracle.ts';
import { smallTrace } from '../../support/openb-samples.ts';

const trace = smallTrace();

for (const policy of PUBLISHED_POLICIES) {
  test(`OpenB run, ${policy}: the scheduler core decides as the stand-alone oracle does, byte for byte, and no checker objects`, () => {
    for (const seed of [42, 43]) {
      const core = runExperiment(trace, policy, seed, corePlacer, { log: true, check: true });
      const oracle = runExperiment(trace, policy, seed, oraclePlacer(trace), { log: true });
      assert.equal(core.log, oracle.log);
      assert.equal(core, oracle);
      assert.ok(core.scheduled > 300 && core.scheduled < core.arrived, `${core.scheduled} of ${core.arrived}`);
    }
  });
}

test('OpenB run, Default: no checker objects', () => {
  const { arrived, scheduled, series } = runExperiment(trace, 'Default', 42, corePlacer, { check: true });
  assert.ok(scheduled > 300 && scheduled < arrived);
  assert.ok(series.alloc_pct[130] > 80);
});

test('OpenB run: the log has a line per arrival, with node and devices where it was placed', () => {
  const { log = [], arrived, scheduled } = runExperiment(trace, 'FGD', 42, corePlacer, { log: true });
  assert.is(log.length, arrived);
  assert.is(log.filter((line) => line.endsWith(' -')).length, arrived - scheduled);
  for (const line of log) assert.match(line, /^openb-pod-\d{4}(-copy-\d+)? (-|openb-node-\d{4}( \d(,\d)*)?)$/);
});

test('OpenB run: same seed, same bytes; another seed, another log', () => {
  const text = (seed: number): string =>
    JSON.stringify(runExperiment(trace, 'Random', seed, corePlacer, { log: true }));
  assert.is(text(42), text(42));
  assert.is.not(text(42), text(43));
});

test('OpenB runs: policies in order, seeds in order, and equal on one thread and on three', async () => {
  const options = { trace, policies: ['FGD', 'Random'] as const, seeds: [43, 42, 44], log: true };
  const seen: OpenbRun[] = [];
  const one = await runOpenB({ ...options, threads: 1 }, ({ run }) => seen.push(run));
  const three = await runOpenB({ ...options, threads: 3 });
  assert.is(JSON.stringify(one), JSON.stringify(three));
  assert.equal(
    one.map(({ policy, seed }) => `${policy} ${seed}`),
    ['FGD 43', 'FGD 42', 'FGD 44', 'Random 43', 'Random 42', 'Random 44'],
  );
  assert.is(seen.length, 6);
  assert.equal(one[1], runExperiment(trace, 'FGD', 42, corePlacer, { log: true }));
});

test('OpenB run: 131 points in every series, for every policy', () => {
  const tiny = smallTrace(200);
  for (const policy of POLICIES) {
    for (const values of Object.values(runExperiment(tiny, policy, 1, corePlacer).series)) {
      assert.is(values.length, 131);
      assert.ok(values.every(Number.isFinite));
    }
  }
});

test('OpenB run: the whole table ends where the published runs do', () => {
  const whole = openbTrace();
  const idle = (policy: 'FGD' | 'BestFit'): number =>
    100 - runExperiment(whole, policy, 42, corePlacer).series.alloc_pct[130];
  assert.ok(Math.abs(idle('FGD') - 4.61) < 0.5);
  assert.ok(Math.abs(idle('BestFit') - 6.92) < 0.5);
});

test.run();
