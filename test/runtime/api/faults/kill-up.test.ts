/** Ten kills; a hundred: npx node test/runtime/api/faults/kill-up.ts. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { killUpRounds } from './kill-up.ts';

test('keelson up is killed ten times under writes: none that was answered is lost, and watches go on without a gap', async () => {
  const { problems, answered, watched, unanswered } = await killUpRounds(10, 7);
  assert.equal(problems, []);
  assert.is(watched, answered + unanswered);
  assert.ok(answered > 0);
});

test.run();
