/** A few rows of each area against containers on an engine of the test's own; `npm run conformance` runs them all. */
import { suite } from 'uvu';
import { enterOwnNetwork } from '../support/own-network.ts';
import { startContainerWorld, type World } from './kit/world.ts';
import { CONTAINER_ROWS } from './rows/rows.ts';

const AT_ONCE = 4;

enterOwnNetwork();
const test = suite<{ world: World }>('conformance with containers');
const world = await startContainerWorld();
if (world) {
  const few = CONTAINER_ROWS.filter(({ telling }) => telling);
  const outcomes = new Map<string, PromiseSettledResult<void>>();
  test.before(async () => {
    const left = [...few];
    const oneAfterAnother = async (): Promise<void> => {
      for (let row = left.shift(); row; row = left.shift()) {
        const [outcome] = await Promise.allSettled([world.run(row)]);
        outcomes.set(row.id, outcome);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, oneAfterAnother));
  });
  test.after(() => world.stop());
  for (const { id } of few) {
    test(id, () => {
      const outcome = outcomes.get(id);
      if (outcome?.status === 'rejected') throw outcome.reason;
    });
  }
} else {
  test('is skipped', () => {});
}
test.run();
