import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bestCandidates, pickNode } from '../../../../core/scheduler/preemption/pick-node.ts';
import { fakePod } from '../../../support/fake-decider.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
/** Victims as priority or [priority, hour of start]. */
type VictimSpec = number | [priority: number, hour: number | undefined];

function candidate(nodeName: string, victims: VictimSpec[], pdbViolations = 0) {
  const pods = victims.map((victim, i) => {
    const [priority, hour] = Array.isArray(victim) ? victim : [victim, 0];
    const startTime = hour === undefined ? undefined : `2026-06-01T${String(hour).padStart(2, '0')}:00:00Z`;
    return fakePod(`${nodeName}-${i}`, { priority, startTime });
  });
  return { nodeName, victims: pods, pdbViolations };
}

const rows = [
  {
    name: '1: fewest budgets broken, whatever the priorities',
    of: [candidate('a', [1], 1), candidate('b', [900, 900, 900])],
    best: ['b'],
  },
  {
    name: '2: lowest priority of the most important victim, though the sum is higher',
    of: [candidate('a', [10]), candidate('b', [9, 9, 9])],
    best: ['b'],
  },
  {
    name: '3: smallest sum of priorities',
    of: [candidate('a', [9, 8]), candidate('b', [9, 7])],
    best: ['b'],
  },
  {
    name: '3: negative priorities still weigh, so fewer victims win by the sum',
    of: [candidate('a', [-5, -6]), candidate('b', [-5])],
    best: ['b'],
  },
  {
    name: '3: the lowest priority of all adds nothing to the sum, so 4 decides: fewest victims',
    of: [candidate('a', [5, -(2 ** 31)]), candidate('b', [5])],
    best: ['b'],
  },
  {
    name: '5: the latest start among the oldest of the most important',
    of: [candidate('a', [[5, 3]]), candidate('b', [[5, 4]]), candidate('c', [[5, 2]])],
    best: ['b'],
  },
  {
    name: '5: only victims of the highest priority count',
    of: [
      candidate('a', [
        [5, 3],
        [1, 9],
      ]),
      candidate('b', [
        [5, 4],
        [1, 0],
      ]),
    ],
    best: ['b'],
  },
  {
    name: '5: of several the earliest counts',
    of: [
      candidate('a', [
        [5, 1],
        [5, 9],
      ]),
      candidate('b', [
        [5, 2],
        [5, 3],
      ]),
    ],
    best: ['b'],
  },
  {
    name: '5: a victim without a start time counts as started now',
    of: [candidate('a', [[5, 11]]), candidate('b', [[5, undefined]])],
    best: ['b'],
  },
  {
    name: '6: what is equal in everything stays a tie, in the order given',
    of: [candidate('c', [5]), candidate('a', [5]), candidate('b', [6])],
    best: ['c', 'a'],
  },
  { name: 'one candidate needs no criterion', of: [candidate('a', [5], 7)], best: ['a'] },
];
for (const { name, of, best } of rows) {
  test(`pick node: ${name}`, () => {
    assert.equal(
      bestCandidates(of, NOW).map(({ nodeName }) => nodeName),
      best,
    );
    assert.is(pickNode(of, NOW).nodeName, best[0]);
  });
}

test('pick node: no candidates, nobody best', () => {
  assert.equal(bestCandidates([], NOW), []);
  assert.throws(() => pickNode([], NOW), /bug: a node is picked among no candidates/);
});

test.run();
