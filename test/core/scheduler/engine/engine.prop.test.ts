/** The engine remembers; the scan looks anew each time. Under churn both say the same, by every tie rule. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EngineDecider } from '../../../../core/scheduler/engine/decider.ts';
import { ScanDecider } from '../../../../core/scheduler/scan/decider.ts';
import { decideCase } from '../../../../sim/replay/decide.ts';
import { sequenceCases } from '../../../support/arbitraries.ts';
import { play, world } from '../../../support/played.ts';

test('engine equals scan where nobody asks why a pod fits nowhere, and then needs no scan for that', () => {
  fc.assert(
    fc.property(sequenceCases({ steps: 25, templates: 2 }), (recorded) => {
      const scan = world((options) => new ScanDecider(options), 'order', 0, false);
      const made: EngineDecider[] = [];
      const engine = world((options) => (made[0] = new EngineDecider(options)), 'order', 0, false);
      assert.equal(play(recorded, engine), play(recorded, scan));
      const [{ scans, cluster }] = made;
      if (cluster.nodeCount > 0 && !recorded.steps.some(({ op }) => op === 'nodeDelete')) {
        assert.is(scans.get('no node fits'), undefined);
      }
    }),
    { numRuns: 200 },
  );
});

for (const tieRule of ['order', 'first', 'random'] as const) {
  test(`engine equals scan under churn, ties by '${tieRule}', and its classes equal a rebuild`, () => {
    fc.assert(
      fc.property(sequenceCases({ steps: 25, templates: 2 }), fc.constantFrom(0, 3, 32), (recorded, coarseValues) => {
        const scan = world((options) => new ScanDecider(options), tieRule);
        const engine = world((options) => new EngineDecider(options), tieRule, coarseValues);
        assert.equal(play(recorded, engine), play(recorded, scan));
      }),
      { numRuns: 400 },
    );
  });
}

test('engine equals reference, whole answers', () => {
  fc.assert(
    fc.property(sequenceCases({ steps: 25, templates: 3 }), (recorded) => {
      assert.equal(decideCase(recorded, 'engine'), decideCase(recorded, 'reference'));
    }),
    { numRuns: 250 },
  );
});

test.run();
