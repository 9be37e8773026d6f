/** The benchmark of long-lived gRPC channels on a small cut: it balances, what is naive does not, and both are told. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const script = fileURLToPath(new URL('../../bench/grpc.bench.ts', import.meta.url));

test('bench:grpc: two endpoints become four: even in turn, never by plain TCP', () => {
  // Time enough also on a machine that does much else: a run ends as soon as it is even.
  const args = ['--runs', '1', '--seconds', '8', '--channels', '2'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    timeout: 55_000,
  });
  assert.is(status, 0, stderr);
  // Those that draw need many calls for it, and on a busy machine there are few.
  for (const policy of ['random', 'least request'])
    assert.match(stdout, new RegExp(`^keelson, ${policy} \\| until even: `, 'm'));
  assert.match(stdout, /^keelson, round robin \| until even: \d+ /m);
  assert.match(
    stdout,
    /^naive: plain TCP \| until even: 0 of 1 runs even within 8 s \| max\/mean at the end: [2-4]\.\d\d /m,
  );
});

test.run();
