import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../core/cluster/listers.ts';
import { defaultProfile } from '../../../core/scheduler/profile.ts';
import { Nominator } from '../../../core/scheduler/queue/nominator.ts';
import { ScheduleOne } from '../../../core/scheduler/schedule-one.ts';
import { FakeDecider, type FakeNode, fakePod } from '../../support/fake-decider.ts';

/** What section 5.3 says of one pod, over lists: where it starts, what it sees, where the next one starts. */
function walkOnce(fits: boolean[], start: number, wanted: number, nominated: number) {
  if (nominated >= 0 && fits[nominated]) return { evaluated: 1, feasible: 1, next: start };
  const turned = fits.map((_, i) => (start + i) % fits.length);
  const fitting = turned.filter((n) => fits[n]);
  const end = fitting.length > wanted ? turned.indexOf(fitting[wanted]) : turned.length;
  const seen = new Set(turned.slice(0, end));
  if (nominated >= 0) seen.add(nominated);
  return { evaluated: seen.size, feasible: Math.min(fitting.length, wanted), next: (start + seen.size) % fits.length };
}

// Just above 100 nodes, where the walk may stop early; rejections come in runs, so that the tail after the last is hit.
const cluster = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 12 })), { minLength: 20, maxLength: 30 });
const nominations = fc.array(fc.option(fc.nat(200)), { minLength: 1, maxLength: 6 });

test('schedule one: sees as many nodes as the rule over lists says, pod after pod', () => {
  fc.assert(
    fc.property(cluster, nominations, (runs, pods) => {
      const fits = runs.flatMap(([fit, length]) => Array<boolean>(length).fill(fit));
      const nodes = fits.map((fit, n): FakeNode => ({ name: `n${n}`, total: fit ? 1 : undefined }));
      const profile = { ...defaultProfile(), percentageOfNodesToScore: 1 };
      const wanted = Math.min(fits.length, 100);
      const scheduler = new ScheduleOne({
        decider: new FakeDecider(nodes),
        profiles: [profile],
        listers: new Listers(),
        nominated: new Nominator(),
      });
      let start = 0;
      for (const nominated of pods) {
        const expected = walkOnce(fits, start, wanted, nominated !== null && nominated < fits.length ? nominated : -1);
        const pod = fakePod('p', { nominatedNodeName: nominated === null ? undefined : `n${nominated}` });
        const { evaluated, feasible } = scheduler.schedule(pod);
        assert.equal({ evaluated, feasible }, { evaluated: expected.evaluated, feasible: expected.feasible });
        start = expected.next;
      }
    }),
    { numRuns: 500 },
  );
});

test.run();
