/** The rollout benchmark on a small cut: pods that are processes are replaced under load, and no request fails. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RolloutResults } from '../../bench/rollouts.bench.ts';

const script = fileURLToPath(new URL('../../bench/rollouts.bench.ts', import.meta.url));
const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', timeout: 120_000 });

test('bench:rollouts --smoke: nothing fails where pods are drained and then ended, and much where they are ended first', () => {
  const { status, stdout, stderr } = run('--smoke', '-o', 'json');
  assert.is(status, 0, stderr + stdout);
  const { rows } = JSON.parse(stdout) as RolloutResults;
  assert.equal(
    rows.map(({ protocol, order }) => `${protocol}: ${order}`),
    ['http: drain, then end', 'http: end, then tell', 'tcp: drain, then end', 'tcp: end, then tell'],
  );
  for (const { protocol, order, kept, short, failed, reasons, retries } of rows) {
    assert.ok(kept > 0 && short > 0, `${protocol}, ${order}`);
    if (order === 'drain, then end') assert.equal([failed, reasons, retries], [0, {}, 0]);
    else assert.ok(failed > 0, `${protocol}: the naive order fails requests`);
  }
});

test('bench:rollouts: a wrong number is told', () => {
  const { status, stderr } = run('--rollouts', 'many');
  assert.is(status, 2);
  assert.match(stderr, /usage: bench:rollouts/);
});

test.run();
