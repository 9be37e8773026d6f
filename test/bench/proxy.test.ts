/** The proxy benchmark on a small cut: every proxy forwards every kind of load, and the JSON has its shape. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ProxyResults } from '../../bench/proxy.bench.ts';

const script = fileURLToPath(new URL('../../bench/proxy.bench.ts', import.meta.url));
const run = (
  args: string[],
  env: NodeJS.ProcessEnv = process.env,
): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', timeout: 120_000, env });

test('bench:proxy --smoke: all that is installed forwards messages, connections, bytes and requests', () => {
  const { status, stdout, stderr } = run(['--smoke', '-o', 'json']);
  assert.is(status, 0, stderr);
  const { sections, skipped } = JSON.parse(stdout) as ProxyResults;
  assert.equal(
    sections.map(({ section }) => section),
    ['messages', 'connections', 'bulk', 'requests'],
  );
  for (const { section, rows } of sections) {
    const [ours] = rows;
    assert.is(ours.proxy, 'keelson');
    assert.equal([ours.ratio.median, ours.ratio.samples], [1, 1]);
    for (const { proxy, cost, rate } of rows) assert.ok(cost.median > 0 && rate.median > 0, `${section}, ${proxy}`);
  }
  for (const name of skipped) {
    console.log(`SKIPPED: ${name} is not installed`);
    assert.match(stderr, new RegExp(`skipped: ${name} is not installed`));
  }
  assert.ok(process.env.CI !== 'true' || skipped.length === 0, `CI has ${skipped.join(', ')} installed`);
});

test('bench:proxy: peers that are not installed are skipped aloud', () => {
  const { status, stdout, stderr } = run(['--smoke', 'messages'], { ...process.env, PATH: '/nowhere' });
  assert.is(status, 0, stderr);
  assert.match(stderr, /^skipped: nginx stream is not installed/m);
  assert.match(stderr, /^skipped: HAProxy tcp is not installed/m);
  assert.match(stdout, /^keelson .*\n?Node pipe /m);
});

test('bench:proxy: an unknown section is told, with the ones there are', () => {
  const { status, stderr } = run(['mesages']);
  assert.is(status, 2);
  assert.match(stderr, /usage: bench:proxy \[messages\|connections\|bulk\|requests/);
});

test.run();
