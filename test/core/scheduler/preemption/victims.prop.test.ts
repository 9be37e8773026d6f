import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Pod, type PodDisruptionBudget, priorityOf } from '../../../../core/objects/types.ts';
import { compileBudgets } from '../../../../core/scheduler/preemption/disruption.ts';
import { selectVictims } from '../../../../core/scheduler/preemption/victims.ts';
import { FakeCycle, fakePod } from '../../../support/fake-decider.ts';

const INCOMING = 3;
const cluster = fc.record({
  // Priorities around the incoming pod's, and few start times, so that both decide.
  pods: fc.array(fc.record({ priority: fc.nat(5), hour: fc.nat(2), guarded: fc.boolean() }), { maxLength: 9 }),
  slots: fc.nat(10),
  allowed: fc.nat(3),
});
const podsOf = (specs: { priority: number; hour: number; guarded: boolean }[]): Pod[] =>
  specs.map(({ priority, hour, guarded }, i) =>
    fakePod(`p${i}`, { priority, startTime: `2026-06-01T0${hour}:00:00Z`, labels: { app: guarded ? 'db' : 'web' } }),
  );
const budget = (disruptionsAllowed: number): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'db', namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'db' } } },
  status: { disruptionsAllowed },
});

test('victims: as few as make room, of lower priority, and no more budget broken than must be', () => {
  fc.assert(
    fc.property(cluster, ({ pods: specs, slots, allowed }) => {
      const pods = podsOf(specs);
      const cycle = new FakeCycle(fakePod('incoming', { priority: INCOMING }), [{ name: 'n', pods, slots }]);
      const found = selectVictims(cycle, 0, compileBudgets([budget(allowed)]), 0);
      const lower = pods.filter((pod) => priorityOf(pod) < INCOMING);
      const needed = pods.length + 1 - slots;
      if (needed < 1 || needed > lower.length) {
        assert.not('victims' in found);
        return;
      }
      if (!('victims' in found)) return assert.unreachable('evictions would make room');
      assert.is(found.victims.length, needed);
      assert.ok(found.victims.every((pod) => priorityOf(pod) < INCOMING));
      const guarded = lower.filter((pod) => pod.metadata.labels?.app === 'db').length;
      const violating = Math.max(0, guarded - allowed);
      assert.is(found.pdbViolations, Math.max(0, needed - (lower.length - violating)));
      const importance = found.victims.map((pod) => priorityOf(pod));
      assert.equal(
        importance,
        [...importance].sort((a, b) => b - a),
      );
    }),
    { numRuns: 1000 },
  );
});

test('victims: without budgets they are the least important ones', () => {
  fc.assert(
    fc.property(cluster, ({ pods: specs, slots }) => {
      const pods = podsOf(specs);
      const cycle = new FakeCycle(fakePod('incoming', { priority: INCOMING }), [{ name: 'n', pods, slots }]);
      const found = selectVictims(cycle, 0, [], 0);
      if (!('victims' in found)) return;
      const weight = (pod: Pod): number => priorityOf(pod) * 10 - Number(pod.status?.startTime?.slice(12, 13));
      const spared = pods.filter((pod) => priorityOf(pod) < INCOMING && !found.victims.includes(pod));
      for (const pod of spared) for (const victim of found.victims) assert.ok(weight(pod) >= weight(victim));
    }),
    { numRuns: 1000 },
  );
});

test.run();
