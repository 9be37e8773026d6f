/** Every row as a test of its own, on one cluster. `npm run conformance` runs the same and counts what is not attempted. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readChecklist } from './checklist.ts';
import { hasKubectl, NEEDS_KUBECTL } from './kit/kubectl.ts';
import { startWorld, type World } from './kit/world.ts';
import { ROWS } from './rows/rows.ts';

const skipped: ReadonlySet<string> = hasKubectl() ? new Set() : NEEDS_KUBECTL;
if (skipped.size > 0 && process.env.CI === 'true' && process.env.KEELSON_NO_KUBECTL !== '1') {
  throw new Error('kubectl is missing, and CI skips nothing');
}
if (skipped.size > 0) console.log(`skipped: ${[...skipped].join(', ')}: there is no kubectl`);

const test = suite<{ world: World }>('conformance');
test.before(async (context) => {
  context.world = await startWorld();
});
test.after(({ world }) => world.stop());

for (const row of ROWS) {
  if (!skipped.has(row.id)) test(row.id, ({ world }) => world.run(row));
}

const checklist = readChecklist();
if (checklist) {
  test('every row of tier api is there, and none is there twice or made up', () => {
    const ids = ROWS.map(({ id }) => id);
    assert.is(new Set(ids).size, ids.length);
    const known = new Set(checklist.map(({ id }) => id));
    assert.equal(
      ids.filter((id) => !known.has(id)),
      [],
    );
    const missing = checklist.filter(({ id, tier }) => tier === 'api' && !ids.includes(id));
    assert.equal(
      missing.map(({ id }) => id),
      [],
    );
  });
}

test.run();
