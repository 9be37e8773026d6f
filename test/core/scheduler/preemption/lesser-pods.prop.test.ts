/** Lesser pods come in the order that byImportance gives, whatever row was looked at before. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PlacedPod } from '../../../../core/cluster/placed-pod.ts';
import { type Pod, priorityOf } from '../../../../core/objects/types.ts';
import { byImportance, startTimeOf } from '../../../../core/scheduler/preemption/importance.ts';
import { LesserPods } from '../../../../core/scheduler/preemption/lesser-pods.ts';
import { pod } from '../../../support/builders.ts';

const NOW = Date.UTC(2026, 3, 1, 0, 2);
const START_TIMES = [undefined, 'soon', '', '2026-04-01T00:00:00Z', '2026-04-01T00:02:00Z', '2026-04-01T00:05:00Z'];

const row = fc.array(
  fc.record({ priority: fc.integer({ min: -2, max: 3 }), startTime: fc.constantFrom(...START_TIMES) }),
  { maxLength: 90, size: 'max' },
);

const placed = (of: Pod): PlacedPod => ({ request: { pod: of, priority: priorityOf(of) } }) as PlacedPod;

test('lesser pods: the same as by importance, with the time of asking for those without a start', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), fc.integer({ min: -2, max: 4 }), (rows, below) => {
      const lesser = new LesserPods();
      for (const list of rows) {
        const pods = list.map(({ priority, startTime }, i) => pod(`p${i}`, { priority, status: { startTime } }));
        const expected = byImportance(
          pods.filter((other) => priorityOf(other) < below),
          NOW,
        );
        lesser.gather(pods.map(placed), below, NOW);
        const places = Array.from({ length: lesser.count }, (_, i) => i);
        assert.equal(
          places.map((i) => lesser.at(i).pod.metadata.name),
          expected.map(({ metadata }) => metadata.name),
        );
        assert.equal(
          places.map((i) => lesser.startAt(i)),
          expected.map((other) => startTimeOf(other, NOW)),
        );
        assert.is(
          lesser.undated,
          expected.some((other) => Number.isNaN(startTimeOf(other, Number.NaN))),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test.run();
