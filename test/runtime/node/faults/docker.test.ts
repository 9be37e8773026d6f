/** Faults around real containers, in short: `npm run faults` has them in full, with figures. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startDockerd } from '../../../support/dockerd.ts';
import { keelsonKills } from './keelson-kills.ts';

const dockerd = await startDockerd();

if (dockerd) {
  test.after(() => dockerd.close());

  test('three kills while pods come and go: none lost or doubled, no container started again or left over', async () => {
    const { problems, adopted } = await keelsonKills(dockerd, { kills: 3, seed: 5 });
    assert.equal(problems, []);
    assert.ok(adopted > 0, 'some ran at a kill');
  });
}

test.run();
