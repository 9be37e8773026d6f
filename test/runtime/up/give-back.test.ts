/** What starting has left behind goes back when the process is at rest, and not before. */
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const SCRIPT = `
  const { giveBackAtRest } = await import('./runtime/up/give-back.ts');
  let garbage = [];
  for (let i = 0; i < 600_000; i++) {
    garbage.push({ i, text: [i] });
    if (garbage.length > 50_000) garbage = [];
  }
  garbage = [];
  const before = process.memoryUsage().heapTotal;
  giveBackAtRest();
  const began = performance.now();
  const look = setInterval(() => {
    const after = process.memoryUsage().heapTotal;
    if (after >= before / 2 && performance.now() - began < 30_000) return;
    clearInterval(look);
    console.log(JSON.stringify({ before, after }));
  }, 200);
`;

test('giveBackAtRest: a heap that is empty is given back', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', SCRIPT], { encoding: 'utf8' });
  assert.is(stderr, '');
  const { before, after } = JSON.parse(stdout) as { before: number; after: number };
  assert.ok(after < before / 2, `${before} bytes, then ${after}`);
});

test.run();
