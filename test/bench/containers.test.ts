/** The benchmark of real containers: what a wrong word meets. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const script = fileURLToPath(new URL('../../bench/containers.bench.ts', import.meta.url));

test('bench:containers: an unknown part is told, with the ones there are', () => {
  const { status, stderr } = spawnSync(process.execPath, [script, 'rollout'], { encoding: 'utf8', timeout: 60_000 });
  assert.is(status, 2);
  assert.match(stderr, /usage: bench:containers \[rollouts\|nftables\|userspace\|first\|idle/);
});

test.run();
