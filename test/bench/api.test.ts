/** The benchmark of the API on a small cut: it ends well, and prints every figure. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const script = fileURLToPath(new URL('../../bench/api.bench.ts', import.meta.url));

test('bench:api prints its figures', () => {
  const env = { ...process.env, BENCH: 'smoke' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8', env, timeout: 60_000 });
  assert.is(status, 0, stderr);
  for (const figure of [
    /^creates\/s in process, durable: [\d,.]+ \(/m,
    /^pods\/s from create to Running, 5 nodes: [\d,.]+ \(/m,
    /^ms for a list of 100 pods over HTTP: [\d,.]+ \(/m,
    /^idle for 300 ms: \d+\.\d\d % of a core, \d+ MB, \d+ bytes written$/m,
    /^ms until keelson up is ready: [\d,.]+ \(/m,
    /^creates\/s over HTTPS from 16 clients: [\d,.]+ \(/m,
    /^ms until ready again with 200 pods: [\d,.]+ \(/m,
  ])
    assert.match(stdout, figure);
});

test.run();
