/** The benchmark of the API on a small cut: it ends well, and prints every figure. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const script = fileURLToPath(new URL('../../bench/api.bench.ts', import.meta.url));

/** Those that the others are like. */
const PARTS = 'creates,end-to-end,lists,watchers,rest,memory';

test('bench:api prints its figures', () => {
  const env = { ...process.env, BENCH: 'smoke' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--only', PARTS], { encoding: 'utf8', env });
  assert.is(status, 0, stderr);
  for (const what of [
    'creates in process, durable (LMDB), 500 under way',
    'pods from create to Running, 5 made-up nodes, in a row 100',
    'a list of 100 running pods over HTTPS',
    'an event at 3 watchers over HTTP/2, 100 a connection, after its create was sent, 99 of 100',
    'an event at 3 watchers over HTTP/1.1, a connection each, after its create was sent, 99 of 100',
    'at rest: share of a core',
    'at rest: resident memory',
    'at rest: written to the disk in 0.3 s',
    'heap of the made-up nodes a pod, of 100, beside its object',
  ]) {
    const line = stdout.split('\n').find((one) => one.startsWith(`${what}: `));
    assert.match(line ?? `no line: ${what}`, /: -?[\d,.]+ \S+ \(-?[\d,.]+ to -?[\d,.]+\); to reach /);
  }
});

test.run();
