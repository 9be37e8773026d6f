/** The benchmark of worker threads on a small cluster: it runs, and the threads decide. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const BENCH = join(import.meta.dirname, '../../bench/workers.bench.ts');

test('bench workers --smoke: a row with workers awake and one with workers asleep', () => {
  const printed = execFileSync(process.execPath, [BENCH, '--smoke'], { timeout: 60_000, encoding: 'utf8' });
  assert.match(printed, /^200 +awake .+%$/m);
  assert.match(printed, /^200 +asleep .+%$/m);
});

test.run();
