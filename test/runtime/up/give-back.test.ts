/** What starting, or a burst of work, has left behind goes back when the process is at rest, and not before. */
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const SCRIPT = `
  const { giveBackAtRest } = await import('./runtime/up/give-back.ts');
  function work() {
    let garbage = [];
    for (let i = 0; i < 600_000; i++) {
      garbage.push({ i, text: [i] });
      if (garbage.length > 50_000) garbage = [];
    }
    return process.memoryUsage().heapTotal;
  }
  async function givenBack(before) {
    const began = performance.now();
    for (;;) {
      const after = process.memoryUsage().heapTotal;
      if (after < before / 2 || performance.now() - began > 30_000) return { before, after };
      await new Promise((next) => setTimeout(next, 200));
    }
  }
  const first = work();
  giveBackAtRest(0);
  const rows = [await givenBack(first)];
  rows.push(await givenBack(work()));
  console.log(JSON.stringify(rows));
`;

test('giveBackAtRest: a heap that is empty is given back, and again after more work', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', SCRIPT], { encoding: 'utf8' });
  assert.is(stderr, '');
  const rows = JSON.parse(stdout) as { before: number; after: number }[];
  for (const { before, after } of rows) assert.ok(after < before / 2, `${before} bytes, then ${after}`);
});

test.run();
