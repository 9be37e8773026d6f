/** The balancer's benchmarks on small cuts: every section runs, and the JSON has its shape. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PickRow } from '../../bench/balancer/picks.ts';
import published from '../../bench/results/2026-11-23-xeon-2-cores-balancer.json' with { type: 'json' };
import { POLICIES } from '../../core/index.ts';

const script = fileURLToPath(new URL('../../bench/balancer.bench.ts', import.meta.url));
const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', timeout: 120_000 });

test('bench:balancer --smoke: every section has the rows and fields of the published results', () => {
  const { status, stdout, stderr } = run('--smoke', '-o', 'json');
  assert.is(stderr, '');
  assert.is(status, 0);
  const results = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(shapeOf(results), shapeOf(published));
  const picks = results.picks as PickRow[];
  assert.equal(
    picks.map(({ policy }) => policy).slice(0, POLICIES.length),
    POLICIES.map(({ name }) => name),
  );
});

test('bench:balancer: an unknown section is told, with the ones there are', () => {
  const { status, stderr } = run('pics');
  assert.is(status, 2);
  assert.match(stderr, /usage: bench:balancer \[picks\|threads\|changes\|builds\|load/);
});

/** Names and kinds of values, at any depth; of lists the first row and the number of rows. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [value.length, shapeOf(value[0])];
  if (value === null || typeof value !== 'object') return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOf(each)]));
}

test.run();
