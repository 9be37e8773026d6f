/** Every row that made-up nodes do for as a test of its own, on one cluster. `npm run conformance` runs the same, and the others. */
import { suite } from 'uvu';
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

test.run();
