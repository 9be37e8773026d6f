/** Faults around real containers, in short: `npm run faults` has them in full, with figures. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startDockerd } from '../../../support/dockerd.ts';
import { FaultCluster } from './cluster.ts';
import { diskFull } from './disk-full.ts';
import { engineOutage } from './engine-outage.ts';
import { imageFaults } from './image-faults.ts';
import { keelsonKills } from './keelson-kills.ts';
import { outsideKills } from './outside-kills.ts';

const dockerd = await startDockerd();

if (dockerd) {
  test.after.each(() => FaultCluster.endAll());
  test.after(() => dockerd.close());

  test('three kills while pods come and go: none lost or doubled, no container started again or left over', async () => {
    const { problems, adopted } = await keelsonKills(dockerd, { kills: 3, seed: 5 });
    assert.equal(problems, []);
    assert.ok(adopted > 0, 'some ran at a kill');
  });

  test('containers and sandboxes killed and removed from outside start again by their policy, and say so', async () => {
    const { problems } = await outsideKills(dockerd, { backOff: false });
    assert.equal(problems, []);
  });

  test('images that are missing, registries that refuse: said as kubelets say it; the right login of several is found', async () => {
    const { problems } = await imageFaults(dockerd, { heal: false });
    assert.equal(problems, []);
  });

  test('a full disk refuses writes with the reason; reads and containers go on, and nothing that was answered is lost', async () => {
    const { problems } = await diskFull(dockerd, { megabytes: 16, awayMs: 300 });
    assert.equal(problems, []);
  });

  test('an engine that ends its containers, and comes back: each starts again once by its policy, none is doubled', async () => {
    const { problems, notReadyMs } = await engineOutage(dockerd, { liveRestore: false, awayMs: 1000 });
    assert.equal(problems, []);
    assert.is(notReadyMs, undefined, 'a restart of the engine leaves the node ready');
  });
}

test.run();
