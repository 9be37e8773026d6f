/** Classes built ahead, on any number of threads, decide as those do that are built when a pod asks for them. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Pod } from '../../../../core/objects/types.ts';
import { EngineDecider } from '../../../../core/scheduler/engine/decider.ts';
import { ScanDecider } from '../../../../core/scheduler/scan/decider.ts';
import type { SequenceCase } from '../../../../sim/replay/case.ts';
import { sequenceCases } from '../../../support/arbitraries.ts';
import { play, world } from '../../../support/played.ts';
import { SlowPool } from '../../../support/slow-pool.ts';

for (const workers of [1, 2, 4]) {
  const events: unknown[] = [];
  const pool = new SlowPool({ threads: workers + 1, onEvent: (event) => events.push(event), timeoutMs: 20_000 });
  let ahead = 0;

  test(`classes ahead: ${workers} workers, under churn, and each class equals a rebuild`, () => {
    const law = fc.property(
      sequenceCases({ steps: 25, templates: 3 }),
      fc.constantFrom(1 as const, 2 as const),
      fc.constantFrom(0, 32),
      fc.integer({ min: 1, max: 8 }),
      (recorded, buildFrom, coarseValues, every) => {
        const scan = world((options) => new ScanDecider(options), 'order');
        const made: EngineDecider[] = [];
        const limits = { buildFrom, coarseValues, onCredit: 2 };
        const engine = world((options) => {
          made[0] = new EngineDecider({ ...options, limits, pool, threadsFrom: 0 });
          return made[0];
        }, 'order');
        const [{ classCount }] = made;
        const pods = podsOf(recorded);
        // What comes is announced anew now and then, as batches do.
        let taken = 0;
        const played = play(recorded, engine, () => {
          if (taken++ % every === 0) engine.scheduler.expect(pods.slice(taken - 1));
        });
        ahead += made[0].classCount - classCount;
        assert.equal(played, play(recorded, scan));
      },
    );
    fc.assert(law, { numRuns: 150 });
  });

  test(`classes ahead: ${workers} workers, each has done its part`, async () => {
    assert.ok(ahead > 100);
    assert.ok(pool.chunksByWorker.length === workers && pool.chunksByWorker.every((chunks) => chunks > 0));
    assert.equal(events, []);
    await pool.close();
  });
}

function podsOf({ steps }: SequenceCase): Pod[] {
  return steps.flatMap((step) => (step.op === 'pod' ? [step.pod] : []));
}

test.run();
