import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Pod, PodDisruptionBudget } from '../../../../core/objects/types.ts';
import { compileBudgets } from '../../../../core/scheduler/preemption/disruption.ts';
import { byImportance } from '../../../../core/scheduler/preemption/importance.ts';
import { selectVictims } from '../../../../core/scheduler/preemption/victims.ts';
import { FakeCycle, FULL, fakePod } from '../../../support/fake-decider.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const incoming = fakePod('incoming', { priority: 10 });
const pod = (name: string, priority: number, labels?: Record<string, string>): Pod =>
  fakePod(name, { priority, labels, startTime: '2026-06-01T00:00:00Z' });
const guard = (app: string, disruptionsAllowed: number): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: app, namespace: 'default' },
  spec: { selector: { matchLabels: { app } } },
  status: { disruptionsAllowed },
});

const rows: {
  name: string;
  pods: Pod[];
  slots: number;
  budgets?: PodDisruptionBudget[];
  victims?: string[];
  violations?: number;
  reasons?: string[];
}[] = [
  {
    name: 'a pod of equal priority is never a victim',
    pods: [pod('a', 10)],
    slots: 1,
    reasons: ['No preemption victims found for incoming pod'],
  },
  {
    name: 'an empty node has nobody to evict',
    pods: [],
    slots: 0,
    reasons: ['No preemption victims found for incoming pod'],
  },
  { name: 'evicting all is not enough', pods: [pod('a', 1), pod('b', 20)], slots: 1, reasons: FULL.reasons },
  {
    name: 'the least important goes, the others are given back',
    pods: [pod('a', 1), pod('b', 3), pod('c', 2)],
    slots: 3,
    victims: ['a'],
  },
  {
    name: 'victims come most important first',
    pods: [pod('a', 1), pod('b', 3), pod('c', 2)],
    slots: 2,
    victims: ['c', 'a'],
  },
  {
    name: 'a guarded pod stays before a more important one',
    pods: [pod('a', 1, { app: 'db' }), pod('b', 3)],
    slots: 2,
    budgets: [guard('db', 0)],
    victims: ['b'],
    violations: 0,
  },
  {
    name: 'broken budgets are counted, and all victims sorted together',
    pods: [pod('a', 3), pod('b', 1, { app: 'db' }), pod('c', 2, { app: 'db' })],
    slots: 2,
    budgets: [guard('db', 0)],
    victims: ['a', 'b'],
    violations: 1,
  },
  {
    name: 'a budget with room costs nothing',
    pods: [pod('a', 1, { app: 'db' })],
    slots: 1,
    budgets: [guard('db', 1)],
    victims: ['a'],
    violations: 0,
  },
  {
    name: 'a node that fits with everyone back contradicts itself',
    pods: [pod('a', 1)],
    slots: 2,
    reasons: ['expected at least one victim pod on node "n"'],
  },
];
for (const { name, pods, slots, budgets = [], victims, violations = 0, reasons } of rows) {
  test(`victims: ${name}`, () => {
    const found = selectVictims(new FakeCycle(incoming, [{ name: 'n', pods, slots }]), 0, compileBudgets(budgets), NOW);
    if ('victims' in found) {
      assert.equal(
        found.victims.map((p) => p.metadata.name),
        victims,
      );
      assert.is(found.pdbViolations, violations);
    } else {
      assert.equal(found.reasons, reasons);
    }
  });
}

test('importance: priority, then the earlier start; no start time, or none that can be read, is now', () => {
  const at = (name: string, priority: number, startTime?: string) => fakePod(name, { priority, startTime });
  const pods = [
    at('now', 1),
    at('late', 1, '2026-06-01T11:59:59Z'),
    at('early', 1, '2026-06-01T01:00:00Z'),
    at('unreadable', 1, 'yesterday'),
    at('top', 2),
    fakePod('none'),
  ];
  const names = byImportance(pods, NOW).map((p) => p.metadata.name);
  assert.equal(names, ['top', 'early', 'late', 'now', 'unreadable', 'none']);
});

test.run();
